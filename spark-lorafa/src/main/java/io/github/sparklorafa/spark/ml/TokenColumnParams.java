package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The columns that training and a classifier's prediction read alike.
 *
 * @param <T> what setters return
 */
public interface TokenColumnParams<T> extends Params {
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

  /**
   * Column with 1 for each token id of the second text of a pair, 0 for others; token_type_ids if
   * none is named.
   */
  default Param<String> tokenTypeIdsColumn() {
    return new Param<>(
        this,
        "tokenTypeIdsColumn",
        "Column with 1 for each token id of the second text of a pair, 0 for others; token_type_ids"
            + " if none is named.");
  }

  default String getTokenTypeIdsColumn() {
    return Values.of(this, tokenTypeIdsColumn());
  }

  default T setTokenTypeIdsColumn(String value) {
    return Values.with(this, tokenTypeIdsColumn(), value);
  }
}
