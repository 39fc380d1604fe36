package org.pgtrace.format;

import java.util.List;

/** Writes the head of a trace file, up to the keyed lines. */
final class HeaderWriter {
  private final TraceBuffer out;
  private final TraceForm form;

  HeaderWriter(TraceBuffer out, TraceForm form) {
    this.out = out;
    this.form = form;
  }

  void write(TraceHeader h) {
    line("Trace file ", h.path());
    product(h.product());
    TraceHeader.Host host = h.host();
    line("System name:\t", host.systemName());
    line("Node name:\t", host.nodeName());
    line("Release:\t", host.release());
    line("Version:\t", host.version());
    line("Machine:\t", host.machine());
    TraceHeader.ServerProcess process = h.process();
    line("Instance name: ", process.instance());
    out.ascii("Redo thread mounted by this instance: 1\nOracle process number: ");
    out.decimal(process.number());
    out.ascii("\nUnix process pid: ");
    out.decimal(process.pid());
    line(", image: ", process.image());
    out.put('\n');
  }

  private void product(TraceHeader.Product product) {
    String server = product.serverVersion();
    if (form == TraceForm.FULL) {
      out.ascii("PostgreSQL ");
      out.utf8Line(server);
      out.ascii(", pg_trace ");
      out.utf8Line(product.writerVersion());
      out.ascii(", trace format ");
      out.decimal(TraceHeader.FORMAT_VERSION);
      out.put('\n');
    } else {
      strictProduct(product.writerVersion(), server);
    }
  }

  void strictProduct(String writerVersion, String serverVersion) {
    out.ascii("Oracle Database 19c compatible Release 19.0.0.0.0 - written by pg_trace ");
    out.utf8Line(writerVersion);
    out.ascii(" for PostgreSQL ");
    out.utf8Line(firstWord(serverVersion));
    out.put('\n');
  }

  private static String firstWord(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  private void line(String label, String value) {
    out.ascii(label);
    out.utf8Line(value);
    out.put('\n');
  }

  static String join(List<String> values) {
    return String.join(", ", values);
  }
}
