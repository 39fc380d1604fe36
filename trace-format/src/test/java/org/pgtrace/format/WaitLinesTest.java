package org.pgtrace.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitLinesTest {
  private static final String END = " tim=1769860800123456";

  @Test
  void aReadOfOneBlockIsSequential() {
    WaitRecord w = blocks("IO", "DataFileRead", 1);
    w.tier = ReadTier.DISK;
    w.node = 2;
    w.objectId = 16384;
    w.relation.set("public.t");
    expect(
        w,
        "WAIT #101: nam='db file sequential read' ela= 163 file#=16390 block#=31 blocks=1"
            + " obj#=16384",
        " pg='IO/DataFileRead' node=2 rel='public.t' fork=main spc=1663 db=5 tier=disk");
  }

  @Test
  void aReadOfSeveralBlocksIsScattered() {
    WaitRecord w = blocks("IO", "DataFileRead", 16);
    w.tier = ReadTier.CACHE;
    w.fork = 2;
    expect(
        w,
        "WAIT #101: nam='db file scattered read' ela= 163 file#=16390 block#=31 blocks=16 obj#=-1",
        " pg='IO/DataFileRead' fork=vm spc=1663 db=5 tier=cache");
  }

  @Test
  void theCpuTimeInsideOfAWaitIsShownWhereThereIsSome() {
    WaitRecord w = blocks("IO", "DataFileRead", 1);
    w.cpuUs = 7;
    w.node = 2;
    expect(
        w,
        "WAIT #101: nam='db file sequential read' ela= 163 file#=16390 block#=31 blocks=1 obj#=-1",
        " pg='IO/DataFileRead' node=2 cpu=7 fork=main spc=1663 db=5");
    w.cpuUs = 0;
    assertThat(line(TraceForm.FULL, w)).doesNotContain("cpu=");
  }

  @Test
  void aForkThatIsNotKnownIsLeftOut() {
    WaitRecord w = blocks("IO", "DataFileRead", 1);
    w.fork = 9;
    assertThat(line(TraceForm.FULL, w)).endsWith(" pg='IO/DataFileRead' spc=1663 db=5\n");
  }

  @Test
  void namesStayInTheirApostrophes() {
    WaitRecord w = blocks("IO", "DataFileRead", 1);
    w.relation.set("public.\"it's\nodd\"");
    assertThat(line(TraceForm.FULL, w)).contains(" rel='public.\"it`s odd\"' ");
    w.event = WaitEvent.named(7, "Extension", "it's\nodd");
    assertThat(line(TraceForm.FULL, w))
        .contains("nam='Extension: it`s odd' ")
        .contains(" pg='Extension/it`s odd' ");
  }

  @ParameterizedTest
  @CsvSource({
    "DataFileWrite,  1, db file single write",
    "DataFileWrite,  4, db file parallel write",
    "DataFileExtend, 1, Data file init write",
    "DataFileExtend, 4, Data file init write"
  })
  void dataFilesHaveBlocks(String name, int count, String nam) {
    expect(
        blocks("IO", name, count),
        "WAIT #101: nam='" + nam + "' ela= 163 file#=16390 block#=31 blocks=" + count + " obj#=-1",
        " pg='IO/" + name + "' fork=main spc=1663 db=5");
  }

  @ParameterizedTest
  @CsvSource({
    "BufFileRead,  direct path read temp",
    "BuffileWrite, direct path write temp",
  })
  void temporaryFilesHaveBlocksOfTheirFile(String name, String nam) {
    WaitRecord w = file("IO", name);
    w.offset = 5 * 8192;
    w.bytes = 8193;
    w.path.set("base/pgsql_tmp/pgsql_tmp4711.0");
    expect(
        w,
        "WAIT #101: nam='" + nam + "' ela= 163 file number=3 first dba=5 block cnt=2 obj#=-1",
        " pg='IO/" + name + "' file='base/pgsql_tmp/pgsql_tmp4711.0'");
  }

  @ParameterizedTest
  @CsvSource({
    "WALWrite, log file parallel write",
    "WalWrite, log file parallel write",
    "WALSync,  log file sync",
    "WalSync,  log file sync"
  })
  void theLogHasSegments(String name, String nam) {
    WaitRecord w = file("IO", name);
    w.walSegment = 258;
    w.offset = 16384;
    w.bytes = 8192;
    w.path.set("pg_wal/000000010000000100000002");
    expect(
        w,
        "WAIT #101: nam='" + nam + "' ela= 163 segment=258 offset=16384 bytes=8192 obj#=-1",
        " pg='IO/" + name + "' file='pg_wal/000000010000000100000002'");
  }

  @Test
  void whatIsNotKnownIsZero() {
    WaitRecord w = file("IO", "WALSync");
    w.offset = -1;
    w.bytes = -1;
    assertThat(line(TraceForm.STRICT, w)).contains(" segment=0 offset=0 bytes=0 obj#=-1 ");
  }

  @Test
  void aBufferThatAnotherReadsHasItsBlockWhereItIsKnown() {
    expect(
        blocks("IPC", "BufferIO", 1),
        "WAIT #101: nam='read by other session' ela= 163 file#=16390 block#=31 class#=1 obj#=-1",
        " pg='IPC/BufferIO' fork=main spc=1663 db=5");
    expect(
        plain(0x0800_0009, "IPC", "BufferIo"),
        "WAIT #101: nam='read by other session' ela= 163 file#=0 block#=0 class#=0 obj#=-1",
        " pg='IPC/BufferIo'");
  }

  @Test
  void aLightweightLockIsALatch() {
    WaitRecord w = plain(0x0100_0026, "LWLock", "BufferContent");
    w.lockMode = 1;
    expect(
        w,
        "WAIT #101: nam='latch: BufferContent' ela= 163 mode=1 number=38 why=0 obj#=-1",
        " pg='LWLock/BufferContent'");
  }

  @Test
  void theEndOfATransactionIsARowLock() {
    WaitRecord w = lock("transactionid", 5, 5, 812, 0, 0, 0);
    w.holder = 4711;
    expect(
        w,
        "WAIT #101: nam='enq: TX - row lock contention' ela= 163 name|mode=1415053316"
            + " usn<<16 | slot=812 sequence=0 obj#=-1",
        " pg='Lock/transactionid' holder=4711 lock='transactionid 812' mode=ShareLock");
  }

  @Test
  void aTupleIsARowLock() {
    WaitRecord w = lock("tuple", 4, 7, 5, 16384, 12, 3);
    w.objectId = 16384;
    w.relation.set("public.t");
    w.holder = 4711;
    expect(
        w,
        "WAIT #101: nam='enq: TX - row lock contention' ela= 163 name|mode=1415053318"
            + " usn<<16 | slot=786435 sequence=0 obj#=16384",
        " pg='Lock/tuple' holder=4711 lock='tuple public.t (12,3)' mode=ExclusiveLock");
  }

  @Test
  void aRelationIsATableLock() {
    expect(
        lock("relation", 0, 8, 5, 16384, 0, 0),
        "WAIT #101: nam='enq: TM - contention' ela= 163 name|mode=1414332422 object #=16384"
            + " table/partition=0 obj#=-1",
        " pg='Lock/relation' lock='relation 16384' mode=AccessExclusiveLock");
  }

  @ParameterizedTest
  @CsvSource({
    "extend, 1, 1213661190, HW, 'object #=16384 p3=0', extend of relation 16384",
    "frozenid, 2, 1179779078, frozenid, 'p2=5 p3=16384', frozenid of database 5",
    "page, 3, 1346437126, page, 'p2=16384 p3=12', page 16384 12",
    "virtualxid, 6, 1447624710, virtualxid, 'p2=5 p3=16384', virtualxid 5/16384",
    "spectoken, 7, 1397751814, spectoken, 'p2=5 p3=16384', spectoken 16384 of transaction 5",
    "object, 8, 1329725446, object, 'p2=16384 p3=12', object 12 of class 16384",
    "userlock, 9, 1431502854, userlock, 'p2=5 p3=16384', userlock 5 16384 12",
    "advisory, 10, 1431044102, UL, 'id=70368744177676 p3=3', advisory 16384 12",
    "applytransaction, 11, 1095761926, applytransaction, 'p2=5 p3=16384',"
        + "applytransaction 12 of subscription 16384",
    "new, 12, 1313144838, new, 'p2=5 p3=16384', type 12: 5 16384 12 3"
  })
  void otherLocksHaveTheirNames(
      String name, int type, long nameMode, String oracle, String parameters, String lock) {
    WaitRecord w = lock(name, type, 7, 5, 16384, 12, 3);
    expect(
        w,
        "WAIT #101: nam='enq: "
            + oracle
            + " - contention' ela= 163 name|mode="
            + nameMode
            + " "
            + parameters
            + " obj#=-1",
        " pg='Lock/" + name + "' lock='" + lock + "' mode=ExclusiveLock");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, AccessShareLock",
    "2, 2, RowShareLock",
    "3, 3, RowExclusiveLock",
    "4, 5, ShareUpdateExclusiveLock",
    "5, 4, ShareLock",
    "6, 5, ShareRowExclusiveLock",
    "7, 6, ExclusiveLock",
    "8, 6, AccessExclusiveLock"
  })
  void lockModesAreOraclesNearest(int mode, int oracle, String name) {
    WaitRecord w = lock("relation", 0, mode, 5, 16384, 0, 0);
    assertThat(line(TraceForm.FULL, w))
        .contains(" name|mode=" + (0x544d_0000 + oracle) + " ")
        .endsWith(" mode=" + name + "\n");
  }

  @Test
  void anAdvisoryKeyIsUnsigned() {
    WaitRecord w = lock("advisory", 10, 7, 5, 0xffff_ffffL, 0xffff_ffffL, 1);
    assertThat(line(TraceForm.STRICT, w)).contains(" id=18446744073709551615 p3=1 ");
  }

  @Test
  void aLockOfWhichNothingIsKnownHasNoMode() {
    WaitRecord w = plain(0x0300_0005, "Lock", "transactionid");
    expect(
        w,
        "WAIT #101: nam='enq: TX - row lock contention' ela= 163 name|mode=1415053312"
            + " usn<<16 | slot=0 sequence=0 obj#=-1",
        " pg='Lock/transactionid'");
  }

  @ParameterizedTest
  @CsvSource({
    "Client, ClientRead, RECEIVE, SQL*Net message from client",
    "Client, ClientRead, POLL, SQL*Net message from client",
    "Client, ClientWrite, POLL, SQL*Net more data to client",
    "Client, ClientWrite, SEND, SQL*Net message to client"
  })
  void theClientIsSqlNet(String type, String name, WaitCall call, String nam) {
    WaitRecord w = plain(0x0600_0000, type, name);
    w.kind = WaitKind.CLIENT;
    w.call = call;
    w.bytes = 77;
    w.cursor = 0;
    expect(
        w,
        "WAIT #0: nam='" + nam + "' ela= 163 driver id=1413697536 #bytes=77 p3=0 obj#=-1",
        " pg='" + type + "/" + name + "'");
  }

  @Test
  void aSendWithoutAnEventIsAMessageToTheClient() {
    WaitRecord w = new WaitRecord();
    w.kind = WaitKind.CLIENT;
    w.call = WaitCall.SEND;
    w.bytes = 33;
    w.elapsedUs = 4;
    w.tim = Text.TIM;
    expect(
        w,
        "WAIT #0: nam='SQL*Net message to client' ela= 4 driver id=1413697536 #bytes=33 p3=0"
            + " obj#=-1",
        "");
  }

  @Test
  void aSleepIsInHundredths() {
    WaitRecord w = plain(0x0900_0002, "Timeout", "PgSleep");
    w.elapsedUs = 1_509_999;
    expect(
        w,
        "WAIT #101: nam='PL/SQL lock timer' ela= 1509999 duration=150 p2=0 p3=0 obj#=-1",
        " pg='Timeout/PgSleep'");
  }

  @ParameterizedTest
  @CsvSource({
    "ExecuteGather, PX Deq: Execute Reply",
    "MessageQueueReceive, PX Deq: Table Q Normal",
    "MessageQueueSend, PX Deq Credit: send blkd",
    "MessageQueuePutMessage, PX Deq Credit: send blkd"
  })
  void parallelQueryHasOraclesNames(String name, String nam) {
    expect(
        plain(0x0800_0001, "IPC", name),
        "WAIT #101: nam='" + nam + "' ela= 163 sleeptime/senderid=0 passes=0 p3=0 obj#=-1",
        " pg='IPC/" + name + "'");
  }

  @Test
  void whoIsWaitedForStandsWhereALockHasItsHolder() {
    WaitRecord w = ipc("ExecuteGather");
    w.node = 2;
    w.cpuUs = 7;
    w.targetPid = 4711;
    expect(
        w,
        "WAIT #101: nam='PX Deq: Execute Reply' ela= 163 sleeptime/senderid=0 passes=0 p3=0"
            + " obj#=-1",
        " pg='IPC/ExecuteGather' node=2 cpu=7 target=4711");
    w.targetPid = 0;
    assertThat(line(TraceForm.FULL, w)).endsWith(" node=2 cpu=7\n");
  }

  @ParameterizedTest
  @CsvSource({
    "1, 23803720, 1/16B3748",
    "0, 23803720, 0/16B3748",
    "4294967295, 0, FFFFFFFF/0",
    "2748, 4294967295, ABC/FFFFFFFF"
  })
  void aPositionOfTheLogIsPrintedAsTheServerPrintsIt(long high, long low, String position) {
    WaitRecord w = ipc("SyncRep");
    w.targetLsn = high << 32 | low;
    expect(
        w,
        "WAIT #101: nam='IPC: SyncRep' ela= 163 p1=0 p2=0 p3=0 obj#=-1",
        " pg='IPC/SyncRep' target=" + position);
  }

  @Test
  void pgTraceSOwnWorkIsMarkedAtTheEnd() {
    WaitRecord w = blocks("IO", "DataFileRead", 1);
    w.cursor = 0;
    w.tier = ReadTier.DISK;
    w.isOwnWork = true;
    expect(
        w,
        "WAIT #0: nam='db file sequential read' ela= 163 file#=16390 block#=31 blocks=1 obj#=-1",
        " pg='IO/DataFileRead' fork=main spc=1663 db=5 tier=disk by=pg_trace");
  }

  @Test
  void aReadByOthersNamesThem() {
    WaitRecord w = blocks("IO", "DataFileRead", 16);
    w.node = 2;
    w.tier = ReadTier.DISK;
    w.ioWorker = 311;
    String both =
        "WAIT #101: nam='db file scattered read' ela= 163 file#=16390 block#=31 blocks=16 obj#=-1";
    String full = " pg='IO/DataFileRead' node=2 fork=main spc=1663 db=5";
    expect(w, both, full + " tier=disk by=io-worker:311");
    assertThat(w.sumName()).isEqualTo("db file scattered read by io-worker");
    w.ioWorker = 0;
    w.isByIoUring = true;
    w.tier = ReadTier.UNKNOWN;
    expect(w, both, full + " by=io_uring");
    assertThat(w.sumName()).isEqualTo("db file scattered read by io_uring");
    w.isByIoUring = false;
    assertThat(w.sumName()).isEqualTo("db file scattered read");
  }

  @ParameterizedTest
  @CsvSource({
    "IPC, ParallelFinish",
    "IPC, HashBuildElect",
    "Timeout, VacuumDelay",
    "BufferPin, BufferPin",
    "Extension, MyOwn"
  })
  void whatOracleDoesNotKnowKeepsItsName(String type, String name) {
    expect(
        plain(0x0800_0001, type, name),
        "WAIT #101: nam='" + type + ": " + name + "' ela= 163 p1=0 p2=0 p3=0 obj#=-1",
        " pg='" + type + "/" + name + "'");
  }

  @Test
  void whatOracleDoesNotKnowShowsItsFigures() {
    WaitRecord prefetch = blocks("IO", "DataFilePrefetch", 1);
    assertThat(line(TraceForm.STRICT, prefetch))
        .contains("nam='IO: DataFilePrefetch' ela= 163 p1=16390 p2=31 p3=1 obj#=-1");
    WaitRecord slru = file("IO", "SLRURead");
    slru.offset = 8192;
    slru.bytes = 4096;
    assertThat(line(TraceForm.STRICT, slru))
        .contains("nam='IO: SLRURead' ela= 163 p1=3 p2=8192 p3=4096 obj#=-1");
  }

  @Test
  void aWaitWithoutAnEventIsCalledByItsCall() {
    WaitRecord w = new WaitRecord();
    w.cursor = 101;
    w.call = WaitCall.SEMAPHORE;
    w.elapsedUs = 163;
    w.tim = Text.TIM;
    expect(w, "WAIT #101: nam='Unnamed: semaphore' ela= 163 p1=0 p2=0 p3=0 obj#=-1", "");
  }

  @Test
  void anEventWhoseNameIsNotKnownIsItsNumber() {
    WaitRecord w = blocks("", "", 16);
    w.event = WaitEvent.unknown(0x0A00_0012);
    expect(
        w,
        "WAIT #101: nam='Wait event 0x0A000012' ela= 163 p1=16390 p2=31 p3=16 obj#=-1",
        " fork=main spc=1663 db=5");
  }

  @Test
  void aLateNameHasALineInFullFormAlone() {
    ByteSpan name = new ByteSpan();
    name.set("public.t");
    WriterFixture full = WriterFixture.stamped(TraceForm.FULL);
    full.writer.object(16384, 16390, name, 'r', Text.TIM);
    full.writer.object(16384, 16390, name, 'I', Text.TIM);
    assertThat(full.take())
        .isEqualTo(
            "*** OBJECT obj#=16384 file#=16390 name='public.t' kind=table\n"
                + "*** OBJECT obj#=16384 file#=16390 name='public.t' kind=partitioned-index\n");
    WriterFixture strict = WriterFixture.stamped(TraceForm.STRICT);
    strict.writer.object(16384, 16390, name, 'r', Text.TIM);
    assertThat(strict.take()).isEmpty();
  }

  @Test
  void aWaitIsStampedAsOtherLinesAre() {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    WaitRecord w = plain(0x0900_0002, "Timeout", "PgSleep");
    w.tim = Text.TIM + 1_000_000;
    t.writer.wait(w);
    assertThat(t.take()).startsWith("\n*** 2026-01-31T12:00:01.123456+00:00\nWAIT #101: ");
  }

  @Test
  void aPlanNodeSaysWhatItWaitedFor() {
    PlanNodeRecord node = new PlanNodeRecord();
    node.id = 1;
    node.op.set("Seq Scan on t");
    node.sharedRead = 50;
    node.walRecords = 1;
    node.waits.add(wait("db file scattered read", 3, 900, 3, 0));
    node.waits.add(wait("db file sequential read", 50, 8210, 12, 38));
    node.waits.add(wait("latch: BufferMapping", 1, 2, 0, 0));
    assertThat(plan(node))
        .endsWith(
            "       Buffers: shared read=50\n"
                + "       Waits: db file sequential read 50x 8210us (disk 12, cache 38),"
                + " db file scattered read 3x 900us (disk 3, cache 0),"
                + " latch: BufferMapping 1x 2us\n"
                + "       WAL: records=1\n");
  }

  @Test
  void aPlanNodeNamesFiveWaitsAndAddsUpTheRest() {
    PlanNodeRecord node = new PlanNodeRecord();
    node.op.set("Sort");
    for (int i = 1; i <= 7; i++) {
      node.waits.add(wait("w" + i, i, i * 10L, 0, 0));
    }
    assertThat(plan(node))
        .endsWith(
            "       Waits: w7 7x 70us, w6 6x 60us, w5 5x 50us, w4 4x 40us, w3 3x 30us,"
                + " others 3x 30us\n");
  }

  private static NodeWait wait(String nam, long count, long us, long disk, long cache) {
    NodeWait wait = new NodeWait();
    wait.nam = nam;
    wait.count = count;
    wait.totalUs = us;
    wait.fromDisk = disk;
    wait.fromCache = cache;
    return wait;
  }

  private static String plan(PlanNodeRecord node) {
    WriterFixture t = WriterFixture.stamped(TraceForm.FULL);
    t.writer.plan(101, 1, 0, List.of(node));
    return t.take();
  }

  private static void expect(WaitRecord w, String both, String full) {
    assertThat(line(TraceForm.STRICT, w)).isEqualTo(both + END + "\n");
    assertThat(line(TraceForm.FULL, w)).isEqualTo(both + END + full + "\n");
  }

  private static String line(TraceForm form, WaitRecord w) {
    WriterFixture t = WriterFixture.stamped(form);
    t.writer.wait(w);
    return t.take();
  }

  private static WaitRecord plain(int number, String type, String name) {
    WaitRecord w = new WaitRecord();
    w.cursor = 101;
    w.event = WaitEvent.named(number, type, name);
    w.call = WaitCall.POLL;
    w.elapsedUs = 163;
    w.tim = Text.TIM;
    return w;
  }

  private static WaitRecord ipc(String name) {
    WaitRecord w = plain(0x0800_0001, "IPC", name);
    w.kind = WaitKind.IPC;
    return w;
  }

  private static WaitRecord blocks(String type, String name, int count) {
    WaitRecord w = plain(0x0A00_0012, type, name);
    w.kind = WaitKind.BLOCKS;
    w.tablespace = 1663;
    w.database = 5;
    w.relationFile = 16390;
    w.block = 31;
    w.blocks = count;
    return w;
  }

  private static WaitRecord file(String type, String name) {
    WaitRecord w = plain(0x0A00_0040, type, name);
    w.kind = WaitKind.FILE;
    w.fileNumber = 3;
    return w;
  }

  private static WaitRecord lock(
      String name, int type, int mode, long f1, long f2, long f3, long f4) {
    WaitRecord w = plain(0x0300_0000 | type, "Lock", name);
    w.kind = WaitKind.LOCK;
    w.lockType = type;
    w.lockMode = mode;
    w.lock1 = f1;
    w.lock2 = f2;
    w.lock3 = f3;
    w.lock4 = f4;
    return w;
  }
}
