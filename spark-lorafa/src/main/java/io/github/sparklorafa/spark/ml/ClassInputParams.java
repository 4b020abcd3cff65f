package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * What a classifier reads of rows.
 *
 * @param <T> what setters return
 */
public interface ClassInputParams<T> extends TokenColumnParams<T> {
  /** Column with the text to classify; text if none is named. */
  default Param<String> textColumn() {
    return new Param<>(
        this, "textColumn", "Column with the text to classify; text if none is named.");
  }

  default String getTextColumn() {
    return Values.of(this, textColumn());
  }

  default T setTextColumn(String value) {
    return Values.with(this, textColumn(), value);
  }

  /** Column with what would be right, where labels are texts; label if none is named. */
  default Param<String> labelColumn() {
    return new Param<>(
        this,
        "labelColumn",
        "Column with what would be right, where labels are texts; label if none is named.");
  }

  default String getLabelColumn() {
    return Values.of(this, labelColumn());
  }

  default T setLabelColumn(String value) {
    return Values.with(this, labelColumn(), value);
  }

  /** Tokens that a row is cut to; 0: 512, or as many as the model reads if these are fewer. */
  default IntParam maxLength() {
    return new IntParam(
        this,
        "maxLength",
        "Tokens that a row is cut to; 0: 512, or as many as the model reads if these are fewer.");
  }

  default int getMaxLength() {
    return Values.of(this, maxLength());
  }

  default T setMaxLength(int value) {
    return Values.with(this, maxLength(), value);
  }
}
