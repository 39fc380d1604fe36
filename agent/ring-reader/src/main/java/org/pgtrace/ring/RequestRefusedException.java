package org.pgtrace.ring;

import java.io.IOException;

/** What was asked of a session cannot be had. The message names the place and the way out. */
public final class RequestRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  public RequestRefusedException(String message) {
    super(message);
  }
}
