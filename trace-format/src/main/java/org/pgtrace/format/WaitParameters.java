package org.pgtrace.format;

/** The three parameters of a WAIT line: Oracle's names, and a wait's figures under them. */
enum WaitParameters {
  /** Blocks of a relation's file. */
  BLOCKS("file#", "block#", "blocks") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.relationFile;
      p[1] = w.block;
      p[2] = w.blocks;
    }
  },

  /** Blocks of a temporary file. */
  TEMP("file number", "first dba", "block cnt") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.fileNumber;
      p[1] = known(w.offset) / BLOCK_BYTES;
      p[2] = (known(w.bytes) + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }
  },

  /** A part of a WAL file. */
  WAL("segment", "offset", "bytes") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.walSegment;
      p[1] = known(w.offset);
      p[2] = known(w.bytes);
    }
  },

  /** A block that another process reads. */
  BUFFER("file#", "block#", "class#") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.relationFile;
      p[1] = w.block;
      p[2] = w.kind == WaitKind.BLOCKS ? CLASS_DATA : 0;
    }
  },

  /** A lightweight lock: its mode, and the number of its tranche. */
  LATCH("mode", "number", "why") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.lockMode;
      p[1] = w.event.numberInClass();
    }
  },

  /** The end of a transaction. */
  TRANSACTION("name|mode", "usn<<16 | slot", "sequence") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock1;
    }
  },

  /** A row: its block and place. */
  TUPLE("name|mode", "usn<<16 | slot", "sequence") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock3 << 16 | w.lock4;
    }
  },

  /** A relation. */
  TABLE("name|mode", "object #", "table/partition") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock2;
    }
  },

  /** A relation's end. */
  EXTEND("name|mode", "object #", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock2;
    }
  },

  /** An advisory lock: its key, and 1 for one bigint, 2 for two integers. */
  USER_LOCK("name|mode", "id", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock2 << 32 | w.lock3;
      p[2] = w.lock4;
    }
  },

  /** Something in a relation or catalog: the second and third field of the tag. */
  LOCK_IN("name|mode", "p2", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock2;
      p[2] = w.lock3;
    }
  },

  /** Any other lock: the first two fields of the tag. */
  LOCK("name|mode", "p2", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = nameAndMode(w, name);
      p[1] = w.lock1;
      p[2] = w.lock2;
    }
  },

  /** The client. */
  CLIENT("driver id", "#bytes", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = DRIVER_TCP;
      p[1] = known(w.bytes);
    }
  },

  /** A sleep, in hundredths of a second. */
  SLEEP("duration", "p2", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      p[0] = w.elapsedUs / 10_000;
    }
  },

  /** Parallel query. */
  PARALLEL("sleeptime/senderid", "passes", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      // The server has no numbers of senders; the full form says who is waited for.
    }
  },

  /** A wait that Oracle does not know: a place and a size, whatever it has of them. */
  OTHER("p1", "p2", "p3") {
    @Override
    void values(WaitRecord w, WaitName name, long[] p) {
      switch (w.kind) {
        case PLAIN, IPC -> {}
        case BLOCKS -> BLOCKS.values(w, name, p);
        case FILE -> {
          p[0] = w.fileNumber;
          p[1] = known(w.offset);
          p[2] = known(w.bytes);
        }
        case LOCK -> {
          p[0] = w.lock1;
          p[1] = w.lock2;
          p[2] = w.lock3;
        }
        case CLIENT -> p[2] = known(w.bytes);
      }
    }
  };

  private static final int BLOCK_BYTES = 8192;

  /** Oracle's class of a data block. */
  private static final int CLASS_DATA = 1;

  /** "TCP" in the high bytes, as Oracle has it. */
  private static final long DRIVER_TCP = 0x5443_5000L;

  /** Oracle's mode by the server's: SS 2, SX 3, S 4, SSX 5, X 6. */
  private static final int[] ORACLE_MODES = {0, 2, 2, 3, 5, 4, 5, 6, 6};

  private final String first;
  private final String second;
  private final String third;

  WaitParameters(String first, String second, String third) {
    this.first = " " + first + "=";
    this.second = " " + second + "=";
    this.third = " " + third + "=";
  }

  /** Sets what is known; {@code p} holds zeros. */
  abstract void values(WaitRecord w, WaitName name, long[] p);

  /** Writes the three pairs. */
  void write(TraceBuffer out, WaitRecord w, WaitName name, long[] p) {
    p[0] = 0;
    p[1] = 0;
    p[2] = 0;
    values(w, name, p);
    out.ascii(first);
    out.unsignedDecimal(p[0]);
    out.ascii(second);
    out.unsignedDecimal(p[1]);
    out.ascii(third);
    out.unsignedDecimal(p[2]);
  }

  /** Oracle has no negative numbers there. */
  private static long known(long value) {
    return Math.max(0, value);
  }

  private static long nameAndMode(WaitRecord w, WaitName name) {
    int mode = w.kind == WaitKind.LOCK && w.lockMode < ORACLE_MODES.length ? w.lockMode : 0;
    return (long) name.letters() << 16 | ORACLE_MODES[mode];
  }
}
