package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OsLinesTest {
  private static final String CHARGED =
      "OS #101:utime=401,stime=402,inblock=403,outblock=404,minflt=405,majflt=406,nvcsw=407,"
          + "nivcsw=408,";

  @Test
  void anExecutionSaysWhatTheKernelHasChargedForIt() {
    assertThat(line(TraceForm.FULL, charged()))
        .isEqualTo(CHARGED + "src=rusage,tim=1769860800123456\n");
  }

  @Test
  void aSampleHasMoreFiguresAndSaysHowFarApartTheTwoWere() {
    assertThat(line(TraceForm.FULL, sampled()))
        .isEqualTo(
            CHARGED
                + "rchar=501,wchar=502,read_bytes=503,write_bytes=504,rss=505,run_delay=506,"
                + "src=proc,tim=1769860800123456 span=507\n");
  }

  @Test
  void aSampleThatIsNotOfTheStatementAloneSaysSo() {
    OsRecord r = sampled();
    r.isApproximate = true;
    assertThat(line(TraceForm.FULL, r)).endsWith(" span=507 approximate\n");
  }

  @Test
  void aStatementThatGoesOnSaysSo() {
    OsRecord r = sampled();
    r.isRunning = true;
    assertThat(line(TraceForm.FULL, r)).endsWith(" span=507 running\n");
  }

  @Test
  void whatItSharesWithOthersIsSaidWhereThereIsAny() {
    OsRecord r = sampled();
    r.throttledUs = 601;
    r.cpuPressureUs = 602;
    r.ioPressureUs = 603;
    r.memoryPressureUs = 0;
    r.diskBusyUs = 605;
    r.isApproximate = true;
    assertThat(line(TraceForm.FULL, r))
        .endsWith(
            " span=507 throttled=601 cpu_pressure=602 io_pressure=603 disk_busy=605 approximate\n");
  }

  @Test
  void whatCouldNotBeReadIsLeftOut() {
    OsRecord r = sampled();
    r.inBlocks = OsRecord.UNKNOWN;
    r.outBlocks = OsRecord.UNKNOWN;
    r.readChars = OsRecord.UNKNOWN;
    r.writtenChars = OsRecord.UNKNOWN;
    r.readBytes = OsRecord.UNKNOWN;
    r.writtenBytes = OsRecord.UNKNOWN;
    assertThat(line(TraceForm.FULL, r))
        .isEqualTo(
            "OS #101:utime=401,stime=402,minflt=405,majflt=406,nvcsw=407,nivcsw=408,rss=505,"
                + "run_delay=506,src=proc,tim=1769860800123456 span=507\n");
  }

  @Test
  void aWorkersLineHasItsNumber() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.setWorker(2);
    t.writer.os(charged());
    assertThat(t.take()).isEqualTo(CHARGED + "src=rusage,tim=1769860800123456 px=1\n");
  }

  @Test
  void strictFormHasNone() {
    assertThat(line(TraceForm.STRICT, charged())).isEmpty();
  }

  private static OsRecord charged() {
    OsRecord r = new OsRecord();
    r.cursor = 101;
    r.userUs = 401;
    r.systemUs = 402;
    r.inBlocks = 403;
    r.outBlocks = 404;
    r.minorFaults = 405;
    r.majorFaults = 406;
    r.voluntarySwitches = 407;
    r.involuntarySwitches = 408;
    r.tim = Text.TIM;
    return r;
  }

  private static OsRecord sampled() {
    OsRecord r = charged();
    r.source = OsSource.PROC;
    r.readChars = 501;
    r.writtenChars = 502;
    r.readBytes = 503;
    r.writtenBytes = 504;
    r.residentBytes = 505;
    r.runDelayUs = 506;
    r.spanUs = 507;
    return r;
  }

  private static String line(TraceForm form, OsRecord r) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.os(r);
    return t.take();
  }
}
