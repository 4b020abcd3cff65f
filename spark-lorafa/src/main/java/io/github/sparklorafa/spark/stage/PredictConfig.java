package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;

/**
 * What completes the prompts of a table.
 *
 * @param model folder of the base checkpoint
 * @param adapter folder of an adapter; empty means none
 * @param dtype number format of weights and activations
 * @param promptColumn column of the prompts
 * @param completionColumn column that is added with what was written
 * @param batchSize prompts that advance together in a task
 * @param partitions tasks; 0 means so many that each slot gets some
 * @param generation how tokens are chosen
 */
public record PredictConfig(
    String model,
    String adapter,
    DType dtype,
    String promptColumn,
    String completionColumn,
    int batchSize,
    int partitions,
    GenerationConfig generation)
    implements Serializable {
  /** The checkpoint as it is, on the column {@code prompt}, 16 prompts at once, in fp32. */
  public static PredictConfig of(String model, GenerationConfig generation) {
    return new PredictConfig(model, "", DType.FP32, "prompt", "completion", 16, 0, generation);
  }

  /**
   * For predictions within a query, which has partitions of its own.
   *
   * @param dtype name of the number format
   * @throws IllegalArgumentException if there is no such format
   */
  public static PredictConfig inPlace(
      String model,
      String adapter,
      String dtype,
      String promptColumn,
      int batchSize,
      GenerationConfig generation) {
    return new PredictConfig(
        model, adapter, DType.parse(dtype), promptColumn, "", batchSize, 0, generation);
  }

  /** The same with an adapter. */
  public PredictConfig withAdapter(String folder) {
    return new PredictConfig(
        model, folder, dtype, promptColumn, completionColumn, batchSize, partitions, generation);
  }
}
