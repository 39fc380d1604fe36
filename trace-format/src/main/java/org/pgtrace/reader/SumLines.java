package org.pgtrace.reader;

import org.pgtrace.format.KernelSumRecord;
import org.pgtrace.format.OsRecord;
import org.pgtrace.format.OsSource;
import org.pgtrace.format.SummaryRecord;
import org.pgtrace.format.SystemCallRecord;

/** Reads SUMMARY, OS and SYSCALL lines. */
final class SumLines {
  private static final byte[] SUMMARY_E = Scan.ascii(":e=");
  private static final byte[] SUMMARY_C = Scan.ascii(",c=");
  private static final byte[] WAITS = Scan.ascii(",waits=");
  private static final byte[] UNACCOUNTED = Scan.ascii(",unaccounted=");
  private static final byte[] CR = Scan.ascii(",cr=");
  private static final byte[] HIT = Scan.ascii(",hit=");
  private static final byte[] READ = Scan.ascii(",read=");
  private static final byte[] DISK = Scan.ascii(",disk=");
  private static final byte[] CACHE = Scan.ascii(",cache=");
  private static final byte[] THINK = Scan.ascii(",think=");
  private static final byte[] COMMA_TIM = Scan.ascii(",tim=");
  private static final byte[] WORKERS = Scan.ascii(" workers=");
  private static final byte[] PX_CR = Scan.ascii(" px_cr=");
  private static final byte[] PX_HIT = Scan.ascii(" px_hit=");
  private static final byte[] PX_READ = Scan.ascii(" px_read=");
  private static final byte[] PX_E = Scan.ascii(" px_e=");
  private static final byte[] PX_C = Scan.ascii(" px_c=");
  private static final byte[] READS = Scan.ascii(":reads=");
  private static final byte[] APPROXIMATE = Scan.ascii(" approximate");
  private static final byte[] RUNNING = Scan.ascii(" running");
  private static final byte[] INCOMPLETE = Scan.ascii(" incomplete");
  private static final byte[] NAM = Scan.ascii(": nam='");
  private static final byte[] ELA = Scan.ascii(" ela= ");
  private static final byte[] FD = Scan.ascii(" fd=");
  private static final byte[] OFFSET = Scan.ascii(" offset=");
  private static final byte[] BYTES = Scan.ascii(" bytes=");
  private static final byte[] OBJ = Scan.ascii(" obj#=");
  private static final byte[] TIM = Scan.ascii(" tim=");
  private static final byte[] FILE = Scan.ascii(" file='");
  private static final byte[] REL = Scan.ascii(" rel='");
  private static final byte[] BLOCK = Scan.ascii(" block#=");
  private static final byte[] REQUESTS = Scan.ascii(" requests=");
  private static final byte[] REQUEST_BYTES = Scan.ascii(" request_bytes=");
  private static final byte[] DEVICE = Scan.ascii(" device=");
  private static final byte[] SOURCE = Scan.ascii(" src=ebpf");

  final SummaryRecord summary = new SummaryRecord();
  final KernelSumRecord kernelSum = new KernelSumRecord();
  final SystemCallRecord systemCall = new SystemCallRecord();
  OsRecord os = new OsRecord();

  /** Whether the line's own sums add up. */
  boolean addsUp;

  /** From behind {@code SUMMARY #}. */
  void summary(Scan s) {
    SummaryRecord r = summary;
    r.cursor = s.number();
    r.elapsedUs = s.number(SUMMARY_E);
    r.cpuUs = s.number(SUMMARY_C);
    r.waitUs = s.number(WAITS);
    long unaccounted = s.number(UNACCOUNTED);
    long gets = s.number(CR);
    r.hits = s.number(HIT);
    r.reads = s.number(READ);
    r.diskBlocks = s.number(DISK);
    r.cacheBlocks = s.number(CACHE);
    r.thinkUs = s.skip(THINK) ? s.number() : 0;
    r.tim = s.number(COMMA_TIM);
    r.workers = 0;
    r.workersElapsedUs = 0;
    r.workersCpuUs = 0;
    r.workersHits = 0;
    r.workersReads = 0;
    boolean workersAddUp = true;
    if (s.skip(WORKERS)) {
      r.workers = s.number();
      long workersGets = s.number(PX_CR);
      r.workersHits = s.number(PX_HIT);
      r.workersReads = s.number(PX_READ);
      r.workersElapsedUs = s.number(PX_E);
      r.workersCpuUs = s.number(PX_C);
      workersAddUp = workersGets == r.workersHits + r.workersReads;
    }
    addsUp =
        workersAddUp && gets == r.hits + r.reads && unaccounted == r.elapsedUs - r.cpuUs - r.waitUs;
  }

  /** From behind {@code OS #}; whether it is of the kernel's probes. */
  boolean os(Scan s) {
    long cursor = s.number();
    boolean isKernelSum = s.startsWith(READS);
    s.expect(':');
    if (isKernelSum) {
      kernelSum(s, cursor);
    } else {
      os = new OsRecord();
      os.cursor = cursor;
      clear(os);
      fields(s);
    }
    return isKernelSum;
  }

