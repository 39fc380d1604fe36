package org.pgtrace.ebpf;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A traced process: puts its lines into their order, finds which are missing, and knows its files.
 *
 * <p>bpftrace reads the buffers of the CPUs one after the other, so what a process has told on one
 * CPU may come after what it has told later on another. Each line has a number.
 */
final class FollowedProcess {
  /** What comes later than that is lost: bpftrace has read all CPUs many times since. */
  private static final long LATE_NS = 500_000_000L;

  private static final int HELD_MAX = 16 * 1024;
  private static final int ANSWERS_MAX = 64;

  /**
   * Bits of prev_state: TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, and above all that are asleep.
   */
  private static final long INTERRUPTIBLE = 1;

  private static final long UNINTERRUPTIBLE = 2;
  private static final long REPORTED = 0x80;

  /** One that waits for those before it. */
  private static final class Line {
    private final long[] numbers;
    private final String text;

    Line(long[] numbers, String text) {
      this.numbers = numbers.clone();
      this.text = text;
    }

    long number() {
      return numbers[ProbeLines.NUMBER];
    }

    long timeNs() {
      return numbers[ProbeLines.TIME];
    }
  }

  /** One whose lines have not all come. */
  private record Answer(long number, long ns, long readNs) {}

  private final int pid;
  private final OpenFiles files;
  private final IoEvent event;
  private final PriorityQueue<Line> held =
      new PriorityQueue<>(Comparator.comparingLong(Line::number));
  private final ArrayDeque<Answer> answers = new ArrayDeque<>();

  private long followedNs;
  private long begunNs;
  private boolean isBeginTold;
  private long next = 1;
  private long heldSinceNs;
  private long lastNs;
  private boolean exited;

  FollowedProcess(Path proc, int pid, IoEvent event) {
    this.pid = pid;
    this.files = new OpenFiles(proc, pid);
    this.event = event;
  }

  /**
   * Its numbers begin anew.
   *
   * @param ns nothing of it was told before
   */
  void follow(long ns) {
    followedNs = ns;
    lastNs = ns;
    next = 1;
    isBeginTold = true;
    held.clear();
    answers.clear();
  }

  void readFiles() {
    files.readAll();
  }

  /** All is told from then on. */
  void begin(long ns) {
    begunNs = ns;
    isBeginTold = false;
  }

  /** The handler hears that before all else. */
  void tellBegin(KernelEventHandler handler) {
    if (!isBeginTold) {
      isBeginTold = true;
      handler.began(pid, begunNs);
    }
  }

  int pid() {
    return pid;
  }

  boolean isExited() {
    return exited;
  }

  /** A line with a number. */
  void line(long[] numbers, String text, long nowNs, KernelEventHandler handler) {
    long number = numbers[ProbeLines.NUMBER];
    if (numbers[ProbeLines.TIME] - followedNs < 0 || number < next) {
      return;
    }
    if (number > next) {
      if (held.isEmpty()) {
        heldSinceNs = nowNs;
      }
      held.add(new Line(numbers, text));
      if (held.size() > HELD_MAX) {
        giveUp(nowNs, handler);
      }
      return;
    }
    give(numbers, text, handler);
    giveHeld(nowNs, handler);
  }

  /**
   * The answer that all lines up to that number have ended before then.
   *
   * @param ns when it was given
   * @param nowNs when it was read: bpftrace may have been stopped between the two, and reads its
   *     buffers one after the other
   */
  void answer(long number, long ns, long nowNs, KernelEventHandler handler) {
    if (ns - followedNs < 0) {
      return;
    }
    if (number < next) {
      handler.upTo(pid, ns);
    } else if (answers.size() < ANSWERS_MAX) {
      answers.add(new Answer(number, ns, nowNs));
    }
  }

  /** Looks whether lines are missing for too long. */
  void check(long nowNs, KernelEventHandler handler) {
    if (!held.isEmpty() && nowNs - heldSinceNs > LATE_NS) {
      giveUp(nowNs, handler);
    }
    if (held.isEmpty() && !answers.isEmpty() && nowNs - answers.element().readNs > LATE_NS) {
      // The last lines before the answer are missing, and none came after them.
      loseUpTo(answers.element().number + 1, answers.element().ns, handler);
      giveAnswers(handler);
    }
  }

  private void giveUp(long nowNs, KernelEventHandler handler) {
    Line first = held.element();
    loseUpTo(first.number(), first.timeNs(), handler);
    giveHeld(nowNs, handler);
  }

  /** What was opened may be among what is missing: descriptors are looked up again. */
  private void loseUpTo(long number, long ns, KernelEventHandler handler) {
    handler.lost(pid, number - next, lastNs, ns);
    next = number;
    lastNs = ns;
    files.readAll();
  }

  private void giveHeld(long nowNs, KernelEventHandler handler) {
    while (!held.isEmpty() && held.element().number() <= next) {
      Line line = held.remove();
      if (line.number() == next) {
        give(line.numbers, line.text, handler);
      }
      heldSinceNs = nowNs;
    }
    giveAnswers(handler);
  }

  private void giveAnswers(KernelEventHandler handler) {
    while (!answers.isEmpty() && answers.element().number < next) {
      handler.upTo(pid, answers.remove().ns);
    }
  }

  private void give(long[] line, String text, KernelEventHandler handler) {
    next++;
    lastNs = line[ProbeLines.TIME];
    switch ((char) line[ProbeLines.KIND]) {
      case 'I' -> {
        int fd = IoEvent.fd(line[ProbeLines.IO_WHAT]);
        event.set(line, files.at(fd, line[ProbeLines.IO_BEGIN]));
        handler.io(event);
      }
      case 'O' -> offCpu(line, handler);
      case 'F' ->
          files.opened(
              (int) line[ProbeLines.FILE_FD], lastNs, (int) line[ProbeLines.FILE_FOLDER], text);
      case 'D' ->
          files.duplicated((int) line[ProbeLines.DUP_FROM], (int) line[ProbeLines.DUP_TO], lastNs);
      case 'C' -> files.closed((int) line[ProbeLines.FILE_FD]);
      case 'X' -> {
        exited = true;
        handler.exited(pid, lastNs);
      }
      default -> throw new IllegalStateException("kind " + line[ProbeLines.KIND]);
    }
  }

  private void offCpu(long[] line, KernelEventHandler handler) {
    long begin = line[ProbeLines.OFF_BEGIN];
    long woken = line[ProbeLines.OFF_WOKEN];
    KernelEventHandler.Sleep sleep = sleep(line[ProbeLines.OFF_STATE]);
    long runQueue = -1;
    if (sleep == KernelEventHandler.Sleep.NONE) {
      runQueue = lastNs - begin;
    } else if (woken != 0) {
      runQueue = lastNs - woken;
    }
    handler.offCpu(pid, begin, lastNs, runQueue, sleep);
  }

  private static KernelEventHandler.Sleep sleep(long state) {
    if (state == 0 || state > REPORTED) {
      // Above it: it was about to sleep, but had its CPU taken before.
      return KernelEventHandler.Sleep.NONE;
    }
    return state == INTERRUPTIBLE
        ? KernelEventHandler.Sleep.INTERRUPTIBLE
        : state == UNINTERRUPTIBLE
            ? KernelEventHandler.Sleep.UNINTERRUPTIBLE
            : KernelEventHandler.Sleep.OTHER;
  }
}
