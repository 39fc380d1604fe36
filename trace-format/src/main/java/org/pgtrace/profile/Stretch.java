package org.pgtrace.profile;

import org.pgtrace.format.SummaryRecord;

/** A part of a session of which no SUMMARY line has told yet; microseconds. */
final class Stretch {
  private long begin = Long.MAX_VALUE;
  private long end = Long.MIN_VALUE;

  /** CPU of the calls that the client asked for. */
  long cpuInCallsUs;

  /** CPU inside of waits between them. */
  long cpuBetweenUs;

  void takes(long from, long to) {
    begin = Math.min(begin, from);
    end = Math.max(end, to);
  }

  /** A moment that the session has reached, if it has begun. */
  void reaches(long tim) {
    end = begin == Long.MAX_VALUE ? end : Math.max(end, tim);
  }

  /** What there was so far is known by a SUMMARY line. */
  void summaryInto(SessionProfile session, SummaryRecord summary) {
    session.summaries++;
    session.wallUs += summary.elapsedUs;
    session.cpuUs += summary.cpuUs;
    session.summaryWaitUs += summary.waitUs;
    session.summaryThinkUs += summary.thinkUs;
    session.cpuInCallsUs += cpuInCallsUs;
    clear();
  }

  /** The rest has no SUMMARY line. */
  void restInto(SessionProfile session) {
    if (begin != Long.MAX_VALUE) {
      session.measured++;
      session.wallUs += end - begin;
      session.cpuUs += cpuInCallsUs + cpuBetweenUs;
      session.cpuInCallsUs += cpuInCallsUs;
    }
    clear();
  }

  private void clear() {
    begin = Long.MAX_VALUE;
    end = Long.MIN_VALUE;
    cpuInCallsUs = 0;
    cpuBetweenUs = 0;
  }
}
