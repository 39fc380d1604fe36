package org.pgtrace.ebpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A machine on which all is as it should be, until a test changes it. */
final class FakeMachine {
  private final Path folder;

  FakeMachine(Path folder) throws IOException {
    this.folder = folder;
    rights("0", "000001ffffffffff");
    namespace("pid:[4026531836]");
    bpftrace("echo bpftrace v0.17.0");
    for (String name :
        List.of(
            "syscalls/sys_enter_getpriority",
            "syscalls/sys_enter_openat",
            "syscalls/sys_exit_openat",
            "syscalls/sys_enter_close",
            "syscalls/sys_enter_pread64",
            "syscalls/sys_exit_pread64",
            "sched/sched_process_exit",
            "sched/sched_switch",
            "sched/sched_wakeup",
            "block/block_rq_issue",
            "block/block_rq_complete")) {
      Files.createDirectories(tracepoint(name));
    }
  }

  EbpfSupport.Machine machine() {
    return new EbpfSupport.Machine(
        folder.resolve("self"),
        List.of(folder.resolve("none"), folder.resolve("tracing")),
        List.of(folder.resolve("sbin"), folder.resolve("bin")));
  }

  void rights(String uid, String capabilities) throws IOException {
    Files.createDirectories(folder.resolve("self"));
    Files.writeString(
        folder.resolve("self/status"),
        "Name:\tjava\nUid:\t1000\t" + uid + "\t0\t0\nCapEff:\t" + capabilities + "\n");
  }

  void namespace(String target) throws IOException {
    Path link = folder.resolve("self/ns/pid");
    Files.createDirectories(folder.resolve("self/ns"));
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of(target));
  }

  Path tracepoint(String name) {
    return folder.resolve("tracing/events").resolve(name);
  }

  Path bpftrace(String... lines) throws IOException {
    Path program = folder.resolve("bin/bpftrace");
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(program, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }
}
