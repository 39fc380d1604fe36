package org.pgtrace.convert;

import java.io.IOException;
import java.io.OutputStream;

/** Where the strict form of a trace goes. */
public interface StrictOutputs {
  /**
   * Opens what takes a part of the trace; asked for once for each part, when its first line comes.
   *
   * @param worker number of a parallel worker, from 1; 0: the session
   */
  OutputStream open(int worker) throws IOException;

  /** What the head of that part's file calls it. */
  String path(int worker);
}
