package org.pgtrace.ebpf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program for bpftrace: those blocks of the resource files whose tracepoints the kernel has, in
 * the language of the bpftrace that is installed.
 */
final class KernelProgram {
  /** Orders are numbers that getpriority does not know. */
  static final int ORDER_FOLLOW = 0x70670001;

  static final int ORDER_TELL = 0x70670002;
  static final int ORDER_LEAVE = 0x70670003;
  static final int ORDER_ASK = 0x70670004;

  /** How much of a path is told, with its end; on the kernel's stack of 512 bytes. */
  static final int TEXT_BYTES = 96;

  private static final String MAP_KEYS = "16384";
  private static final String BUFFER_PAGES = "256";

  private static final Pattern TRACEPOINT =
      Pattern.compile("tracepoint:(\\w+):(\\w+)(,\\s*)?", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern DELETE = Pattern.compile("delete\\((@\\w+)\\[([^\\]]*)\\]\\)");
  private static final Pattern DANGLING_COMMA = Pattern.compile(",\\s*(?=[/{])");

  /** Without them there is no probe. */
  private static final List<String> NEEDED =
      List.of(
          "syscalls/sys_enter_getpriority",
          "syscalls/sys_enter_openat",
          "syscalls/sys_exit_openat",
          "syscalls/sys_enter_close",
          "syscalls/sys_enter_pread64",
          "syscalls/sys_exit_pread64",
          "sched/sched_process_exit");

  private static final List<String> SWITCHES = List.of("sched/sched_switch", "sched/sched_wakeup");
  private static final List<String> REQUESTS =
      List.of("block/block_rq_issue", "block/block_rq_complete");
  private static final String REQUEST_START = "block/block_io_start";

  private final String text;
  private final Map<String, String> environment;

  private KernelProgram(String text, Map<String, String> environment) {
    this.text = text;
    this.environment = environment;
  }

  /**
   * Makes the program.
   *
   * @param daemon process that gives the orders
   * @param tracepoints whether the kernel has {@code category/name}
   */
  static KernelProgram of(long daemon, BpftraceVersion version, Predicate<String> tracepoints) {
    StringBuilder all = new StringBuilder(resource("probe.bt"));
    if (REQUESTS.stream().allMatch(tracepoints)) {
      boolean start = tracepoints.test(REQUEST_START);
      all.append('\n').append(resource(start ? "block-start.bt" : "block-issue.bt"));
      all.append('\n').append(resource("block.bt"));
    }
    List<String> blocks = new ArrayList<>();
    for (String block : all.toString().strip().split("\n\n", -1)) {
      String possible = reduce(block, tracepoints);
      if (!possible.isEmpty()) {
        blocks.add(possible);
      }
    }
    String program =
        String.join("\n\n", blocks)
            .concat("\n")
            .replace("ORDER_FOLLOW", String.valueOf(ORDER_FOLLOW))
            .replace("ORDER_TELL", String.valueOf(ORDER_TELL))
            .replace("ORDER_LEAVE", String.valueOf(ORDER_LEAVE))
            .replace("ORDER_ASK", String.valueOf(ORDER_ASK))
            .replace("== DAEMON", "== " + daemon);
    return new KernelProgram(inLanguageOf(version, program), environment(version));
  }

  /** Tracepoints without which nothing works and that the kernel does not have. */
  static List<String> missing(Predicate<String> tracepoints) {
    return NEEDED.stream().filter(tracepoints.negate()).toList();
  }

  /** What the kernel cannot tell, for people. */
  static List<String> reductions(Predicate<String> tracepoints) {
    List<String> reductions = new ArrayList<>();
    if (!REQUESTS.stream().allMatch(tracepoints)) {
      reductions.add("the kernel has no tracepoints block_rq_*: requests to devices are not seen");
    }
    if (!SWITCHES.stream().allMatch(tracepoints)) {
      reductions.add(
          "the kernel has no tracepoints sched_switch and sched_wakeup: time off the CPU is not"
              + " seen");
    }
    return reductions;
  }

  String text() {
    return text;
  }

  /** For the process that runs it. */
  Map<String, String> environment() {
    return environment;
  }

  /** Leaves out tracepoints that the kernel does not have, and a block that has none left. */
  private static String reduce(String block, Predicate<String> tracepoints) {
    int body = block.indexOf('{');
    if (body < 0) {
      return block;
    }
    Matcher matcher = TRACEPOINT.matcher(block.substring(0, body));
    StringBuilder head = new StringBuilder();
    boolean found = false;
    boolean left = false;
    while (matcher.find()) {
      found = true;
      boolean has = tracepoints.test(matcher.group(1) + "/" + matcher.group(2));
      left |= has;
      matcher.appendReplacement(head, has ? Matcher.quoteReplacement(matcher.group()) : "");
    }
    matcher.appendTail(head);
    if (found && !left) {
      return "";
    }
    return DANGLING_COMMA.matcher(head).replaceAll(" ") + block.substring(body);
  }

  /** The resources are in the language of the oldest. */
  private static String inLanguageOf(BpftraceVersion version, String program) {
    String text = program;
    if (version.isAtLeast(0, 19)) {
      text = text.replace("args->", "args.");
    }
    if (version.isAtLeast(0, 22)) {
      text = DELETE.matcher(text).replaceAll("delete($1, $2)");
    }
    return text;
  }

  private static Map<String, String> environment(BpftraceVersion version) {
    boolean renamed = version.isAtLeast(0, 20);
    Map<String, String> all = new HashMap<>();
    all.put(renamed ? "BPFTRACE_MAX_STRLEN" : "BPFTRACE_STRLEN", String.valueOf(TEXT_BYTES));
    all.put(renamed ? "BPFTRACE_MAX_MAP_KEYS" : "BPFTRACE_MAP_KEYS_MAX", MAP_KEYS);
    all.put("BPFTRACE_PERF_RB_PAGES", BUFFER_PAGES);
    return all;
  }

  private static String resource(String name) {
    try (InputStream in = KernelProgram.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
