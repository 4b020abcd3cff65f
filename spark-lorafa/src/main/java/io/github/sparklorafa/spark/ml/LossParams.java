package io.github.sparklorafa.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * What a model that writes texts adds about those that are there already.
 *
 * @param <T> what setters return
 */
public interface LossParams<T> extends Params {
  /**
   * Column that transform adds with the mean loss of a row's tokens, in nats, where rows are read
   * as in training; empty means none.
   */
  default Param<String> lossCol() {
    return new Param<>(
        this,
        "lossCol",
        "Column that transform adds with the mean loss of a row's tokens, in nats, where rows are read as in training; empty means none.");
  }

  default String getLossCol() {
    return Values.of(this, lossCol());
  }

  default T setLossCol(String value) {
    return Values.with(this, lossCol(), value);
  }

  /** Column that transform adds with the exponential of a row's loss; empty means none. */
  default Param<String> perplexityCol() {
    return new Param<>(
        this,
        "perplexityCol",
        "Column that transform adds with the exponential of a row's loss; empty means none.");
  }

  default String getPerplexityCol() {
    return Values.of(this, perplexityCol());
  }

  default T setPerplexityCol(String value) {
    return Values.with(this, perplexityCol(), value);
  }

  /**
   * Column that transform adds with how many tokens a row's loss is the mean of; empty means none.
   */
  default Param<String> lossTokensCol() {
    return new Param<>(
        this,
        "lossTokensCol",
        "Column that transform adds with how many tokens a row's loss is the mean of; empty means none.");
  }

  default String getLossTokensCol() {
    return Values.of(this, lossTokensCol());
  }

  default T setLossTokensCol(String value) {
    return Values.with(this, lossTokensCol(), value);
  }
}
