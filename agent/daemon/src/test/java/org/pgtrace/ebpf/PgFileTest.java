package org.pgtrace.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgtrace.ebpf.PgFile.Other;
import org.pgtrace.ebpf.PgFile.Relation;
import org.pgtrace.ebpf.PgFile.Temporary;
import org.pgtrace.ebpf.PgFile.Wal;

class PgFileTest {
  @ParameterizedTest
  @CsvSource({
    "base/5/16384, 1663, 5, 16384, main, -1, 0",
    "base/5/16384.12, 1663, 5, 16384, main, -1, 12",
    "base/5/16384_vm.1, 1663, 5, 16384, vm, -1, 1",
    "base/5/16384_fsm, 1663, 5, 16384, fsm, -1, 0",
    "base/5/4294967295_init, 1663, 5, 4294967295, init, -1, 0",
    "base/5/t3_16384, 1663, 5, 16384, main, 3, 0",
    "base/5/t13_16384_fsm.2, 1663, 5, 16384, fsm, 13, 2",
    "global/1262, 1664, 0, 1262, main, -1, 0",
    "global/1262_vm, 1664, 0, 1262, vm, -1, 0",
    "pg_tblspc/16385/PG_15_202209061/5/16390.2, 16385, 5, 16390, main, -1, 2",
  })
  void parts_of_relations(
      String path,
      long tablespace,
      long database,
      long file,
      String fork,
      long backend,
      long segment) {
    assertThat(PgFile.of(path))
        .isEqualTo(new Relation(path, tablespace, database, file, fork, backend, segment));
  }

  @Test
  void segments_of_the_log() {
    assertThat(PgFile.of("pg_wal/0000000200000001000000FE"))
        .isEqualTo(new Wal("pg_wal/0000000200000001000000FE", 2, 1, 254));
  }

  @ParameterizedTest
  @CsvSource({
    "base/pgsql_tmp/pgsql_tmp4711.3, 4711, 3",
    "base/pgsql_tmp/pgsql_tmp4711.3.fileset/o1of2.p0.0, 4711, 3",
    "pg_tblspc/16385/PG_15_202209061/pgsql_tmp/pgsql_tmp4711.0, 4711, 0",
  })
  void temporary_files(String path, long pid, long number) {
    assertThat(PgFile.of(path)).isEqualTo(new Temporary(path, pid, number));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "base",
        "base/5",
        "base/5/",
        "base/5/PG_VERSION",
        "base/5/pg_filenode.map",
        "base/5/16384_",
        "base/5/16384_main",
        "base/5/16384.",
        "base/5/16384.x",
        "base/5/0",
        "base/5/x16384",
        "base/5/t3",
        "base/5/tx_16384",
        "base/5/99999999999",
        "base/x/16384",
        "base/5/16384/x",
        "base/pgsql_tmp/other",
        "base/pgsql_tmp/pgsql_tmp4711",
        "global/pg_control",
        "pg_tblspc/16385",
        "pg_tblspc/x/PG_15_1/5/16384",
        "pg_tblspc/16385/other/5/16384",
        "pg_wal/00000002000000010000000",
        "pg_wal/0000000200000001000000fe",
        "pg_wal/xlogtemp.4711",
        "pg_xact/0000",
        "/etc/passwd",
        "socket:[4711]",
        "anon_inode:[eventpoll]",
      })
  void others(String path) {
    assertThat(PgFile.of(path)).isEqualTo(new Other(path));
  }

  @Test
  void blocks_are_counted_over_all_parts() {
    Relation third = (Relation) PgFile.of("base/5/16384.2");
    assertThat(third.block(3 * 8192 + 1, 8192, 131072)).isEqualTo(2 * 131072 + 3);
  }
}
