package org.pgtrace.cli;

import java.util.concurrent.Callable;
import org.pgtrace.daemon.SessionList;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "sessions", description = "Shows what is being traced now, and by which slot.")
final class SessionsCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Mixin SegmentOptions segments = new SegmentOptions();

  @Override
  public Integer call() {
    SessionList list = SessionList.read(segments.find());
    list.lines().forEach(spec.commandLine().getOut()::println);
    list.problems().forEach(spec.commandLine().getErr()::println);
    return list.problems().isEmpty() ? ExitCodes.OK : ExitCodes.PROBLEM;
  }
}
