package org.pgtrace.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;

/**
 * Text in the server's encoding, which a trace does not name: UTF-8, and each byte that is none
 * becomes a lone surrogate, U+DC00 and its value, so that the same bytes can be written again.
 */
public final class ServerText {
  private static final char ESCAPE = 0xdc00;

  private ServerText() {}

  /** The text of {@code b[off, off + len)}. */
  public static String decode(byte[] b, int off, int len) {
    try {
      return UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(b, off, len))
          .toString();
    } catch (CharacterCodingException e) {
      return decodeEach(b, off, len);
    }
  }

  /** The text that a span points at. */
  public static String decode(ByteSpan span) {
    return decode(span.array(), span.offset(), span.length());
  }

  private static String decodeEach(byte[] b, int off, int len) {
    StringBuilder text = new StringBuilder(len);
    for (int i = off; i < off + len; i++) {
      text.append(b[i] >= 0 ? (char) b[i] : (char) (ESCAPE + (b[i] & 0xff)));
    }
    return text.toString();
  }

  /** Appends the bytes that {@link #decode} made the text of. */
  static void append(TraceBuffer out, String text) {
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isEscape = c > ESCAPE && c <= ESCAPE + 0xff;
      if (isEscape && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)))) {
        out.utf8(text.substring(from, i));
        out.put((byte) (c - ESCAPE));
        from = i + 1;
      }
    }
    out.utf8(from == 0 ? text : text.substring(from));
  }
}
