package org.pgtrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.AbstractWaitStrategy;
import org.testcontainers.utility.DockerImageName;

/** Containers of the images with pg_trace. */
final class Containers {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private Containers() {}

  /** Testcontainers would ask for a version of the interface that older engines do not have. */
  static void speakTheEnginesVersion() {
    String version = "{{.Server.APIVersion}}";
    try {
      Commands.Result engine =
          Commands.execute(List.of("docker", "version", "-f", version), Map.of(), Path.of("/"));
      if (engine.status() == 0) {
        System.setProperty("api.version", engine.output().strip());
      }
    } catch (UncheckedIOException e) {
      System.out.println("no docker program: " + e.getMessage());
    }
  }

  /** A container of the user who owns the tests' folders, and sees some of them. */
  static GenericContainer<?> ofServerUser(SupportedMajor major, Bind... folders) {
    List<Bind> all = new ArrayList<>(List.of(folders));
    all.add(bind(users(), Path.of("/etc/passwd"), AccessMode.ro));
    return of(major, all.toArray(new Bind[0]))
        .withCreateContainerCmdModifier(create -> create.withUser(Commands.serverUserId()));
  }

  /** A container as its image has it; who starts it waits for what it needs. */
  static GenericContainer<?> of(SupportedMajor major, Bind... folders) {
    return new GenericContainer<>(DockerImageName.parse(major.image()))
        .withImagePullPolicy(name -> false)
        .withStartupTimeout(PATIENCE)
        .waitingFor(new NoWait())
        .withCreateContainerCmdModifier(
            create -> {
              Objects.requireNonNull(create.getHostConfig()).withBinds(folders);
            });
  }

  static Bind bind(Path here, Path there, AccessMode mode) {
    return new Bind(here.toString(), new Volume(there.toString()), mode);
  }

  /** The image's user may have another number than the one who owns the tests' folders. */
  private static synchronized Path users() {
    Path file = Scratch.shared("passwd");
    try {
      if (!Files.exists(file)) {
        Files.writeString(
            file,
            "root:x:0:0::/root:/bin/sh\npostgres:x:" + Commands.serverUserId() + "::/tmp:/bin/sh\n",
            UTF_8);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class NoWait extends AbstractWaitStrategy {
    @Override
    protected void waitUntilReady() {
      // The server's own tests wait for it.
    }
  }
}
