package org.pgtrace.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgtrace.proc.ProcessTable;
import org.pgtrace.ring.NativeSegment;
import org.pgtrace.ring.NativeSegment.Client;
import org.pgtrace.ring.NativeSegment.Server;
import org.pgtrace.ring.RequestRefusedException;

/** Which process a number stands for, by a proc file system of the test's own. */
class ServerProcessesTest {
  private static final int SERVER = 1000;
  private static final long TICKS = 500;

  private final Path folder;
  private final Path proc;
  private final List<NativeSegment> segments = new ArrayList<>();
  private final List<Path> paths = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  ServerProcessesTest(@TempDir Path folder) {
    this.folder = folder;
    this.proc = folder.resolve("proc");
  }

  @AfterEach
  void close() {
    segments.forEach(NativeSegment::close);
  }

  /** A server whose first process has this number to itself, and another one here. */
  private NativeSegment server(int pid, int hostPid) throws IOException {
    return server(pid, hostPid, TICKS + hostPid);
  }

  private NativeSegment server(int pid, int hostPid, long ticks) throws IOException {
    Path path = folder.resolve("pg_trace.main." + hostPid);
    NativeSegment made = NativeSegment.create(path, 2, 1 << 16, new Server("", pid, ticks, ""));
    segments.add(made);
    paths.add(path);
    process(hostPid, 1, pid, "postgres -D /data");
    return made;
  }

  private void process(int hostPid, int parent, int pid, String title) throws IOException {
    Path files = Files.createDirectories(proc.resolve(String.valueOf(hostPid)));
    Files.writeString(
        files.resolve("stat"),
        hostPid
            + " (postgres) S "
            + parent
            + " 77 77 0 -1 4194560 120 0 0 0 3 1 0 0 20 0 1 0 "
            + (TICKS + hostPid)
            + " 220000000 900\n");
    Files.writeString(
        files.resolve("status"),
        "Name:\tpostgres\nNSpid:\t" + hostPid + (hostPid == pid ? "" : "\t" + pid) + "\n");
    Files.writeString(files.resolve("cmdline"), title + "\0");
  }

  private ServerProcess find(int pid) throws RequestRefusedException {
    return new ServerProcesses(paths, new ProcessTable(proc)).find(pid, told::add);
  }

  private void refused(int pid, String... texts) {
    assertThatThrownBy(() -> find(pid))
        .isInstanceOf(RequestRefusedException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(texts));
  }

  @Test
  void a_process_of_a_server_on_this_machine() throws Exception {
    server(SERVER, SERVER);
    process(1234, SERVER, 1234, "postgres: main: anna shop [local] idle");
    assertThat(find(1234)).isEqualTo(new ServerProcess(paths.get(0), 1234, TICKS + 1234, 1234));
    assertThat(told).isEmpty();
  }

  @Test
  void a_process_in_a_container_by_either_number() throws Exception {
    server(1, SERVER);
    process(1234, SERVER, 57, "postgres: anna shop [local] idle");
    ServerProcess same = new ServerProcess(paths.get(0), 57, TICKS + 1234, 1234);
    assertThat(find(1234)).isEqualTo(same);
    assertThat(told).isEmpty();
    assertThat(find(57)).isEqualTo(same);
    assertThat(told).containsExactly("57 is process 1234 here (" + paths.get(0) + ")");
  }

  /** Somebody else's process 57 is no reason not to mean the container's. */
  @Test
  void a_number_that_a_stranger_has_here() throws Exception {
    server(1, SERVER);
    process(1234, SERVER, 57, "postgres: anna shop [local] idle");
    process(57, 1, 57, "cat");
    assertThat(find(57).hostPid()).isEqualTo(1234);
  }

  @Test
  void of_a_number_here_and_one_in_a_container_the_one_here_is_taken_and_that_is_said()
      throws Exception {
    server(SERVER, SERVER);
    server(1, 2000);
    process(57, SERVER, 57, "postgres: anna shop [local] idle");
    process(2345, 2000, 57, "postgres: anna shop [local] idle");
    assertThat(find(57)).isEqualTo(new ServerProcess(paths.get(0), 57, TICKS + 57, 57));
    assertThat(told)
        .singleElement()
        .satisfies(text -> assertThat(text).contains("2345", paths.get(1).toString(), "is taken"));
  }

  @Test
  void of_two_containers_none_is_guessed() throws Exception {
    server(1, SERVER);
    server(1, 2000);
    process(1234, SERVER, 57, "postgres: anna shop [local] idle");
    process(2345, 2000, 57, "postgres: anna shop [local] idle");
    refused(57, "1234 here, of " + paths.get(0), "2345 here, of " + paths.get(1), "--segment");
    assertThat(find(2345).segment()).isEqualTo(paths.get(1));
    paths.remove(1);
    assertThat(find(57).hostPid()).isEqualTo(1234);
  }

  @Test
  void what_is_no_session() throws Exception {
    server(SERVER, SERVER);
    process(1001, SERVER, 1001, "postgres: main: logger ");
    process(1002, SERVER, 1002, "postgres: main: parallel worker for PID 1234 ");
    process(1006, SERVER, 1006, "postgres: syslogger ");
    process(1003, SERVER, 1003, "postgres: main: logger shop [local] idle");
    process(1004, 1, 1004, "sleep 60");
    refused(SERVER, "is the first one of the server of " + paths.get(0));
    refused(1001, "logger, which cannot be traced");
    refused(1006, "logger, which cannot be traced");
    refused(1002, "is a parallel worker: trace its leader, process 1234");
    refused(1004, "process 1004 (sleep 60) belongs to none", paths.get(0).toString());
    refused(1005, "there is no process 1005", paths.get(0).toString());
    assertThat(find(1003).pid()).as("a role of that name").isEqualTo(1003);
  }

  @Test
  void a_server_that_is_over_is_named() throws Exception {
    NativeSegment dead = server(SERVER, SERVER);
    process(1234, SERVER, 1234, "postgres: main: anna shop [local] idle");
    dead.serverDies();
    refused(1234, paths.get(0) + ": its server (pid 1000) is over");
  }

  /** As from another container that has the folder alone. */
  @Test
  void of_a_server_that_cannot_be_seen_those_that_have_a_slot_are_known() throws Exception {
    NativeSegment hidden = server(1, SERVER, TICKS - 1);
    refused(57, "cannot be seen from here", "run pgtrace in its container, or on the host");
    hidden.claim(1, new Client(57, 99, "", "", "", ""));
    assertThat(find(57)).isEqualTo(new ServerProcess(paths.get(0), 57, 99, 0));
  }

  @Test
  void no_server_at_all() {
    refused(57, "no segment of a server was found", "--ring-directory");
  }
}
