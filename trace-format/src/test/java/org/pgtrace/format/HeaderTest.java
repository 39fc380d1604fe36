package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderTest {
  private static final String AT = " 2026-01-31T12:00:00.123456+00:00\n";

  private static final String HOST_AND_PROCESS =
      "System name:\tLinux\n"
          + "Node name:\tdb1\n"
          + "Release:\t6.1.0\n"
          + "Version:\t#1 SMP\n"
          + "Machine:\tx86_64\n"
          + "Instance name: main\n"
          + "Redo thread mounted by this instance: 1\n"
          + "Oracle process number: 7\n"
          + "Unix process pid: 4711, image: postgres@db1 (client backend)\n"
          + "\n"
          + Text.STAMP
          + "*** SESSION ID:(4711.3)"
          + AT
          + "*** CLIENT ID:()"
          + AT
          + "*** SERVICE NAME:(shop)"
          + AT
          + "*** MODULE NAME:(psql)"
          + AT
          + "*** ACTION NAME:()"
          + AT
          + "*** CLIENT IP:(10.0.2.2)"
          + AT;

  @Test
  void fullFormNamesPostgresqlRoleSettingsAndWhatIsMissing() {
    assertThat(header(TraceForm.FULL))
        .isEqualTo(
            "Trace file /traces/main_pg_4711.trc\n"
                + "PostgreSQL 15.20 (Debian 15.20-1), pg_trace 1.0, trace format 1\n"
                + HOST_AND_PROCESS
                + "*** USER NAME:(app)"
                + AT
                + "*** SETTINGS:(pg_trace.level=12, pg_trace.blocks=all)"
                + AT
                + "*** NOT AVAILABLE:(aio: before PostgreSQL 18)"
                + AT);
  }

  @Test
  void strictFormIsTheHeadOfAnOracle19cTrace() {
    assertThat(header(TraceForm.STRICT))
        .isEqualTo(
            "Trace file /traces/main_pg_4711.trc\n"
                + "Oracle Database 19c compatible Release 19.0.0.0.0"
                + " - written by pg_trace 1.0 for PostgreSQL 15.20\n"
                + HOST_AND_PROCESS);
  }

  @Test
  void theLineAfterTheHeadNeedsNoStamp() {
    WriterFixture t = WriterFixture.fresh(TraceForm.FULL);
    t.writer.header(header());
    t.take();
    t.writer.xctend(false, true, Text.TIM + 10);
    assertThat(t.take()).startsWith("XCTEND");
  }

  private static String header(TraceForm form) {
    WriterFixture t = WriterFixture.fresh(form);
    t.writer.header(header());
    return t.take();
  }

  private static TraceHeader header() {
    return new TraceHeader(
        "/traces/main_pg_4711.trc",
        new TraceHeader.Product("15.20 (Debian 15.20-1)", "1.0"),
        new TraceHeader.Host("Linux", "db1", "6.1.0", "#1 SMP", "x86_64"),
        new TraceHeader.ServerProcess("main", 7, 4711, "postgres@db1 (client backend)"),
        new TraceHeader.Session("4711.3", "shop", "psql", "", "", "10.0.2.2", "app"),
        List.of("pg_trace.level=12", "pg_trace.blocks=all"),
        List.of("aio: before PostgreSQL 18"),
        Text.TIM);
  }
}
