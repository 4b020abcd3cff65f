package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.train.QualityRuns.Line;
import io.github.sparklorafa.train.QualityRuns.Setting;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares full fine-tuning, LoRA and LoRA-FA on real tasks, and prints the tables of
 * docs/quality.md. The file in the system property {@code quality.results} keeps what was run, so
 * that an interrupted comparison goes on.
 */
@Tag("long")
class QualityTest {
  private static final Setting FULL = Setting.of(Method.FULL);
  private static final Setting LORA = Setting.of(Method.LORA);
  private static final Setting LORA_FA = Setting.of(Method.LORA_FA);

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  private Path results() {
    String named = System.getProperty("quality.results");
    return named == null ? folder.resolve("results.jsonl") : Path.of(named);
  }

  @Test
  void ticketsOfLetters() throws Exception {
    QualityRuns runs =
        new QualityRuns("tickets", results(), s -> new QualityTickets(folder).score(s));
    Line full = runs.line(FULL, 5e-4, 1e-3, 2e-3, 5e-3);
    Line lora = runs.line(LORA, 2e-3, 5e-3, 1e-2, 2e-2);
    Line loraFa = runs.line(LORA_FA, 5e-3, 1e-2, 2e-2, 5e-2);
    runs.line(LORA_FA.with(InitA.ORTHONORMAL), 5e-3, 1e-2, 2e-2);
    runs.line(LORA_FA.with(GradientCorrectionMode.GRAM), 5e-3, 1e-2, 2e-2);
    runs.line(LORA_FA.withRank(32), 5e-3, 1e-2, 2e-2);
    Line loraTwice = runs.line(LORA.times(2), 5e-3, 1e-2);
    Line loraFaTwice = runs.line(LORA_FA.times(2), 5e-3, 1e-2, 2e-2);
    runs.line(LORA_FA.with(InitA.ORTHONORMAL).times(2), 5e-3, 1e-2);
    Line ofRank8 = runs.line(LORA_FA.withRank(8), 1e-2, 2e-2, 5e-2);
    Line fullTwice = runs.line(FULL.times(2), 5e-4, 1e-3);
    runs.line(LORA_FA.withRank(64), 5e-3, 1e-2);
    assertThat(loraFa.mean()).isGreaterThan(0.85).isBetween(lora.mean() - 0.06, lora.mean());
    assertThat(full.mean()).isGreaterThan(loraFa.mean());
    assertThat(ofRank8.mean()).isLessThan(loraFa.mean());
    assertWithinTheSeedsOf(loraTwice, loraFaTwice);
    assertWithinTheSeedsOf(fullTwice, loraFaTwice);
  }

  /**
   * Needs the folder that {@code src/test/reference/make_quality.py} writes, as system property
   * {@code quality.data}.
   */
  @Test
  void sentimentOfSentences() throws Exception {
    String data = System.getProperty("quality.data");
    assumeTrue(data != null, "no quality.data");
    QualitySentiment task = new QualitySentiment(Path.of(data), folder);
    task.preTrain();
    QualityRuns runs = new QualityRuns("sentiment", results(), task::score);
    Setting twice = LORA_FA.times(2);
    Line full = runs.line(FULL.times(2), 2e-4, 5e-4, 1e-3);
    Line lora = runs.line(LORA.times(2), 5e-4, 1e-3, 2e-3, 5e-3);
    Line loraFa = runs.line(twice, 1e-3, 2e-3, 5e-3);
    Line embeddingsToo = runs.line(twice.withSaved("word_embeddings"), 1e-3, 2e-3);
    runs.line(twice.withRank(64), 1e-3, 2e-3);
    runs.line(twice.with(InitA.ORTHONORMAL), 1e-3, 2e-3);
    runs.line(twice.with(GradientCorrectionMode.GRAM), 1e-3, 2e-3);
    assertWithinTheSeedsOf(lora, loraFa);
    assertThat(loraFa.mean()).isGreaterThan(0.62).isBetween(full.mean() - 0.06, full.mean());
    assertThat(embeddingsToo.mean()).isGreaterThan(loraFa.mean() + 0.03);
  }

  /** With a point more for another CPU's rounding. */
  private static void assertWithinTheSeedsOf(Line other, Line loraFa) {
    assertThat(loraFa.mean()).isBetween(other.least() - 0.01, other.most() + 0.01);
  }
}
