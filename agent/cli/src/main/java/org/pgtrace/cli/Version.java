package org.pgtrace.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;
import org.pgtrace.ring.Layout;
import picocli.CommandLine.IVersionProvider;

/** The version that the build gave the program. */
final class Version implements IVersionProvider {
  private static final String SNAPSHOT = "-SNAPSHOT";

  /** Such as 1.0. */
  static String number() {
    Properties properties = new Properties();
    try (InputStream in =
        Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"))) {
      properties.load(in);
    } catch (IOException e) {
      return "unknown";
    }
    String version = properties.getProperty("version", "unknown");
    return version.endsWith(SNAPSHOT)
        ? version.substring(0, version.length() - SNAPSHOT.length())
        : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "pgtrace "
          + number()
          + " (segment layout "
          + Layout.LAYOUT_MAJOR
          + "."
          + Layout.LAYOUT_MINOR
          + ")"
    };
  }
}
