package org.pgtrace.format;

/** Writes WAIT lines, and the names that came after a WAIT line had printed the number. */
final class WaitWriter {
  /** By the server's LOCKMODE. */
  private static final String[] LOCK_MODES = {
    "",
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock"
  };

  /** The one parameter of Oracle's that is seen below zero. */
  private static final String SIGNED = "100*mode+namespace";

  private final TraceBuffer out;
  private final TraceForm form;
  private final long[] parameters = new long[3];

  WaitWriter(TraceBuffer out, TraceForm form) {
    this.out = out;
    this.form = form;
  }

  /** Writes a line but for its end. */
  void write(WaitRecord w) {
    WaitName name = w.name();
    field("WAIT #", w.cursor);
    out.ascii(": nam='");
    out.ascii(name.nam());
    field("' ela= ", w.elapsedUs);
    name.parameters().write(out, w, name, parameters);
    field(" obj#=", w.objectId);
    field(" tim=", w.tim);
    if (form == TraceForm.FULL) {
      details(w);
    }
  }

  /** Writes a line that was read, but for its end. */
  void write(WaitLine w) {
    field("WAIT #", w.cursor);
    text(": nam='", w.name);
    field("' ela= ", w.elapsedUs);
    parameter(w.name1, w.value1);
    parameter(w.name2, w.value2);
    parameter(w.name3, w.value3);
    if (w.hasObject) {
      field(" obj#=", w.objectId);
    }
    if (w.tim != WaitLine.NONE) {
      field(" tim=", w.tim);
    }
    if (form == TraceForm.FULL) {
      details(w);
    }
  }

  private void parameter(String name, long value) {
    out.put(' ');
    ServerText.append(out, name);
    out.put('=');
    // Oracle's may be below zero.
    if (value < 0 && name.equals(SIGNED)) {
      out.decimal(value);
    } else {
      out.unsignedDecimal(value);
    }
  }

  private void details(WaitLine w) {
    quoted(" pg='", w.pg);
    number(" node=", w.node, 0);
    number(" cpu=", w.cpuUs, 0);
    boolean ofFile = !w.file.isEmpty();
    quoted(ofFile ? " file='" : " rel='", ofFile ? w.file : w.relation);
    bare(" fork=", w.fork);
    number(" spc=", w.tablespace, WaitLine.NONE);
    number(" db=", w.database, WaitLine.NONE);
    tier(w.tier);
    number(" holder=", w.holder, 0);
    quoted(" lock='", w.lock);
    bare(" mode=", w.lockMode);
    bare(" target=", w.target);
    bare(" by=", w.by);
    if (w.isByKernel) {
      out.ascii(" src=ebpf");
    }
  }

  private void text(String label, String value) {
    out.ascii(label);
    ServerText.append(out, value);
  }

  private void quoted(String label, String value) {
    if (!value.isEmpty()) {
      text(label, value);
      out.put('\'');
    }
  }

  private void bare(String label, String value) {
    if (!value.isEmpty()) {
      text(label, value);
    }
  }

  private void number(String label, long value, long none) {
    if (value != none) {
      field(label, value);
    }
  }

  void object(ObjectRecord o) {
    field("*** OBJECT obj#=", o.objectId);
    field(" file#=", o.file);
    text(" name='", o.name);
    text("' kind=", o.kind);
    out.put('\n');
  }

  void object(long objectId, long file, ByteSpan name, char kind) {
    field("*** OBJECT obj#=", objectId);
    field(" file#=", file);
    quoted(" name='", name);
    out.ascii(" kind=");
    out.ascii(kindOf(kind));
    out.put('\n');
  }

  private void details(WaitRecord w) {
    if (!w.event.pg().isEmpty()) {
      out.ascii(" pg='");
      out.ascii(w.event.pg());
      out.put('\'');
    }
    if (w.node > 0) {
      field(" node=", w.node);
    }
    if (w.cpuUs > 0) {
      field(" cpu=", w.cpuUs);
    }
    switch (w.kind) {
      case PLAIN, CLIENT -> {}
      case BLOCKS -> blocks(w);
      case FILE -> file(w);
      case LOCK -> lock(w);
      case IPC -> target(w);
    }
    if (w.isOwnWork) {
      out.ascii(" by=pg_trace");
    } else if (w.ioWorker > 0) {
      field(" by=io-worker:", w.ioWorker);
    } else if (w.isByIoUring) {
      out.ascii(" by=io_uring");
    }
    if (w.isByKernel) {
      out.ascii(" src=ebpf");
    }
  }

