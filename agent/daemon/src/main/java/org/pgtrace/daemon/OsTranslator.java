package org.pgtrace.daemon;

import java.util.Optional;
import org.pgtrace.format.OsRecord;
import org.pgtrace.format.OsSource;
import org.pgtrace.format.TraceWriter;
import org.pgtrace.ring.EventLayout.Charge;
import org.pgtrace.ring.EventLayout.Rusage;
import org.pgtrace.ring.EventRecord;

/**
 * What the operating system saw of an execution or a session that has ended, as lines: by the
 * process's own count, by samples of it, by the kernel's probes.
 */
final class OsTranslator {
  private final Optional<StatementSamples> samples;
  private final Optional<KernelLines> kernel;
  private final OsRecord charged = new OsRecord();

  OsTranslator(Optional<StatementSamples> samples, Optional<KernelLines> kernel) {
    this.samples = samples;
    this.kernel = kernel;
    charged.source = OsSource.RUSAGE;
  }

  /**
   * Writes the lines.
   *
   * @param isOwn whether it is of the session's own process, which alone is looked at from outside
   */
  void ended(EventRecord event, long tim, TraceWriter writer, boolean isOwn) {
    int at = Charge.USAGE;
    int cursor = event.i32(Charge.CURSOR);
    charged.cursor = cursor;
    charged.userUs = event.i64(at + Rusage.USER_US);
    charged.systemUs = event.i64(at + Rusage.SYSTEM_US);
    charged.inBlocks = event.i64(at + Rusage.IN_BLOCKS);
    charged.outBlocks = event.i64(at + Rusage.OUT_BLOCKS);
    charged.minorFaults = event.i64(at + Rusage.MINOR_FAULTS);
    charged.majorFaults = event.i64(at + Rusage.MAJOR_FAULTS);
    charged.voluntarySwitches = event.i64(at + Rusage.VOLUNTARY_SWITCHES);
    charged.involuntarySwitches = event.i64(at + Rusage.INVOLUNTARY_SWITCHES);
    charged.tim = tim;
    writer.os(charged);
    if (isOwn && samples.isPresent() && samples.get().end(event, tim)) {
      writer.os(samples.get().ended());
    }
    if (isOwn && kernel.isPresent()) {
      kernel.get().end(cursor, event.u16(Charge.DEPTH), tim, writer);
    }
  }
}
