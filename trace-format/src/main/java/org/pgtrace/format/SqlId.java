package org.pgtrace.format;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Oracle's hash value and sql_id of a text: MD5 of the text and one NUL, of which the last two of
 * four little-endian words count. Used again for each text; not safe for use by several threads.
 */
public final class SqlId {
  /** Number of characters. */
  public static final int LENGTH = 13;

  private static final String ALPHABET = "0123456789abcdfghjkmnpqrstuvwxyz";
  private static final int BITS_PER_CHARACTER = 5;
  private static final int MD5_BYTES = 16;

  private final MessageDigest md5 = newMd5();
  private final byte[] digest = new byte[MD5_BYTES];

  /** Hashes a text; the getters tell the result until the next call. */
  public void hash(byte[] text, int off, int len) {
    md5.update(text, off, len);
    md5.update((byte) 0);
    try {
      md5.digest(digest, 0, MD5_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
  }

  /** {@code hv}: unsigned 32 bits. */
  public long hashValue() {
    return word(3);
  }

  /** The 64 bits of which sql_id shows the digits. */
  public long number() {
    return (word(2) << Integer.SIZE) | word(3);
  }

  /** A number of 32 bits that is the same for equal texts, for {@code ad}. */
  public long address() {
    return word(1);
  }

  /** Appends sql_id's 13 characters. */
  public void appendTo(TraceBuffer out) {
    long number = number();
    for (int i = LENGTH - 1; i >= 0; i--) {
      out.put(ALPHABET.charAt((int) (number >>> (i * BITS_PER_CHARACTER)) & 0x1f));
    }
  }

  /** sql_id of a text, for use off the hot path. */
  public static String of(String text) {
    byte[] b = text.getBytes(StandardCharsets.UTF_8);
    SqlId id = new SqlId();
    id.hash(b, 0, b.length);
    TraceBuffer out = new TraceBuffer(LENGTH);
    id.appendTo(out);
    return new String(out.array(), 0, out.length(), StandardCharsets.US_ASCII);
  }

  private long word(int index) {
    int i = index * Integer.BYTES;
    return (digest[i] & 0xffL)
        | ((digest[i + 1] & 0xffL) << 8)
        | ((digest[i + 2] & 0xffL) << 16)
        | ((digest[i + 3] & 0xffL) << 24);
  }

  private static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
