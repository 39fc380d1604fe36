package org.pgtrace.format;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * A wait event of the server, and what Oracle calls it. The servers' majors spell some names
 * differently ({@code WALSync}, {@code WalSync}), so upper and lower case are taken for the same.
 */
public final class WaitEvent {
  private static final WaitName TO_CLIENT =
      new WaitName("SQL*Net message to client", WaitParameters.CLIENT);

  /** What a wait is called where the server had set no event. */
  private static final Map<WaitCall, WaitName> UNNAMED = unnamed();

  private static final WaitEvent UNSET =
      new WaitEvent(0, "", unnamed(WaitCall.UNKNOWN), unnamed(WaitCall.UNKNOWN));

  private final int number;
  private final String pg;
  private final WaitName one;

  /** For more than one block. */
  private final WaitName several;

  private WaitEvent(int number, String pg, WaitName one, WaitName several) {
    this.number = number;
    this.pg = pg;
    this.one = one;
    this.several = several;
  }

  /** The server had set no event: the call that blocked is all that is known. */
  public static WaitEvent unset() {
    return UNSET;
  }

  /** An event whose name has not come yet. */
  public static WaitEvent unknown(int number) {
    String nam = String.format(Locale.ROOT, "Wait event 0x%08X", number);
    WaitName name = new WaitName(nam, WaitParameters.OTHER);
    return new WaitEvent(number, "", name, name);
  }

  /**
   * An event that the server shows as {@code type} and {@code name} in pg_stat_activity.
   *
   * @param number the server's wait_event_info
   */
  public static WaitEvent named(int number, String type, String name) {
    WaitName one = oracle(type, name);
    WaitName several = oracleOfSeveral(type, name, one);
    return new WaitEvent(number, WaitName.oneLine(type + "/" + name), one, several);
  }

  /** Whether this is an event of that type and name. */
  public boolean isCalled(String type, String name) {
    int slash = type.length();
    return pg.length() == slash + 1 + name.length()
        && pg.startsWith(type)
        && pg.charAt(slash) == '/'
        && pg.endsWith(name);
  }

  /** {@code Type/Name}; an empty text where the name is not known. */
  String pg() {
    return pg;
  }

  /** The number in its class; of an LWLock its tranche. */
  int numberInClass() {
    return number & 0xffff;
  }

  WaitName name(WaitKind kind, WaitCall call, long blocks) {
    if (kind == WaitKind.CLIENT && call == WaitCall.SEND) {
      return TO_CLIENT;
    }
    if (number == 0) {
      return UNNAMED.getOrDefault(call, one);
    }
    return kind == WaitKind.BLOCKS && blocks > 1 ? several : one;
  }

  private static Map<WaitCall, WaitName> unnamed() {
    Map<WaitCall, WaitName> names = new EnumMap<>(WaitCall.class);
    for (WaitCall call : WaitCall.values()) {
      names.put(call, unnamed(call));
    }
    return names;
  }

  private static WaitName unnamed(WaitCall call) {
    return new WaitName("Unnamed: " + call.text(), WaitParameters.OTHER);
  }

  private static WaitName oracle(String type, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    WaitName other = new WaitName(type + ": " + name, WaitParameters.OTHER);
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "lwlock" -> new WaitName("latch: " + name, WaitParameters.LATCH);
      case "lock" -> lock(name, lower);
      case "io" -> io(lower, other);
      case "ipc" -> ipc(lower, other);
      case "client" -> client(lower, other);
      case "timeout" ->
          lower.equals("pgsleep") ? new WaitName("PL/SQL lock timer", WaitParameters.SLEEP) : other;
      default -> other;
    };
  }

  private static WaitName io(String name, WaitName other) {
    return switch (name) {
      case "datafileread" -> new WaitName("db file sequential read", WaitParameters.BLOCKS);
      case "datafilewrite" -> new WaitName("db file single write", WaitParameters.BLOCKS);
      case "datafileextend" -> new WaitName("Data file init write", WaitParameters.BLOCKS);
      case "buffileread" -> new WaitName("direct path read temp", WaitParameters.TEMP);
      case "buffilewrite" -> new WaitName("direct path write temp", WaitParameters.TEMP);
      case "walsync" -> new WaitName("log file sync", WaitParameters.WAL);
      case "walwrite" -> new WaitName("log file parallel write", WaitParameters.WAL);
      default -> other;
    };
  }

  private static WaitName oracleOfSeveral(String type, String name, WaitName one) {
    if (!type.equalsIgnoreCase("IO")) {
      return one;
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "datafileread" -> new WaitName("db file scattered read", WaitParameters.BLOCKS);
      case "datafilewrite" -> new WaitName("db file parallel write", WaitParameters.BLOCKS);
      default -> one;
    };
  }

  private static WaitName ipc(String name, WaitName other) {
    return switch (name) {
      case "bufferio" -> new WaitName("read by other session", WaitParameters.BUFFER);
      case "executegather" -> new WaitName("PX Deq: Execute Reply", WaitParameters.PARALLEL);
      case "messagequeuereceive" -> new WaitName("PX Deq: Table Q Normal", WaitParameters.PARALLEL);
      case "messagequeuesend", "messagequeueputmessage" ->
          new WaitName("PX Deq Credit: send blkd", WaitParameters.PARALLEL);
      default -> other;
    };
  }

  private static WaitName client(String name, WaitName other) {
    return switch (name) {
      case "clientread" -> new WaitName("SQL*Net message from client", WaitParameters.CLIENT);
      case "clientwrite" -> new WaitName("SQL*Net more data to client", WaitParameters.CLIENT);
      default -> other;
    };
  }

  private static WaitName lock(String name, String lower) {
    return switch (lower) {
      case "transactionid" ->
          new WaitName("enq: TX - row lock contention", WaitParameters.TRANSACTION, 0x5458);
      case "tuple" -> new WaitName("enq: TX - row lock contention", WaitParameters.TUPLE, 0x5458);
      case "relation" -> new WaitName("enq: TM - contention", WaitParameters.TABLE, 0x544d);
      case "extend" -> new WaitName("enq: HW - contention", WaitParameters.EXTEND, 0x4857);
      case "advisory" -> new WaitName("enq: UL - contention", WaitParameters.USER_LOCK, 0x554c);
      case "page", "object" ->
          new WaitName("enq: " + name + " - contention", WaitParameters.LOCK_IN, letters(name));
      default -> new WaitName("enq: " + name + " - contention", WaitParameters.LOCK, letters(name));
    };
  }

  /** The first two of a lock's name, as Oracle's locks are called. */
  private static int letters(String name) {
    String upper = (name + "  ").toUpperCase(Locale.ROOT);
    return (upper.charAt(0) & 0x7f) << 8 | (upper.charAt(1) & 0x7f);
  }
}
