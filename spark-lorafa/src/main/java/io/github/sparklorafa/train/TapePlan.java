package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.DType;
import java.util.List;

/**
 * What the tape of a model holds at most, as a formula: known before the first step, and equal to
 * what the tape counts. {@link LlamaTape}, {@link RobertaTape} and {@link T5Tape} have the formulas
 * of the architectures.
 */
public final class TapePlan {
  private final boolean writes;
  private final List<TapeMoments.Held> moments;

  private TapePlan(boolean writes, List<TapeMoments.Held> moments) {
    this.writes = writes;
    this.moments = moments;
  }

  /** Of a model that is trained in some way. */
  public static TapePlan of(
      ModelConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    TrainedModules modules = new TrainedModules(method, adapter);
    long element = dtype.bytes();
    if (model instanceof LlamaConfig llama) {
      return new TapePlan(false, LlamaTape.moments(llama, modules, element, recompute));
    }
    if (model instanceof RobertaConfig roberta) {
      return new TapePlan(false, RobertaTape.moments(roberta, modules, element, recompute));
    }
    return new TapePlan(true, T5Tape.moments((T5Config) model, modules, element, recompute));
  }

  /** Of the run that {@code config} describes. */
  static TapePlan of(TrainConfig config, ModelConfig model) {
    return of(model, config.method(), config.adapter(), config.dtype(), config.recompute());
  }

  /**
   * Bytes that the tape holds at most for a micro-batch.
   *
   * @param tokens of its inputs
   * @param written tokens that a decoder writes; 0 where there is none
   */
  public long bytes(long tokens, long written, long sequences) {
    return moments.stream()
        .mapToLong(held -> held.bytes(tokens, written, sequences))
        .max()
        .orElseThrow();
  }

  /**
   * Bytes that the tape holds at most for each token of a micro-batch; for an encoder-decoder the
   * mean of those of a token that is read and one that is written.
   */
  public long bytesPerToken() {
    return writes ? (bytes(1, 1, 0) + 1) / 2 : bytes(1, 0, 0);
  }

  /** Bytes that the tape holds at most for a micro-batch of the longest rows. */
  static long bytes(TrainConfig config, ModelConfig model) {
    long rows = config.microBatchSize();
    int target = config.taskSettings().maxTargetLength();
    long written = target == 0 ? config.maxLength() : target;
    TapePlan plan = of(config, model);
    return plan.bytes(rows * config.maxLength(), plan.writes ? rows * written : 0, rows);
  }
}