  private void blocks(WaitRecord w) {
    if (w.relation.length() > 0) {
      quoted(" rel='", w.relation);
    }
    ForkNames.append(out, w.fork);
    field(" spc=", w.tablespace);
    field(" db=", w.database);
    tier(w.tier);
  }

  private void file(WaitRecord w) {
    if (w.path.length() > 0) {
      quoted(" file='", w.path);
    }
    tier(w.tier);
  }

  private void tier(ReadTier tier) {
    switch (tier) {
      case UNKNOWN -> {}
      case CACHE -> out.ascii(" tier=cache");
      case DISK -> out.ascii(" tier=disk");
    }
  }

  private void lock(WaitRecord w) {
    if (w.holder > 0) {
      field(" holder=", w.holder);
    }
    out.ascii(" lock='");
    lockTag(w);
    out.put('\'');
    if (w.lockMode > 0 && w.lockMode < LOCK_MODES.length) {
      out.ascii(" mode=");
      out.ascii(LOCK_MODES[w.lockMode]);
    }
  }

  private void target(WaitRecord w) {
    if (w.targetPid > 0) {
      field(" target=", w.targetPid);
    } else if (w.targetLsn != 0) {
      // As the server prints a position: its halves.
      out.ascii(" target=");
      out.upperHex(w.targetLsn >>> Integer.SIZE);
      out.put('/');
      out.upperHex(w.targetLsn & 0xffff_ffffL);
    }
  }

  /** By the server's LockTagType. */
  private void lockTag(WaitRecord w) {
    switch (w.lockType) {
      case 0 -> relation("relation ", w);
      case 1 -> relation("extend of relation ", w);
      case 2 -> field("frozenid of database ", w.lock1);
      case 3 -> {
        relation("page ", w);
        field(" ", w.lock3);
      }
      case 4 -> {
        relation("tuple ", w);
        field(" (", w.lock3);
        field(",", w.lock4);
        out.put(')');
      }
      case 5 -> field("transactionid ", w.lock1);
      case 6 -> {
        field("virtualxid ", w.lock1);
        field("/", w.lock2);
      }
      case 7 -> {
        field("spectoken ", w.lock2);
        field(" of transaction ", w.lock1);
      }
      case 8 -> {
        field("object ", w.lock3);
        field(" of class ", w.lock2);
      }
      case 9 -> fields("userlock", w.lock1, w.lock2, w.lock3);
      case 10 -> {
        field("advisory ", w.lock2);
        field(" ", w.lock3);
      }
      case 11 -> {
        field("applytransaction ", w.lock3);
        field(" of subscription ", w.lock2);
      }
      default -> {
        field("type ", w.lockType);
        fields(":", w.lock1, w.lock2, w.lock3);
        field(" ", w.lock4);
      }
    }
  }

  private void relation(String label, WaitRecord w) {
    out.ascii(label);
    if (w.relation.length() > 0) {
      out.appendQuoted(w.relation.array(), w.relation.offset(), w.relation.length());
    } else {
      out.decimal(w.lock2);
    }
  }

  private void fields(String label, long a, long b, long c) {
    out.ascii(label);
    field(" ", a);
    field(" ", b);
    field(" ", c);
  }

  private void quoted(String label, ByteSpan text) {
    out.ascii(label);
    out.appendQuoted(text.array(), text.offset(), text.length());
    out.put('\'');
  }

  private void field(String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }

  /** By pg_class.relkind. */
  private static String kindOf(char kind) {
    return switch (kind) {
      case 'r' -> "table";
      case 'i' -> "index";
      case 't' -> "toast-table";
      case 'S' -> "sequence";
      case 'm' -> "materialized-view";
      case 'p' -> "partitioned-table";
      case 'I' -> "partitioned-index";
      case 'f' -> "foreign-table";
      case 'v' -> "view";
      case 'c' -> "composite-type";
      default -> "other";
    };
  }
}