  private static void clear(OsRecord r) {
    r.userUs = OsRecord.UNKNOWN;
    r.systemUs = OsRecord.UNKNOWN;
    r.inBlocks = OsRecord.UNKNOWN;
    r.outBlocks = OsRecord.UNKNOWN;
    r.minorFaults = OsRecord.UNKNOWN;
    r.majorFaults = OsRecord.UNKNOWN;
    r.voluntarySwitches = OsRecord.UNKNOWN;
    r.involuntarySwitches = OsRecord.UNKNOWN;
    r.readChars = OsRecord.UNKNOWN;
    r.writtenChars = OsRecord.UNKNOWN;
    r.readBytes = OsRecord.UNKNOWN;
    r.writtenBytes = OsRecord.UNKNOWN;
    r.residentBytes = OsRecord.UNKNOWN;
    r.runDelayUs = OsRecord.UNKNOWN;
  }

  private void fields(Scan s) {
    boolean isLast = false;
    while (!isLast && !s.hasFailed()) {
      String key = s.nameTo('=');
      isLast = key.equals("tim");
      if (key.equals("src")) {
        source(s);
      } else {
        field(s, key, s.number());
      }
      if (!isLast) {
        s.expect(',');
      }
    }
    while (!s.hasFailed() && s.peek() == ' ' && !s.startsWith(Beginnings.WORKER)) {
      label(s);
    }
  }

  private void source(Scan s) {
    switch (s.nameBefore(',')) {
      case "rusage" -> os.source = OsSource.RUSAGE;
      case "proc" -> os.source = OsSource.PROC;
      default -> s.fail();
    }
  }

  private void field(Scan s, String key, long value) {
    switch (key) {
      case "utime" -> os.userUs = value;
      case "stime" -> os.systemUs = value;
      case "inblock" -> os.inBlocks = value;
      case "outblock" -> os.outBlocks = value;
      case "minflt" -> os.minorFaults = value;
      case "majflt" -> os.majorFaults = value;
      case "nvcsw" -> os.voluntarySwitches = value;
      case "nivcsw" -> os.involuntarySwitches = value;
      case "rchar" -> os.readChars = value;
      case "wchar" -> os.writtenChars = value;
      case "read_bytes" -> os.readBytes = value;
      case "write_bytes" -> os.writtenBytes = value;
      case "rss" -> os.residentBytes = value;
      case "run_delay" -> os.runDelayUs = value;
      case "tim" -> os.tim = value;
      default -> s.fail();
    }
  }

  private void label(Scan s) {
    if (s.skip(APPROXIMATE)) {
      os.isApproximate = true;
    } else if (s.skip(RUNNING)) {
      os.isRunning = true;
    } else {
      s.expect(' ');
      String key = s.nameTo('=');
      long value = s.number();
      switch (key) {
        case "span" -> os.spanUs = value;
        case "throttled" -> os.throttledUs = value;
        case "cpu_pressure" -> os.cpuPressureUs = value;
        case "io_pressure" -> os.ioPressureUs = value;
        case "memory_pressure" -> os.memoryPressureUs = value;
        case "disk_busy" -> os.diskBusyUs = value;
        default -> s.fail();
      }
    }
  }

  private void kernelSum(Scan s, long cursor) {
    KernelSumRecord r = kernelSum;
    r.cursor = cursor;
    r.reads = kernelField(s, "reads");
    r.readUs = kernelField(s, "read_us");
    r.readBytes = kernelField(s, "read_bytes");
    r.writes = kernelField(s, "writes");
    r.writeUs = kernelField(s, "write_us");
    r.writtenBytes = kernelField(s, "write_bytes");
    r.syncs = kernelField(s, "syncs");
    r.syncUs = kernelField(s, "sync_us");
    r.requests = kernelField(s, "requests");
    r.requestBytes = kernelField(s, "request_bytes");
    r.deviceUs = kernelField(s, "device_us");
    r.sleeps = kernelField(s, "sleeps");
    r.sleepUs = kernelField(s, "sleep_us");
    r.preemptions = kernelField(s, "preemptions");
    r.runQueueUs = kernelField(s, "runq_us");
    if (!s.nameTo('=').equals("src") || !s.nameTo(',').equals("ebpf")) {
      s.fail();
    }
    s.moveTo(s.at() - 1);
    r.tim = s.number(COMMA_TIM);
    r.isIncomplete = s.skip(INCOMPLETE);
  }

  private static long kernelField(Scan s, String key) {
    if (!s.nameTo('=').equals(key)) {
      s.fail();
    }
    long value = s.number();
    s.expect(',');
    return value;
  }

  /** From behind {@code SYSCALL #}. */
  void systemCall(Scan s) {
    SystemCallRecord r = systemCall;
    r.cursor = s.number();
    s.expect(NAM);
    r.name = s.nameTo('\'');
    r.elapsedUs = s.number(ELA);
    r.descriptor = s.smallNumber(FD);
    r.offset = s.number(OFFSET);
    r.result = s.number(BYTES);
    r.objectId = s.number(OBJ);
    r.tim = s.number(TIM);
    WaitLines.span(s, FILE, r.path);
    WaitLines.span(s, REL, r.relation);
    r.block = s.skip(BLOCK) ? s.number() : -1;
    r.requests = 0;
    r.requestBytes = 0;
    r.deviceUs = 0;
    if (s.skip(REQUESTS)) {
      r.requests = s.number();
      r.requestBytes = s.number(REQUEST_BYTES);
      r.deviceUs = s.number(DEVICE);
    }
    s.expect(SOURCE);
  }
}
