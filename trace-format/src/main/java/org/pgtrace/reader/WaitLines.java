package org.pgtrace.reader;

import org.pgtrace.format.ByteSpan;
import org.pgtrace.format.ForkNames;
import org.pgtrace.format.HitRecord;
import org.pgtrace.format.ReadTier;
import org.pgtrace.format.WaitLine;

/** Reads WAIT and HIT lines. */
final class WaitLines {
  private static final byte[] NAM = Scan.ascii(": nam='");
  private static final byte[] NAME_END = Scan.ascii("' ela=");
  private static final byte[] OBJ = Scan.ascii(" obj#=");
  private static final byte[] TIM = Scan.ascii(" tim=");
  private static final byte[] HIT_OBJ = Scan.ascii(": obj#=");
  private static final byte[] REL = Scan.ascii(" rel='");
  private static final byte[] FILE = Scan.ascii(" file#=");
  private static final byte[] FORK = Scan.ascii(" fork=");
  private static final byte[] BLOCKS = Scan.ascii(" blocks=");
  private static final byte[] NODE = Scan.ascii(" node=");
  private static final long BLOCK_MAX = 0xffff_ffffL;

  final WaitLine wait = new WaitLine();
  final HitRecord hits = new HitRecord();

  /** From behind {@code WAIT #}. */
  void wait(Scan s) {
    WaitLine w = wait;
    w.clearDetails();
    w.cursor = s.number();
    s.expect(NAM);
    w.name = s.nameTo('\'');
    s.moveTo(s.at() - 1);
    s.expect(NAME_END);
    // Not in 23c.
    s.skip(' ');
    w.elapsedUs = s.number();
    w.name1 = parameterName(s);
    w.value1 = s.number();
    w.name2 = parameterName(s);
    w.value2 = s.number();
    w.name3 = parameterName(s);
    w.value3 = s.number();
    w.hasObject = s.skip(OBJ);
    w.objectId = w.hasObject ? s.number() : -1;
    w.tim = s.skip(TIM) ? s.number() : WaitLine.NONE;
  }

  private static String parameterName(Scan s) {
    s.expect(' ');
    return s.nameTo('=');
  }

  /** The fields after {@code tim} of the full form; stops at what is none. */
  void details(Scan s) {
    while (!s.hasFailed() && s.peek() == ' ' && !s.startsWith(Beginnings.WORKER)) {
      int from = s.at();
      s.moveTo(from + 1);
      if (s.indexOf('=') < 0) {
        s.moveTo(from);
        return;
      }
      detail(s, s.nameTo('='));
    }
  }

  private void detail(Scan s, String key) {
    WaitLine w = wait;
    switch (key) {
      case "pg" -> w.pg = text(s);
      case "node" -> w.node = s.smallNumber();
      case "cpu" -> w.cpuUs = s.number();
      case "rel" -> w.relation = text(s);
      case "fork" -> w.fork = text(s);
      case "spc" -> w.tablespace = s.number();
      case "db" -> w.database = s.number();
      case "tier" -> w.tier = tier(s);
      case "file" -> w.file = text(s);
      case "holder" -> w.holder = s.number();
      case "lock" -> w.lock = text(s);
      case "mode" -> w.lockMode = text(s);
      case "target" -> w.target = text(s);
      case "by" -> w.by = text(s);
      case "src" -> w.isByKernel = text(s).equals("ebpf");
      default -> s.fail();
    }
  }

  private static ReadTier tier(Scan s) {
    return switch (text(s)) {
      case "disk" -> ReadTier.DISK;
      case "cache" -> ReadTier.CACHE;
      default -> {
        s.fail();
        yield ReadTier.UNKNOWN;
      }
    };
  }

  /** A value in apostrophes, or bare up to the next space. */
  static String text(Scan s) {
    return s.skip('\'') ? s.nameTo('\'') : s.nameBefore(' ');
  }

  /** From behind {@code HIT #}. */
  void hits(Scan s) {
    HitRecord h = hits;
    h.clearSpans();
    h.cursor = s.number();
    h.objectId = s.number(HIT_OBJ);
    h.relation.clear();
    h.relationFile = 0;
    if (s.skip(REL)) {
      s.spanTo('\'', h.relation);
    } else {
      h.relationFile = s.number(FILE);
    }
    h.fork = s.skip(FORK) ? fork(s) : HitRecord.UNKNOWN;
    s.expect(BLOCKS);
    do {
      span(s, h);
    } while (!s.hasFailed() && s.skip(','));
    h.node = s.skip(NODE) ? s.smallNumber() : 0;
    h.tim = s.number(TIM);
  }

  private static long fork(Scan s) {
    int number = ForkNames.number(s.nameBefore(' '));
    if (number < 0) {
      s.fail();
    }
    return number;
  }

  private static void span(Scan s, HitRecord h) {
    if (s.skip('?')) {
      h.addGuess(HitRecord.UNKNOWN);
    } else if (s.skip('~')) {
      h.addGuess(block(s));
    } else {
      long first = block(s);
      long last = s.skip('-') ? block(s) : first;
      if (last < first) {
        s.fail();
      }
      h.addSpan(first, last - first + 1);
    }
  }

  private static long block(Scan s) {
    long block = s.number();
    if (block < 0 || block > BLOCK_MAX) {
      s.fail();
      return 0;
    }
    return block;
  }

  static void span(Scan s, byte[] label, ByteSpan span) {
    if (s.skip(label)) {
      s.spanTo('\'', span);
    } else {
      span.clear();
    }
  }
}
