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
    check(dir, resume, 0);
  }

  private void check(String dir, String resume, int maxSteps) {
    ResumeChecks.check(
        new Checkpointing(dir.isEmpty() ? "" : folder.resolve(dir).toString(), 100, 2, resume),
        maxSteps,
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
  void refusesToGiveAShorterRunTheStepsOfALongerOne() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000200"));
    Files.createDirectories(folder.resolve("old/step-000300"));
    assertThatThrownBy(() -> check("old", "auto", 299))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot resume from: %s (300 steps are done, and this run has 299: let it have more,"
                + " name an older checkpoint, or use another checkpoint dir)",
            folder.resolve("old"));
    for (String source : new String[] {"old", "old/step-000300"}) {
      assertThatThrownBy(() -> check("new", folder.resolve(source).toString(), 299))
          .hasMessageContaining(source + " (300 steps are done, and this run has 299: ");
    }
    String older = folder.resolve("old/step-000200").toString();
    assertThatCode(() -> check("new", older, 299)).doesNotThrowAnyException();
    assertThatCode(() -> check("old", "auto", 300)).doesNotThrowAnyException();
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
  void refusesAFolderOfAnotherRunWhateverItsStepsAre() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000300"));
    for (String step : new String[] {"step-000000", "step-000200", "step-000300", "step-000400"}) {
      Files.createDirectories(folder.resolve("others-" + step).resolve(step));
      for (String source : new String[] {"old", "old/step-000300"}) {
        assertThatThrownBy(() -> check("others-" + step, folder.resolve(source).toString()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "Cannot write checkpoints: %s holds %s already (resume from it, delete it, or name"
                    + " another checkpoint dir)",
                folder.resolve("others-" + step), step);
      }
    }
  }

  @Test
  void goesOnInTheFolderThatItResumesFromHoweverThatIsWritten() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000300"));
    Files.createDirectories(folder.resolve("old/step-000200"));
    for (String source :
        new String[] {"old/", "new/../old", "old/step-000300", "old/step-000300/"}) {
      assertThatCode(() -> check("old", "file:" + folder + "/" + source))
          .as(source)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void refusesToWriteIntoAFolderThatIsNamedAsACheckpoint() throws IOException {
    Files.createDirectories(folder.resolve("old/step-000100"));
    for (String name : new String[] {"old/step-000100", "old/step-000100/", "old/.step-mine"}) {
      for (String resume : new String[] {"auto", "never", folder.resolve("old").toString()}) {
        assertThatThrownBy(() -> check(name, resume))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "Cannot write checkpoints: %s has the name of a single one (name the folder around"
                    + " it, or another; resume may name a single one)",
                folder.resolve(name));
      }
    }
    assertThatCode(() -> check("step-100", "auto")).doesNotThrowAnyException();
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
