package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.ring.Layout;
import org.pgtrace.ring.SegmentReader;
import org.pgtrace.ring.SlotReader;

/** {@code pgtrace trace} as a child process on this machine, and what it does to the segment. */
final class TraceProgram implements AutoCloseable {
  private final Process process;
  private final Path output;
  private final Path messages;

  private TraceProgram(Process process, Path output, Path messages) {
    this.process = process;
    this.output = output;
    this.messages = messages;
  }

  /** Starts it as the server's user. */
  static TraceProgram start(TracedServer server, long pid, String... options) {
    List<String> command = new ArrayList<>(TraceDaemon.program());
    command.addAll(List.of("trace", String.valueOf(pid)));
    command.addAll(List.of("--ring-directory", server.ringDirectory().toString()));
    command.addAll(List.of(options));
    return start(Commands.asServerUser(command));
  }

  private static TraceProgram start(List<String> command) {
    Path folder = Scratch.folder("trace");
    Path output = folder.resolve("out");
    Path messages = folder.resolve("err");
    try {
      return new TraceProgram(Commands.start(command, output, messages), output, messages);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it printed: paths of trace files. */
  String out() {
    return read(output);
  }

  /** What it said to its user. */
  String said() {
    return read(messages);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitSaid(String text) {
    Wait.until("it has said " + text, () -> said().contains(text));
  }

  /** Its exit code. */
  int await() {
    return Commands.await(process, "pgtrace trace: " + said());
  }

  /** Its exit code after a signal. */
  int signal(String name) {
    Commands.signal(name, process.pid());
    return await();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    await();
  }

  /** The state of the slot that a process (by the server's number) has; FREE where it has none. */
  static int stateOf(TracedServer server, long pid) {
    try (SegmentReader segment = SegmentReader.open(server.segment(), SegmentReader.Access.READ)) {
      return slotOf(segment, pid).map(SlotReader::state).orElse(Layout.SLOT_FREE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it is being traced, and at which level; 0: no. */
  static int levelOf(TracedServer server, long pid) {
    try (SegmentReader segment = SegmentReader.open(server.segment(), SegmentReader.Access.READ)) {
      return slotOf(segment, pid)
          .filter(slot -> slot.state() == Layout.SLOT_ACTIVE && slot.enabled())
          .map(SlotReader::level)
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<SlotReader> slotOf(SegmentReader segment, long pid) {
    return segment.slots().stream()
        .filter(slot -> slot.pid() == pid && slot.state() != Layout.SLOT_FREE)
        .findFirst();
  }

  static void awaitOffered(TracedServer server, long pid) {
    Wait.until("a slot is offered", () -> stateOf(server, pid) == Layout.SLOT_OFFERED);
  }
}
