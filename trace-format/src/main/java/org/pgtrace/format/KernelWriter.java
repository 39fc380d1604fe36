package org.pgtrace.format;

/** Writes lines of what the kernel's own probes have seen, without their end. */
final class KernelWriter {
  private static final String SOURCE = " src=ebpf";

  private final TraceBuffer out;

  KernelWriter(TraceBuffer out) {
    this.out = out;
  }

  void call(SystemCallRecord r) {
    field("SYSCALL #", r.cursor);
    out.ascii(": nam='");
    out.ascii(r.name);
    field("' ela= ", r.elapsedUs);
    field(" fd=", r.descriptor);
    field(" offset=", r.offset);
    field(" bytes=", r.result);
    field(" obj#=", r.objectId);
    field(" tim=", r.tim);
    quoted(" file='", r.path);
    quoted(" rel='", r.relation);
    if (r.block >= 0) {
      field(" block#=", r.block);
    }
    if (r.requests > 0) {
      field(" requests=", r.requests);
      field(" request_bytes=", r.requestBytes);
      field(" device=", r.deviceUs);
    }
    out.ascii(SOURCE);
  }

  void sum(KernelSumRecord r) {
    field("OS #", r.cursor);
    field(":reads=", r.reads);
    field(",read_us=", r.readUs);
    field(",read_bytes=", r.readBytes);
    field(",writes=", r.writes);
    field(",write_us=", r.writeUs);
    field(",write_bytes=", r.writtenBytes);
    field(",syncs=", r.syncs);
    field(",sync_us=", r.syncUs);
    field(",requests=", r.requests);
    field(",request_bytes=", r.requestBytes);
    field(",device_us=", r.deviceUs);
    field(",sleeps=", r.sleeps);
    field(",sleep_us=", r.sleepUs);
    field(",preemptions=", r.preemptions);
    field(",runq_us=", r.runQueueUs);
    field(",src=ebpf,tim=", r.tim);
    out.ascii(r.isIncomplete ? " incomplete" : "");
  }

  private void quoted(String label, ByteSpan text) {
    if (text.length() > 0) {
      out.ascii(label);
      out.appendQuoted(text.array(), text.offset(), text.length());
      out.put('\'');
    }
  }

  private void field(String label, long value) {
    out.ascii(label);
    out.decimal(value);
  }
}
