package org.pgtrace.proc;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that is kept open and read again and again from its beginning, with one system call and no
 * garbage. What could not be opened or read once is not tried again: the failure stays.
 *
 * <p>An interrupt of the reading thread closes the file, as it does with every {@link FileChannel}.
 *
 * @param <T> what the file says
 */
final class KeptFile<T> implements Source<T> {
  private final Path file;
  private final Failure failure;
  private final ReadBuffer buffer;
  private final Parser<T> parser;
  private final boolean inRecords;
  private final ProcText text = new ProcText();
  private final Reading.Value<T> value;
  private final Reading<T> notKept;

  private @Nullable FileChannel channel;

  /** Why there is no value, once the file is not open. */
  private Reading<T> verdict;

  private KeptFile(
      Path file, Failure failure, ReadBuffer buffer, boolean inRecords, T value, Parser<T> parser) {
    this.file = file;
    this.failure = failure;
    this.buffer = buffer;
    this.inRecords = inRecords;
    this.parser = parser;
    this.value = new Reading.Value<>(value);
    notKept = failure.notKept(file);
    verdict = new Reading.Unreadable<>(file, "closed");
  }

  /** A file that the kernel gives at once. */
  static <T> KeptFile<T> open(
      Path file, Failure failure, ReadBuffer buffer, T value, Parser<T> parser) {
    return new KeptFile<>(file, failure, buffer, false, value, parser).opened();
  }

  /** A file that the kernel gives in pieces. */
  static <T> KeptFile<T> openRecords(
      Path file, Failure failure, ReadBuffer buffer, T value, Parser<T> parser) {
    return new KeptFile<>(file, failure, buffer, true, value, parser).opened();
  }

  private KeptFile<T> opened() {
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      verdict = failure.of(file, e);
    }
    return this;
  }

  @Override
  public Reading<T> read() {
    if (channel == null) {
      return verdict;
    }
    try {
      int length = buffer.read(channel, inRecords);
      text.set(buffer.bytes(), length);
    } catch (IOException e) {
      close();
      verdict = failure.of(file, e);
      return verdict;
    }
    return switch (parser.parse(value.value(), text)) {
      case UNDERSTOOD -> value;
      case NOT_KEPT -> notKept;
      case SENSELESS ->
          new Reading.Unreadable<>(
              file, "it is cut off, or not as it is documented: '" + text + "'");
    };
  }

  @Override
  public void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was only read: nothing is lost.
      }
      channel = null;
    }
  }
}
