package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.Precision;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The base checkpoint.
 *
 * @param <T> what setters return
 */
public interface BaseModelParams<T> extends Params {
  /** Hugging Face checkpoint: a local path or any URI that Hadoop knows. */
  default Param<String> model() {
    return new Param<>(
        this, "model", "Hugging Face checkpoint: a local path or any URI that Hadoop knows.");
  }

  default String getModel() {
    return Values.of(this, model());
  }

  default T setModel(String value) {
    return Values.with(this, model(), value);
  }

  /** Numbers of frozen weights and activations: fp32 or bf16. */
  default Param<String> dtype() {
    return Values.choice(
        this,
        "dtype",
        "Numbers of frozen weights and activations: fp32 or bf16.",
        Precision.NAMES.toArray(String[]::new),
        Function.identity());
  }

  default String getDtype() {
    return Values.of(this, dtype());
  }

  default T setDtype(String value) {
    return Values.with(this, dtype(), value);
  }

  /**
   * How frozen weights of linear layers are held: fp32, bf16, int8 or nf4; unset means as dtype.
   */
  default Param<String> baseDtype() {
    return Values.choice(
        this,
        "baseDtype",
        "How frozen weights of linear layers are held: fp32, bf16, int8 or nf4; unset means as dtype.",
        Precision.BASE_NAMES.toArray(String[]::new),
        Function.identity());
  }

  default String getBaseDtype() {
    return Values.of(this, baseDtype());
  }

  default T setBaseDtype(String value) {
    return Values.with(this, baseDtype(), value);
  }
}
