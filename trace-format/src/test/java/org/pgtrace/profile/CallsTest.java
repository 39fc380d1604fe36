package org.pgtrace.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgtrace.profile.TraceText.statement;
import static org.pgtrace.profile.TraceText.sum;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallsTest {
  private static final String READ = "db file sequential read";

  private final Path folder;

  CallsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** f() at depth 0 executes b twice in a's place: a at depth 1, b at depth 2 inside of a. */
  private static TraceText recursion() {
    return new TraceText()
        .parsing(101, 0, "aaaaaaaaaaaaa", "select f()")
        .parsing(102, 1, "bbbbbbbbbbbbb", "select a")
        .parsing(103, 2, "ccccccccccccc", "select b")
        .wait(103, READ, 5, 1115, "")
        .call("EXEC", 103, 20, 30, "p=1,cr=3,cu=0,mis=1,r=1", 2, 0, 1130, "")
        .wait(102, READ, 7, 1150, "")
        .call("EXEC", 102, 60, 100, "p=1,cr=10,cu=0,mis=0,r=2", 1, 0, 1200, "")
        .call("FETCH", 102, 10, 40, "p=0,cr=2,cu=0,mis=0,r=3", 1, 0, 1250, "")
        .wait(101, READ, 9, 1260, "")
        .call("EXEC", 101, 150, 300, "p=4,cr=20,cu=0,mis=0,r=9", 0, 0, 1300, "")
        .call("EXEC", 101, 1, 2, "p=0,cr=0,cu=0,mis=0,r=0", 0, 0, 1310, "");
  }

  @Test
  void recursive_calls_are_inside_of_their_parents_and_count_once() {
    Profile profile = recursion().profile(folder);
    SessionProfile session = profile.sessions().get(0);
    StatementProfile f = statement(profile, "select f()");
    StatementProfile a = statement(profile, "select a");
    StatementProfile b = statement(profile, "select b");

    // Calls at depth 0 alone: 300 + 2, CPU 150 + 1.
    assertThat(session.callsUs).isEqualTo(302);
    assertThat(session.cpuInCallsUs).isEqualTo(151);
    // Own: f 302 - (100 + 40), a 140 - 30, b 30; together the calls at depth 0.
    assertThat(f.self.elapsedUs).isEqualTo(162);
    assertThat(a.self.elapsedUs).isEqualTo(110);
    assertThat(b.self.elapsedUs).isEqualTo(30);
    assertThat(f.self.cpuUs).isEqualTo(81);
    assertThat(a.self.cpuUs).isEqualTo(50);
    // 20 - 12; 12 - 3.
    assertThat(f.self.query).isEqualTo(8);
    assertThat(a.self.query).isEqualTo(9);
    // 4 - 1; 1 - 1.
    assertThat(f.self.disk).isEqualTo(3);
    assertThat(a.self.disk).isZero();
    // Rows and misses are each call's own already.
    assertThat(f.self.rows).isEqualTo(9);
    assertThat(b.self.misses).isEqualTo(1);
    // As tkprof shows them, with what is inside.
    assertThat(f.total().elapsedUs).isEqualTo(302);
    assertThat(a.total().elapsedUs).isEqualTo(140);
  }

  @Test
  void a_wait_belongs_to_the_innermost_call_that_it_is_in() {
    Profile profile = recursion().profile(folder);

    assertThat(statement(profile, "select b").waits.waitUs()).isEqualTo(5);
    assertThat(statement(profile, "select a").waits.waitUs()).isEqualTo(7);
    assertThat(statement(profile, "select f()").waits.waitUs()).isEqualTo(9);
    assertThat(sum(profile.sessions().get(0).waits, READ).waitUs()).isEqualTo(21);
  }

  @Test
  void the_tree_shows_who_called_what() {
    StatementProfile f = statement(recursion().profile(folder), "select f()");

    assertThat(f.tree.mostTimeFirst()).hasSize(1);
    TreeNode a = f.tree.mostTimeFirst().get(0);
    assertThat(a.statement.text).isEqualTo("select a");
    assertThat(a.executions).isEqualTo(1);
    assertThat(a.elapsedUs).isEqualTo(140);
    TreeNode b = a.mostTimeFirst().get(0);
    assertThat(b.statement.text).isEqualTo("select b");
    assertThat(b.elapsedUs).isEqualTo(30);
    assertThat(b.children).isEmpty();
  }

  @Test
  void paths_that_are_the_same_are_one() {
    StatementProfile f =
        statement(
            new TraceText()
                .parsing(101, 0, "aaaaaaaaaaaaa", "select f()")
                .parsing(102, 1, "bbbbbbbbbbbbb", "select a")
                .call("EXEC", 102, 1, 10, 1, 1010)
                .call("EXEC", 101, 1, 20, 0, 1020)
                .call("EXEC", 102, 1, 11, 1, 1111)
                .call("EXEC", 102, 1, 12, 1, 1123)
                .call("EXEC", 101, 1, 30, 0, 1130)
                .profile(folder),
            "select f()");

    assertThat(f.tree.mostTimeFirst()).hasSize(1);
    assertThat(f.tree.mostTimeFirst().get(0).executions).isEqualTo(3);
    assertThat(f.tree.mostTimeFirst().get(0).elapsedUs).isEqualTo(33);
    // 50 - 33.
    assertThat(f.self.elapsedUs).isEqualTo(17);
  }

  @Test
  void parallel_workers_are_beside_their_leader_and_never_in_it() {
    // The leader's FETCH 1000-1500; a worker's part of 400 meanwhile.
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select sum(x) from t")
            .call("EXEC", 101, 3, 5, "p=0,cr=1,cu=0,mis=0,r=0", 0, 9, 1105, " px=0")
            .wait(101, READ, 80, 1250, " cpu=20 px=0")
            .call("FETCH", 101, 200, 400, "p=8,cr=9,cu=0,mis=0,r=100", 0, 9, 1490, " px=0")
            .call("FETCH", 101, 60, 500, "p=20,cr=30,cu=0,mis=0,r=1", 0, 9, 1500, "")
            .profile(folder);
    SessionProfile session = profile.sessions().get(0);
    StatementProfile s = statement(profile, "select sum(x) from t");

    assertThat(session.wallUs).isEqualTo(500);
    assertThat(session.cpuUs).isEqualTo(60);
    assertThat(session.waits.isEmpty()).isTrue();
    assertThat(s.total().elapsedUs).isEqualTo(500);
    assertThat(s.waits.isEmpty()).isTrue();
    for (WorkerShare workers : new WorkerShare[] {session.workers, s.workers}) {
      assertThat(workers.parts).isEqualTo(1);
      assertThat(workers.elapsedUs).isEqualTo(405);
      assertThat(workers.cpuUs).isEqualTo(203);
      assertThat(workers.disk).isEqualTo(8);
      assertThat(workers.waits.waitUs()).isEqualTo(60);
    }
  }

  @Test
  void a_worker_s_own_statements_are_in_its_part_already() {
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select f(x) from t")
            .line("=====================")
            .line(
                "PARSING IN CURSOR #1048576 len=8 dep=1 uid=10 oct=3 lid=10 tim=1 hv=1 ad='1'"
                    + " sqlid='bbbbbbbbbbbbb' px=0")
            .line("select a")
            .line("END OF STMT")
            .call("EXEC", 1048576, 10, 50, "p=0,cr=0,cu=0,mis=0,r=0", 1, 0, 1400, " px=0")
            .call("EXEC", 101, 200, 400, "p=0,cr=0,cu=0,mis=0,r=0", 0, 0, 1490, " px=0")
            .call("FETCH", 101, 60, 500, 0, 1500)
            .profile(folder);

    assertThat(profile.sessions().get(0).workers.elapsedUs).isEqualTo(400);
    assertThat(statement(profile, "select a").workers.elapsedUs).isEqualTo(50);
    assertThat(statement(profile, "select f(x) from t").self.elapsedUs).isEqualTo(500);
  }

  @Test
  void a_cursor_number_means_the_text_that_came_last() {
    Profile profile =
        new TraceText()
            .parsing(101, 0, "aaaaaaaaaaaaa", "select a from t")
            .call("EXEC", 101, 1, 10, 0, 1010)
            .close(101, 0, 1, 0, 1011)
            .parsing(101, 0, "bbbbbbbbbbbbb", "select b from t")
            .call("EXEC", 101, 1, 20, 0, 1100)
            .profile(folder);

    assertThat(statement(profile, "select a from t").total().elapsedUs).isEqualTo(11);
    assertThat(statement(profile, "select b from t").total().elapsedUs).isEqualTo(20);
  }

  @Test
  void texts_that_differ_in_literals_are_one_statement_with_several_sql_ids() {
    StatementProfile s =
        statement(
            new TraceText()
                .parsing(101, 0, "aaaaaaaaaaaaa", "select * from t where id = 1")
                .call("EXEC", 101, 1, 10, 0, 1010)
                .parsing(102, 0, "bbbbbbbbbbbbb", "select * from t where id = 22")
                .call("EXEC", 102, 1, 30, 0, 1100)
                .profile(folder),
            "select * from t where id = ?");

    assertThat(s.executions).isEqualTo(2);
    assertThat(s.sqlIds()).isEqualTo(2);
    assertThat(s.sqlId()).isEqualTo("bbbbbbbbbbbbb");
  }

  @Test
  void calls_of_a_cursor_whose_text_is_missing_are_counted_and_kept() {
    Profile profile =
        new TraceText()
            .call("EXEC", 55, 1, 10, 0, 1010)
            .call("FETCH", 55, 1, 20, 0, 1040)
            .call("EXEC", 66, 1, 40, 0, 1100)
            .profile(folder);

    assertThat(profile.callsWithoutText()).isEqualTo(3);
    assertThat(statement(profile, "(text not in trace) cursor #55").total().elapsedUs)
        .isEqualTo(30);
    assertThat(statement(profile, "(text not in trace) cursor #66").hasText).isFalse();
  }

  @Test
  void errors_are_counted_with_what_they_say() {
    StatementProfile s =
        statement(
            new TraceText()
                .parsing(101, 0, "aaaaaaaaaaaaa", "select x")
                .call("EXEC", 101, 1, 10, 0, 1010)
                .line("ERROR #101:err=6844177 tim=1010")
                .line(" ERRTEXT #101: 42P01 relation does not exist")
                .line("ERROR #101:err=942 tim=1011")
                .profile(folder),
            "select x");

    assertThat(s.errors).isEqualTo(2);
    assertThat(s.errorTexts)
        .containsEntry("42P01 relation does not exist", 1L)
        .containsEntry("ORA-00942", 1L);
  }

  @Test
  void lob_calls_have_no_cursor_and_count_as_calls() {
    Profile profile =
        new TraceText()
            .wait(0, "direct path read", 40, 1090, "")
            .line("LOBREAD: type=PERSISTENT LOB,bytes=9,c=30,e=100,p=1,cr=2,cu=0,tim=1100")
            .profile(folder);
    StatementProfile lobs = statement(profile, "(LOB calls)");

    assertThat(profile.sessions().get(0).cpuInCallsUs).isEqualTo(30);
    assertThat(lobs.row(CallRow.LOB).elapsedUs).isEqualTo(100);
    // 100 - 30 - 40.
    assertThat(lobs.unaccountedUs()).isEqualTo(30);
  }

  @Test
  void objects_have_their_blocks_by_disk_and_cache_and_names_that_come_later() {
    StatementProfile s =
        statement(
            new TraceText()
                .parsing(101, 0, "aaaaaaaaaaaaa", "select * from t")
                .read(101, READ, 50, "file#=77 block#=1 blocks=1 obj#=-1", 1060, " tier=disk")
                .read(
                    101,
                    "db file scattered read",
                    20,
                    "file#=77 block#=2 blocks=16 obj#=16384",
                    1090,
                    " rel='public.t' tier=cache")
                .line("HIT #101: obj#=16384 rel='public.t' fork=main blocks=0-3,9 tim=1095")
                .call("EXEC", 101, 20, 100, 0, 1100)
                .line("*** OBJECT obj#=16384 file#=77 name='public.t' kind=table")
                .profile(folder),
            "select * from t");

    assertThat(s.diskBlocks).isEqualTo(1);
    assertThat(s.cacheBlocks).isEqualTo(16);
    assertThat(s.objects()).hasSize(1);
    assertThat(s.objects().get(0).getKey()).isEqualTo("public.t");
    ObjectBlocks t = s.objects().get(0).getValue();
    assertThat(t.reads).isEqualTo(2);
    assertThat(t.blocks).isEqualTo(17);
    assertThat(t.diskBlocks).isEqualTo(1);
    assertThat(t.cacheBlocks).isEqualTo(16);
    assertThat(t.elapsedUs).isEqualTo(70);
    // 0, 1, 2, 3 and 9.
    assertThat(t.hits).isEqualTo(5);
  }
}
