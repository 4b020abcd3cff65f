package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.infer.GenerationConfig;
import java.io.Serializable;

/**
 * What completes the prompts of a table, or answers its conversations or instructions.
 *
 * @param predictor the model
 * @param columns names of the columns to answer; those of answers may be missing
 * @param completionColumn column that is added with what was written
 * @param batchSize prompts that advance together in a task
 * @param partitions tasks; 0 means so many that each slot gets some
 * @param generation how tokens are chosen
 */
public record PredictConfig(
    Predictor predictor,
    Columns columns,
    String completionColumn,
    int batchSize,
    int partitions,
    GenerationConfig generation)
    implements Serializable {
  /**
   * The checkpoint as it is, on {@code prompt}, {@code messages}, or {@code instruction} with
   * {@code input}, whichever is there; 16 prompts at once, in fp32.
   */
  public static PredictConfig of(String model, GenerationConfig generation) {
    return new PredictConfig(Predictor.of(model), Columns.USUAL, "completion", 16, 0, generation);
  }

  /** For predictions within a query, which has partitions of its own. */
  public static PredictConfig inPlace(
      Predictor predictor, Columns columns, int batchSize, GenerationConfig generation) {
    return new PredictConfig(predictor, columns, "", batchSize, 0, generation);
  }

  /** The same with an adapter. */
  public PredictConfig withAdapter(String folder) {
    return with(predictor.withAdapter(folder));
  }

  /** The same with another model. */
  public PredictConfig with(Predictor other) {
    return new PredictConfig(other, columns, completionColumn, batchSize, partitions, generation);
  }

  /** The same for columns of other names. */
  public PredictConfig withColumns(Columns names) {
    return new PredictConfig(predictor, names, completionColumn, batchSize, partitions, generation);
  }
}
