package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LinearShape;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.nn.FrozenBase;
import io.github.sparklorafa.nn.PackedWeight;
import io.github.sparklorafa.nn.Recompute;
import java.util.Map;

/**
 * The most bytes that a step holds for a moment beside the tape: the intermediates of the output
 * head or of a layer's attention or feed-forward, and the masks of dropout.
 */
final class Workspace {
  /** Rows of queries that are worked on at once. */
  private static final long BLOCK = 256;

  /** Rows of logits that are. */
  private static final long CHUNK = 128;

  private static final long SOFTMAX_ROWS = 16;

  /** What a head is wide where the configuration is not one that is known here. */
  private static final long USUAL_HEAD = 64;

  private static final long DRAWN_BYTES_A_NUMBER = 3;

  private Workspace() {}

  /** Of the output head, for a micro-batch of the longest rows. */
  static long head(TrainConfig config, ModelConfig model) {
    long element = config.dtype().bytes();
    return CHUNK * model.vocabSize() * element
        + SOFTMAX_ROWS * model.vocabSize() * Float.BYTES
        + 2 * stream(config, model);
  }

  /** Of the layer that takes most, for a micro-batch of the longest rows. */
  static long layer(TrainConfig config, ModelConfig model) {
    long element = config.dtype().bytes();
    long tokens = (long) config.microBatchSize() * config.maxLength();
    Widths widths = Widths.of(model);
    long stream = stream(config, model);
    long wide = tokens * widths.feedForward() * element;
    long feedForward = wide + (makesInputsAgain(config) ? wide : 0) + 4 * stream;
    long rows = Math.min(BLOCK, config.maxLength());
    long scores = widths.heads() * rows * config.maxLength() * element;
    long attention =
        2 * scores
            + bias(config, model, scores)
            + tokens * widths.attention() * element
            + 3 * stream;
    return Math.max(feedForward, attention)
        + dropout(config, model, tokens)
        + unpacked(config, model);
  }

  /** The residual stream. */
  private static long stream(TrainConfig config, ModelConfig model) {
    long tokens = (long) config.microBatchSize() * config.maxLength();
    return tokens * Widths.of(model).hidden() * config.dtype().bytes();
  }

  /** A block of a weight that is held in another way than it is multiplied. */
  private static long unpacked(TrainConfig config, ModelConfig model) {
    FrozenBase base = PackedBase.of(config, model);
    return model.linearLayers().entrySet().stream()
        .filter(linear -> base.holds(linear.getKey() + ".weight"))
        .map(Map.Entry::getValue)
        .mapToLong(
            shape -> PackedWeight.blockBytes(shape.out(), shape.in(), config.dtype().bytes()))
        .max()
        .orElse(0);
  }

  /** Whether the widest input of a linear layer is there a second time, beside its gradient. */
  private static boolean makesInputsAgain(TrainConfig config) {
    return config.method() != Method.LORA_FA && config.recompute().includes(Recompute.ELEMENTWISE);
  }

  /**
   * T5's bias of a block of rows at any position, twice as wide as the scores; a trained one has an
   * fp32 gradient. The gradient of the encoder's output is there too.
   */
  private static long bias(TrainConfig config, ModelConfig model, long scores) {
    if (!(model instanceof T5Config t5)) {
      return 0;
    }
    long element = config.dtype().bytes();
    long states = (long) config.microBatchSize() * config.maxLength() * t5.dModel() * element;
    long gradient = config.method().adapts() ? 0 : 2 * scores / element * Float.BYTES;
    return 2 * scores + gradient + states;
  }

  /**
   * A mask and the product with it, of the widest input that an A has; what the mask is drawn from
   * is there for one row at a time. LoRA's backward pass makes two of each, at a moment when the
   * feed-forward's own intermediates are not there.
   */
  private static long dropout(TrainConfig config, ModelConfig model, long tokens) {
    if (config.loraDropout() == 0 || !config.method().adapts()) {
      return 0;
    }
    long widest =
        model.linearLayers().entrySet().stream()
            .filter(linear -> config.adapter().adapts(linear.getKey()))
            .mapToLong(linear -> linear.getValue().in())
            .max()
            .orElse(0);
    long mask = tokens * widest * config.dtype().bytes();
    long drawn = config.maxLength() * widest * DRAWN_BYTES_A_NUMBER;
    return mask + Math.max(mask, drawn);
  }

  /**
   * Numbers a token.
   *
   * @param hidden of the residual stream
   * @param feedForward of its widest part
   * @param heads of queries
   * @param attention of queries, keys, values and the output together
   */
  private record Widths(long hidden, long feedForward, long heads, long attention) {
    static Widths of(ModelConfig model) {
      if (model instanceof LlamaConfig llama) {
        return new Widths(
            llama.hiddenSize(),
            llama.intermediateSize(),
            llama.numAttentionHeads(),
            2L * llama.queryWidth() + 2L * llama.keyValueWidth());
      }
      if (model instanceof T5Config t5) {
        return new Widths(t5.dModel(), t5.dFf(), t5.numHeads(), 4L * t5.innerDim());
      }
      long hidden = 1;
      long widest = 1;
      for (LinearShape linear : model.linearLayers().values()) {
        hidden = Math.max(hidden, Math.min(linear.in(), linear.out()));
        widest = Math.max(widest, Math.max(linear.in(), linear.out()));
      }
      return new Widths(hidden, widest, Math.max(1, hidden / USUAL_HEAD), 4 * hidden);
    }
  }
}
