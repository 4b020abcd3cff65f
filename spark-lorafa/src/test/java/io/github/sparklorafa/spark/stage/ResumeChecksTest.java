package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.train.Checkpointing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeChecksTest {
  @TempDir Path folder;

  private void check(String dir, String resume) {
    ResumeChecks.check(
        new Checkpointing(dir.isEmpty() ? "" : folder.resolve(dir).toString(), 100, 2, resume),
        new Configuration());
  }

  @Test
  void aNewFolderIsAlwaysRight() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000300"));
    for (String resume : new String[] {"auto", "never", folder.resolve("old").toString()}) {
      assertThatCode(() -> check("new", resume)).doesNotThrowAnyException();
      assertThatCode(() -> check("", resume)).doesNotThrowAnyException();
    }
    assertThatCode(() -> check("old", "auto")).doesNotThrowAnyException();
  }

  @Test
  void refusesToBeginBesideCheckpointsOfAnotherRun() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000300"));
    assertThatThrownBy(() -> check("old", "never"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot write checkpoints: %s holds step-000300 already (resume from it, delete it, or"
                + " name another checkpoint dir)",
            folder.resolve("old"));
  }

  @Test
  void goesOnFromAnOlderOneOnlyInAnotherFolder() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000300"));
    Files.createDirectories(folder.resolve("old/step-000200"));
    String older = folder.resolve("old/step-000200").toString();
    assertThatThrownBy(() -> check("old", older)).hasMessageContaining("holds step-000300 already");
    assertThatCode(() -> check("new", older)).doesNotThrowAnyException();
    assertThatCode(() -> check("old", folder.resolve("old").toString())).doesNotThrowAnyException();
  }

  @Test
  void refusesAPathWithoutCheckpoints() {
    assertThatThrownBy(() -> check("new", folder.toString()))
        .hasMessage(
            "Cannot resume from: %s (there is no checkpoint of training: name a folder step-..., or"
                + " one that holds some)",
            folder);
  }
}
