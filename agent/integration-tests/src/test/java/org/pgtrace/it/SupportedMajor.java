package org.pgtrace.it;

import java.nio.file.Path;

/** PostgreSQL majors that the tests run with, the newest last: the only list of them. */
enum SupportedMajor {
  V15(15),
  V17(17),
  V18(18),
  V19(19);

  /** What the images are called, before the major. */
  private static final String IMAGES = "pgtrace.images";

  private final int number;

  SupportedMajor(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** The image with the extension and the program, as the launcher builds it. */
  String image() {
    return System.getProperty(IMAGES, "pgtrace") + ":" + number;
  }

  /** Where the distribution's package has it. */
  Path packagedPgConfig() {
    return Path.of("/usr/lib/postgresql", String.valueOf(number), "bin", "pg_config");
  }

  static SupportedMajor of(int number) {
    for (SupportedMajor major : values()) {
      if (major.number == number) {
        return major;
      }
    }
    throw new IllegalArgumentException("PostgreSQL " + number + " is not supported");
  }
}
