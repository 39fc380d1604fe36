package org.pgtrace.format;

/**
 * Oracle's datatype codes ({@code oacdty}) for PostgreSQL's types, with the widths that Oracle
 * gives such a bind and how its value is written.
 */
public enum BindType {
  /** Text, and every type without a nearer code. Width: see {@link #width}. */
  VARCHAR2(1, 0, Style.QUOTED),
  /** Integers, oid and numeric. */
  NUMBER(2, 22, Style.BARE),
  /** date. */
  DATE(12, 7, Style.QUOTED),
  /** bytea. */
  RAW(23, 0, Style.HEX),
  /** char(n) and "char". */
  CHAR(96, 0, Style.QUOTED),
  /** float4. */
  BINARY_FLOAT(100, 4, Style.BARE),
  /** float8. */
  BINARY_DOUBLE(101, 8, Style.BARE),
  /** timestamp without time zone. */
  TIMESTAMP(180, 11, Style.QUOTED),
  /** timestamp with time zone. */
  TIMESTAMP_TZ(181, 13, Style.QUOTED),
  /** interval. */
  INTERVAL(183, 11, Style.QUOTED),
  /** bool. */
  BOOLEAN(252, 4, Style.BARE);

  /** How a value is written. */
  enum Style {
    BARE,
    QUOTED,
    HEX
  }

  private final int code;
  private final int fixedWidth;
  private final Style style;

  BindType(int code, int fixedWidth, Style style) {
    this.code = code;
    this.fixedWidth = fixedWidth;
    this.style = style;
  }

  /** The code for {@code oacdty}. */
  public int code() {
    return code;
  }

  Style style() {
    return style;
  }

  /** Whether the type holds characters, which have a character set. */
  boolean isCharacter() {
    return this == VARCHAR2 || this == CHAR;
  }

  boolean isFixedWidth() {
    return fixedWidth > 0;
  }

  /**
   * Bytes of the bind buffer: Oracle's for types of a fixed width; for others the smallest of
   * Oracle's sizes (32, 128, 2000, 4000) that holds the value, or the value's own length.
   */
  long width(long actualLength) {
    if (isFixedWidth()) {
      return fixedWidth;
    }
    if (actualLength <= 32) {
      return 32;
    }
    if (actualLength <= 128) {
      return 128;
    }
    if (actualLength <= 2000) {
      return 2000;
    }
    return Math.max(actualLength, 4000);
  }

  /** The code for a type's OID; VARCHAR2 for every type without a nearer one. */
  public static BindType of(long typeOid) {
    if (typeOid != (int) typeOid) {
      return VARCHAR2;
    }
    return switch ((int) typeOid) {
      case 16 -> BOOLEAN;
      case 17 -> RAW;
      case 18, 1042 -> CHAR;
      case 20, 21, 23, 26, 1700 -> NUMBER;
      case 700 -> BINARY_FLOAT;
      case 701 -> BINARY_DOUBLE;
      case 1082 -> DATE;
      case 1114 -> TIMESTAMP;
      case 1184 -> TIMESTAMP_TZ;
      case 1186 -> INTERVAL;
      default -> VARCHAR2;
    };
  }

  /** Name of a common built-in type, or an empty text. */
  static String nameOf(long typeOid) {
    if (typeOid != (int) typeOid) {
      return "";
    }
    return switch ((int) typeOid) {
      case 16 -> "boolean";
      case 17 -> "bytea";
      case 18 -> "\"char\"";
      case 19 -> "name";
      case 20 -> "bigint";
      case 21 -> "smallint";
      case 23 -> "integer";
      case 25 -> "text";
      case 26 -> "oid";
      case 114 -> "json";
      case 700 -> "real";
      case 701 -> "double precision";
      case 1042 -> "character";
      case 1043 -> "character varying";
      case 1082 -> "date";
      case 1083 -> "time without time zone";
      case 1114 -> "timestamp without time zone";
      case 1184 -> "timestamp with time zone";
      case 1186 -> "interval";
      case 1266 -> "time with time zone";
      case 1700 -> "numeric";
      case 2950 -> "uuid";
      case 3802 -> "jsonb";
      default -> "";
    };
  }
}
