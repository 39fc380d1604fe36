package org.pgtrace.format;

import java.util.List;

/**
 * Everything that the head of a trace file says. An empty text is written as Oracle writes an empty
 * value.
 *
 * @param path absolute path of the trace file
 * @param product the programs
 * @param host the machine
 * @param process the server process
 * @param session whom the process works for
 * @param settings settings in force, each as {@code name=value}; full form only
 * @param unavailable what this server cannot show, each as {@code name: reason}; full form only
 * @param tim start of the trace, in microseconds of the Unix epoch
 */
public record TraceHeader(
    String path,
    Product product,
    Host host,
    ServerProcess process,
    Session session,
    List<String> settings,
    List<String> unavailable,
    long tim) {

  /** Version of the grammar, as the product line names it. */
  public static final int FORMAT_VERSION = 1;

  /** Copies the lists. */
  public TraceHeader {
    settings = List.copyOf(settings);
    unavailable = List.copyOf(unavailable);
  }

  /**
   * The programs.
   *
   * @param serverVersion as the server's setting {@code server_version} shows it
   * @param writerVersion version of pg_trace
   */
  public record Product(String serverVersion, String writerVersion) {}

  /**
   * The machine, as {@code uname} shows it.
   *
   * @param systemName {@code uname -s}
   * @param nodeName {@code uname -n}
   * @param release {@code uname -r}
   * @param version {@code uname -v}
   * @param machine {@code uname -m}
   */
  public record Host(
      String systemName, String nodeName, String release, String version, String machine) {}

  /**
   * The server process.
   *
   * @param instance the cluster's name
   * @param number number of the process in the server, such as its slot
   * @param pid process id
   * @param image program and what it is, such as {@code postgres@host (client backend)}
   */
  public record ServerProcess(String instance, int number, long pid, String image) {}

  /**
   * Whom the process works for.
   *
   * @param id {@code pid.serial}
   * @param service database
   * @param module application_name
   * @param action action, empty where there is none
   * @param clientId client identifier, empty where there is none
   * @param clientIp address, empty for a local socket
   * @param user session role
   */
  public record Session(
      String id,
      String service,
      String module,
      String action,
      String clientId,
      String clientIp,
      String user) {}
}
