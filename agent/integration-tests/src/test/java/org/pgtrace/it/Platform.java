package org.pgtrace.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;

/** A PostgreSQL to test with: one that is installed here, or one of a container's image. */
sealed interface Platform {
  SupportedMajor major();

  /**
   * A new cluster that does not run yet.
   *
   * @param settings beyond those that all tests have, which they may change
   */
  TracedServer stopped(Map<String, String> settings);

  /** A new cluster, started. */
  default TracedServer started(Map<String, String> settings) {
    TracedServer server = stopped(settings);
    server.start();
    return server;
  }

  /** On this machine. */
  record Installed(Installation installation) implements Platform {
    @Override
    public SupportedMajor major() {
      return installation.major();
    }

    @Override
    public TracedServer stopped(Map<String, String> settings) {
      return new InstalledServer(this, settings);
    }

    @Override
    public String toString() {
      return "installed " + major().number();
    }
  }

  /** In a container. */
  record Container(SupportedMajor major) implements Platform {
    @Override
    public TracedServer stopped(Map<String, String> settings) {
      return new ContainerServer(this, settings);
    }

    @Override
    public String toString() {
      return "container " + major.number();
    }
  }

  /** All that can be had here; those that {@code pgtrace.platforms} names, where it is set. */
  static List<Platform> all() {
    return Available.PLATFORMS;
  }

  /** What a complete run has, in the order of the tables. */
  static List<String> namesOfAll() {
    List<String> names = new ArrayList<>();
    names.add(Available.INSTALLED.toString());
    Stream.of(SupportedMajor.values()).map(m -> new Container(m).toString()).forEach(names::add);
    return names;
  }

  /** Looked for once; what is left out is said. */
  final class Available {
    private static final String CHOICE = System.getProperty("pgtrace.platforms", "");
    private static final Platform INSTALLED = installed();
    private static final List<Platform> PLATFORMS = find();

    private Available() {}

    private static Platform installed() {
      try {
        return new Installed(Installation.find());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static List<Platform> find() {
      List<Platform> platforms = new ArrayList<>();
      add(platforms, INSTALLED, "");
      Containers.speakTheEnginesVersion();
      boolean docker = DockerClientFactory.instance().isDockerAvailable();
      for (SupportedMajor major : SupportedMajor.values()) {
        String missing = !docker ? "no Docker here" : hasImage(major) ? "" : "no " + major.image();
        add(platforms, new Container(major), missing);
      }
      if (platforms.isEmpty()) {
        throw new IllegalStateException("nothing to test with: pgtrace.platforms=" + CHOICE);
      }
      return List.copyOf(platforms);
    }

    private static void add(List<Platform> to, Platform platform, String missing) {
      boolean chosen =
          CHOICE.isEmpty() || List.of(CHOICE.split(" *, *", -1)).contains(platform.toString());
      if (chosen && missing.isEmpty()) {
        to.add(platform);
      } else {
        System.out.println("left out: " + platform + (chosen ? ": " + missing : ": not chosen"));
      }
    }

    private static boolean hasImage(SupportedMajor major) {
      return !DockerClientFactory.instance()
          .client()
          .listImagesCmd()
          .withImageNameFilter(major.image())
          .exec()
          .isEmpty();
    }
  }
}
