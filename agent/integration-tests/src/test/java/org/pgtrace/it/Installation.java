package org.pgtrace.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An installed PostgreSQL with the extension in its folders. */
record Installation(Path pgConfig, SupportedMajor major, Path bin, Path pgxs, Path library) {
  private static final String ENVIRONMENT = "PGTRACE_PG_CONFIG";

  /** The one that PGTRACE_PG_CONFIG names, else the newest supported one that is there. */
  static Installation find() throws IOException {
    String named = System.getenv(ENVIRONMENT);
    if (named != null && !named.isEmpty()) {
      return of(Path.of(named));
    }
    List<SupportedMajor> majors = List.of(SupportedMajor.values());
    for (int i = majors.size() - 1; i >= 0; i--) {
      Path pgConfig = majors.get(i).packagedPgConfig();
      if (Files.isExecutable(pgConfig)) {
        return of(pgConfig);
      }
    }
    throw new IllegalStateException("no PostgreSQL found; set " + ENVIRONMENT);
  }

  private static Installation of(Path pgConfig) throws IOException {
    return new Installation(
        pgConfig,
        SupportedMajor.of(
            Integer.parseInt(ask(pgConfig, "--version").replaceAll("\\D*(\\d+).*", "$1"))),
        Path.of(ask(pgConfig, "--bindir")),
        Path.of(ask(pgConfig, "--pgxs")).resolve("../..").normalize(),
        Path.of(ask(pgConfig, "--pkglibdir")));
  }

  private static String ask(Path pgConfig, String option) throws IOException {
    return Commands.run(List.of(pgConfig.toString(), option)).strip();
  }

  String program(String name) {
    return bin.resolve(name).toString();
  }

  /** The test driver that PGXS brings along. */
  Path pgRegress() {
    return pgxs.resolve("test/regress/pg_regress");
  }
}
