package org.pgtrace.daemon;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.pgtrace.format.TraceHeader;
import org.pgtrace.proc.KernelInfo;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/** What is known of a session for the head of its trace file; first what its slot says. */
final class SessionFacts {
  private static final String[] PLAN_STATS = {"never", "first_execution", "all_executions"};
  private static final String[] TIMINGS = {"off", "sampled", "exact", "exact"};

  private static final long LEVEL_WAITS = 8;

  private static final String CLIENT_IP = "*** CLIENT IP:(";
  private static final String NOT_AVAILABLE = "*** NOT AVAILABLE:(";

  private final String cluster;
  private final String serverVersion;
  private final int slotIndex;
  private final int pid;
  private final int hostPid;
  private final String sessionId;
  private final KernelInfo kernel;
  private final String version;
  private final List<String> unavailable = new ArrayList<>();
  private List<String> settings = List.of();
  private List<String> notSampled = List.of();
  private long level;
  private String database;
  private String role;
  private String application;
  private String clientAddress = "";
  private String backendType;

  /**
   * @param hostPid what the process is called where this program runs, or 0
   */
  SessionFacts(
      SegmentReader segment, SlotReader slot, int hostPid, KernelInfo kernel, String version) {
    this.cluster = segment.cluster();
    this.serverVersion = segment.serverVersion();
    this.slotIndex = slot.index();
    this.pid = slot.pid();
    this.hostPid = hostPid;
    this.sessionId = pid + "." + Long.toUnsignedString(slot.startTicks());
    this.kernel = kernel;
    this.version = version;
    this.database = slot.database();
    this.role = slot.role();
    this.application = slot.application();
    this.backendType = backendTypeOf(slot.backendType());
    this.level = slot.level();
    this.settings = List.of("level=" + level);
  }

  /** Pid and start time: one process for as long as the machine runs. */
  String sessionId() {
    return sessionId;
  }

  String cluster() {
    return cluster;
  }

  int pid() {
    return pid;
  }

  /** What the process is called where this program runs; 0: it cannot be seen. */
  int hostPid() {
    return hostPid;
  }

  /** Whether the server does not tell its waits. */
  boolean lacksWaits() {
    for (int i = 0; i < unavailable.size(); i++) {
      if (unavailable.get(i).startsWith("waits:")) {
        return true;
      }
    }
    return false;
  }

  /** Whether the session's level asks for waits. */
  boolean wantsWaits() {
    return (level & LEVEL_WAITS) != 0;
  }

  /** Takes the settings of a PgtSession; returns them as text. */
  String setSettings(long newLevel, long planStat, long nodeTiming, long maxBindLength) {
    level = newLevel;
    settings =
        List.of(
            "level=" + level,
            "plan_stat=" + name(PLAN_STATS, planStat),
            "node_timing=" + name(TIMINGS, nodeTiming),
            "max_bind_length=" + maxBindLength);
    unavailable.clear();
    return String.join(", ", settings);
  }

  /**
   * Takes an attribute.
   *
   * @return the key of the line that says so, or an empty text where nothing has changed
   */
  String setAttribute(long key, String value) {
    String before;
    String line;
    switch ((int) Math.min(key, Integer.MAX_VALUE)) {
      case Layout.ATTR_DATABASE -> {
        before = database;
        database = value;
        line = "SERVICE NAME";
      }
      case Layout.ATTR_APPLICATION -> {
        before = application;
        application = value;
        line = "MODULE NAME";
      }
      case Layout.ATTR_CLIENT_ADDRESS -> {
        before = clientAddress;
        clientAddress = value;
        line = "CLIENT IP";
      }
      case Layout.ATTR_ROLE -> {
        before = role;
        role = value;
        line = "USER NAME";
      }
      case Layout.ATTR_BACKEND_TYPE -> {
        backendType = value;
        return "";
      }
      case Layout.ATTR_CAPABILITY -> {
        before = "";
        unavailable.add(value);
        line = "NOT AVAILABLE";
      }
      default -> {
        return "";
      }
    }
    return value.equals(before) ? "" : line;
  }

  /** Takes what the daemon itself cannot see of the process, each with the reason. */
  void setNotSampled(List<String> figures) {
    notSampled = List.copyOf(figures);
  }

  /** Takes from the head of the session's own file what its slot does not say. */
  void recall(String head) {
    boolean session = false;
    for (String line : head.lines().toList()) {
      if (line.startsWith("*** SESSION ID:(")) {
        session = true;
      } else if (session && !line.startsWith("*** ")) {
        return;
      } else if (session && line.startsWith(CLIENT_IP)) {
        clientAddress = value(line, CLIENT_IP);
      } else if (session && line.startsWith(NOT_AVAILABLE)) {
        unavailable.clear();
        String missing = value(line, NOT_AVAILABLE);
        if (!missing.isEmpty()) {
          unavailable.add(missing);
        }
      }
    }
  }

  /** What stands between the label and the bracket before the line's moment. */
  private static String value(String line, String label) {
    return line.substring(label.length(), Math.max(label.length(), line.lastIndexOf(')')));
  }

  TraceHeader header(String path, long tim) {
    return header(path, "(" + backendType + hostPidNote() + ")", tim);
  }

  /** The head of a parallel worker's own file, under its leader's process. */
  TraceHeader workerHeader(String path, int worker, long tim) {
    String name = TraceFileNames.workerName(worker).toUpperCase(Locale.ROOT);
    return header(path, "(" + name + ")", tim);
  }

  private TraceHeader header(String path, String image, long tim) {
    return new TraceHeader(
        path,
        new TraceHeader.Product(serverVersion, version),
        new TraceHeader.Host(
            kernel.systemName(),
            kernel.nodeName(),
            kernel.release(),
            kernel.version(),
            kernel.machine()),
        new TraceHeader.ServerProcess(
            cluster, slotIndex + 1, pid, "postgres@" + kernel.nodeName() + " " + image),
        new TraceHeader.Session(sessionId, database, application, "", "", clientAddress, role),
        settings,
        Stream.concat(unavailable.stream(), notSampled.stream()).toList(),
        tim);
  }

  /** In a container a process has two numbers. */
  private String hostPidNote() {
    return hostPid == 0 || hostPid == pid ? "" : ", host pid " + hostPid;
  }

  private static String name(String[] names, long value) {
    return value >= 0 && value < names.length ? names[(int) value] : Long.toString(value);
  }

  private static String backendTypeOf(int type) {
    return switch (type) {
      case Layout.BACKEND_CLIENT -> "client backend";
      case Layout.BACKEND_PARALLEL -> "parallel worker";
      case Layout.BACKEND_BACKGROUND -> "background worker";
      case Layout.BACKEND_AUTOVACUUM -> "autovacuum worker";
      case Layout.BACKEND_WALSENDER -> "walsender";
      case Layout.BACKEND_AUXILIARY -> "auxiliary process";
      default -> "backend type " + type;
    };
  }
}
