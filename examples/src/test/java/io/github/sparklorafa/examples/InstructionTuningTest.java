package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class InstructionTuningTest {
  /** Fewer steps than the program's: it answers by then, though mostly what was not asked. */
  @Test
  void answersInstructions(@TempDir Path folder) {
    Path shop = folder.resolve("shop");
    Printed printed;
    // The program ends the session that it finds.
    try (SparkSession unused = LocalSpark.open(folder)) {
      printed = Printed.by(() -> InstructionTuning.main(new String[] {shop.toString(), "24"}));
    }

    List<Double> losses =
        printed.numbers("^24 steps of LoRA-FA on .*: the loss went from ([\\d.]+) to ([\\d.]+)");
    assertThat(losses.get(1)).isLessThan(0.3 * losses.get(0));
    String score = " +([\\d.]+) % to the point, ([\\d.]+) % right";
    assertThat(printed.numbers("^before:" + score)).containsExactly(0.0, 0.0);
    assertThat(printed.numbers("^after:" + score).get(0)).isGreaterThan(5);
    assertThat(shop.resolve("model/adapter/adapter_model.safetensors")).isNotEmptyFile();
  }
}
