package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.TaskSettings.ProblemType;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What a classifier adds to rows.
 *
 * @param <T> what setters return
 */
public interface ClassPredictionParams<T> extends Params {
  /** What the labels are: single-label, multi-label or regression. */
  default Param<String> problemType() {
    return Values.choice(
        this,
        "problemType",
        "What the labels are: single-label, multi-label or regression.",
        ProblemType.decided(),
        ProblemType::text);
  }

  default String getProblemType() {
    return Values.of(this, problemType());
  }

  default T setProblemType(String value) {
    return Values.with(this, problemType(), value);
  }

  /**
   * Column of vectors that transform adds with the logits, or the numbers of a regression; empty
   * means none.
   */
  default Param<String> rawPredictionCol() {
    return new Param<>(
        this,
        "rawPredictionCol",
        "Column of vectors that transform adds with the logits, or the numbers of a regression; empty means none.");
  }

  default String getRawPredictionCol() {
    return Values.of(this, rawPredictionCol());
  }

  default T setRawPredictionCol(String value) {
    return Values.with(this, rawPredictionCol(), value);
  }

  /** Column of vectors that transform adds with the probability of each label; empty means none. */
  default Param<String> probabilityCol() {
    return new Param<>(
        this,
        "probabilityCol",
        "Column of vectors that transform adds with the probability of each label; empty means none.");
  }

  default String getProbabilityCol() {
    return Values.of(this, probabilityCol());
  }

  default T setProbabilityCol(String value) {
    return Values.with(this, probabilityCol(), value);
  }

  /**
   * Column that transform adds with the class, the labels that are likelier than not, or the
   * number; empty means none.
   */
  default Param<String> predictionCol() {
    return new Param<>(
        this,
        "predictionCol",
        "Column that transform adds with the class, the labels that are likelier than not, or the number; empty means none.");
  }

  default String getPredictionCol() {
    return Values.of(this, predictionCol());
  }

  default T setPredictionCol(String value) {
    return Values.with(this, predictionCol(), value);
  }

  /**
   * Column that transform adds with the name of the class, where labels are texts; empty means
   * none.
   */
  default Param<String> predictedLabelCol() {
    return new Param<>(
        this,
        "predictedLabelCol",
        "Column that transform adds with the name of the class, where labels are texts; empty means none.");
  }

  default String getPredictedLabelCol() {
    return Values.of(this, predictedLabelCol());
  }

  default T setPredictedLabelCol(String value) {
    return Values.with(this, predictedLabelCol(), value);
  }

  /**
   * Column that transform adds with the index of the right class, where labels are texts, for
   * evaluators; empty means none.
   */
  default Param<String> labelIndexCol() {
    return new Param<>(
        this,
        "labelIndexCol",
        "Column that transform adds with the index of the right class, where labels are texts, for evaluators; empty means none.");
  }

  default String getLabelIndexCol() {
    return Values.of(this, labelIndexCol());
  }

  default T setLabelIndexCol(String value) {
    return Values.with(this, labelIndexCol(), value);
  }

  /** Rows that a task takes through the model at once. */
  default IntParam predictionBatchSize() {
    return new IntParam(
        this, "predictionBatchSize", "Rows that a task takes through the model at once.");
  }

  default int getPredictionBatchSize() {
    return Values.of(this, predictionBatchSize());
  }

  default T setPredictionBatchSize(int value) {
    return Values.with(this, predictionBatchSize(), value);
  }
}
