package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What a classifier reads of rows.
 *
 * @param <T> what setters return
 */
public interface ClassInputParams<T> extends Params {
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

  /** Column with the second text of a pair; text_pair if none is named. */
  default Param<String> textPairColumn() {
    return new Param<>(
        this,
        "textPairColumn",
        "Column with the second text of a pair; text_pair if none is named.");
  }

  default String getTextPairColumn() {
    return Values.of(this, textPairColumn());
  }

  default T setTextPairColumn(String value) {
    return Values.with(this, textPairColumn(), value);
  }

  /** Column with token ids; input_ids if none is named. */
  default Param<String> inputIdsColumn() {
    return new Param<>(
        this, "inputIdsColumn", "Column with token ids; input_ids if none is named.");
  }

  default String getInputIdsColumn() {
    return Values.of(this, inputIdsColumn());
  }

  default T setInputIdsColumn(String value) {
    return Values.with(this, inputIdsColumn(), value);
  }

  /** Column with 1 for each token id, 0 for padding; attention_mask if none is named. */
  default Param<String> attentionMaskColumn() {
    return new Param<>(
        this,
        "attentionMaskColumn",
        "Column with 1 for each token id, 0 for padding; attention_mask if none is named.");
  }

  default String getAttentionMaskColumn() {
    return Values.of(this, attentionMaskColumn());
  }

  default T setAttentionMaskColumn(String value) {
    return Values.with(this, attentionMaskColumn(), value);
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

  /** Tokens that a row is cut to. */
  default IntParam maxLength() {
    return new IntParam(this, "maxLength", "Tokens that a row is cut to.");
  }

  default int getMaxLength() {
    return Values.of(this, maxLength());
  }

  default T setMaxLength(int value) {
    return Values.with(this, maxLength(), value);
  }
}
