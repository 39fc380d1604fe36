package org.pgtrace.it;

import java.nio.file.Path;

/** PostgreSQL majors that the tests run with, the newest last. */
enum SupportedMajor {
  V15(15);

  private final int number;

  SupportedMajor(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** Where the distribution's package has it. */
  Path packagedPgConfig() {
    return Path.of("/usr/lib/postgresql", String.valueOf(number), "bin", "pg_config");
  }
}
