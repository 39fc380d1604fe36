package org.pgtrace.ebpf;

/** There can be no probe here; the message is one line, with the way out. */
public final class EbpfUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  EbpfUnavailableException(String message) {
    super(message);
  }
}
