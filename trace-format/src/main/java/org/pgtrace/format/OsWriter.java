package org.pgtrace.format;

/** Writes OS lines, without their end. */
final class OsWriter {
  private final TraceBuffer out;

  OsWriter(TraceBuffer out) {
    this.out = out;
  }

  void write(OsRecord r) {
    out.ascii("OS #");
    out.decimal(r.cursor);
    out.put(':');
    field("utime=", r.userUs);
    field("stime=", r.systemUs);
    field("inblock=", r.inBlocks);
    field("outblock=", r.outBlocks);
    field("minflt=", r.minorFaults);
    field("majflt=", r.majorFaults);
    field("nvcsw=", r.voluntarySwitches);
    field("nivcsw=", r.involuntarySwitches);
    if (r.source == OsSource.PROC) {
      field("rchar=", r.readChars);
      field("wchar=", r.writtenChars);
      field("read_bytes=", r.readBytes);
      field("write_bytes=", r.writtenBytes);
      field("rss=", r.residentBytes);
      field("run_delay=", r.runDelayUs);
    }
    out.ascii("src=");
    out.ascii(r.source.label());
    out.ascii(",tim=");
    out.decimal(r.tim);
    if (r.source == OsSource.PROC) {
      out.ascii(" span=");
      out.decimal(r.spanUs);
      shared(" throttled=", r.throttledUs);
      shared(" cpu_pressure=", r.cpuPressureUs);
      shared(" io_pressure=", r.ioPressureUs);
      shared(" memory_pressure=", r.memoryPressureUs);
      shared(" disk_busy=", r.diskBusyUs);
      out.ascii(r.isApproximate ? " approximate" : "");
      out.ascii(r.isRunning ? " running" : "");
    }
  }

  /** What others have a part in is worth a word only where there is any. */
  private void shared(String label, long value) {
    if (value > 0) {
      out.ascii(label);
      out.decimal(value);
    }
  }

  private void field(String label, long value) {
    if (value != OsRecord.UNKNOWN) {
      out.ascii(label);
      out.decimal(value);
      out.put(',');
    }
  }
}
