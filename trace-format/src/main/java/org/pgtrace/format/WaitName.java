package org.pgtrace.format;

/** What a wait is called in a WAIT line, and which three parameters it has there. */
public final class WaitName {
  private final String nam;
  private final WaitParameters parameters;
  private final int letters;
  private final String byIoWorker;
  private final String byIoUring;

  /**
   * @param letters of a lock, two in ASCII; 0 of any other wait
   */
  WaitName(String nam, WaitParameters parameters, int letters) {
    this.nam = oneLine(nam);
    this.parameters = parameters;
    this.letters = letters;
    this.byIoWorker = this.nam + " by io-worker";
    this.byIoUring = this.nam + " by io_uring";
  }

  WaitName(String nam, WaitParameters parameters) {
    this(nam, parameters, 0);
  }

  /** The name, such as {@code db file sequential read}; never has an apostrophe. */
  public String nam() {
    return nam;
  }

  String byIoWorker() {
    return byIoWorker;
  }

  String byIoUring() {
    return byIoUring;
  }

  WaitParameters parameters() {
    return parameters;
  }

  /** Oracle's two letters of the lock, in the high half of {@code name|mode}. */
  int letters() {
    return letters;
  }

  @Override
  public String toString() {
    return nam;
  }

  /** Readers of Oracle traces end the text at the first apostrophe. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      line.append(c == '\'' ? '`' : Character.isISOControl(c) ? ' ' : c);
    }
    return line.toString();
  }
}
