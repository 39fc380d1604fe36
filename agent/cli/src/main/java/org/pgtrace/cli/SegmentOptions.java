package org.pgtrace.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pgtrace.daemon.DaemonOptions;
import org.pgtrace.daemon.SegmentFinder;
import picocli.CommandLine.Option;

/** Where segments are looked for; the same for all commands. */
final class SegmentOptions {
  @Option(names = "--segment", paramLabel = "PATH", description = "Use only this segment file.")
  Optional<Path> segment = Optional.empty();

  @Option(
      names = "--ring-directory",
      paramLabel = "DIR",
      description = "Look for segments here; may be given several times. Default: /dev/shm.")
  List<Path> ringDirectories = new ArrayList<>();

  List<Path> directories() {
    return ringDirectories.isEmpty() ? List.of(DaemonOptions.RING_DIRECTORY) : ringDirectories;
  }

  Optional<Path> absoluteSegment() {
    return segment.map(Path::toAbsolutePath);
  }

  List<Path> find() {
    return new SegmentFinder(absoluteSegment(), directories()).find();
  }
}
