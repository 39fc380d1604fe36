package org.pgtrace.proc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelInfoTest {
  @Test
  void says_what_uname_says() throws IOException {
    KernelInfo info = KernelInfo.read(Path.of("/proc"));

    assertThat(info.systemName()).isEqualTo(uname("-s"));
    assertThat(info.nodeName()).isEqualTo(uname("-n"));
    assertThat(info.release()).isEqualTo(uname("-r"));
    assertThat(info.version()).isEqualTo(uname("-v"));
    assertThat(info.machine()).isEqualTo(uname("-m"));
  }

  @Test
  void what_cannot_be_read_is_empty(@TempDir Path proc) {
    assertThat(KernelInfo.read(proc).release()).isEmpty();
  }

  private static String uname(String option) throws IOException {
    Process uname = new ProcessBuilder("uname", option).start();
    return new String(uname.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
