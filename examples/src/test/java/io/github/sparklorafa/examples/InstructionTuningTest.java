package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class InstructionTuningTest {
  /** Fewer steps than the program's: it answers by then, though mostly what was not asked. */
  @Test
  void answersInstructions(@TempDir Path folder) {
    try (SparkSession spark = LocalSpark.open(folder)) {
      InstructionTuning.Result result =
          InstructionTuning.tune(spark, folder.resolve("shop").toString(), 24);

      double[] losses = result.model().summary().lossHistory();
      assertThat(losses).hasSize(24);
      assertThat(losses[23]).isLessThan(0.3 * losses[0]);
      assertThat(result.before().right()).isZero();
      assertThat(result.before().toThePoint()).isZero();
      assertThat(result.after().toThePoint()).isGreaterThan(0.05);
    }
  }
}
