package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.FrozenBase;
import io.github.sparklorafa.nn.PackedWeight;
import io.github.sparklorafa.nn.Recompute;
import java.util.List;
import java.util.Map;

/**
 * The most bytes that a step holds for a moment beside the tape: the intermediates of the output
 * head or of a layer's attention or feed-forward, and the masks of dropout. {@code WorkspaceTest}
 * compares it with what a step takes.
 */
final class Workspace {
  /** Rows of queries that are worked on at once, where all keys are seen. */
  static final long BLOCK = 256;

  /** Rows of logits that are. */
  private static final long CHUNK = 128;

  private static final long SOFTMAX_ROWS = 16;

  private static final long DRAWN_BYTES_A_NUMBER = 3;

  /** The weights of output heads. */
  private static final List<String> HEADS =
      List.of("lm_head.weight", "lm_head.decoder.weight", "cls.predictions.decoder.weight");

  private Workspace() {}

  /** Of the output head, for a micro-batch of the longest rows. */
  static long head(TrainConfig config, ModelConfig model) {
    if (model instanceof T5Config t5) {
      return new T5Workspace(config, t5).head();
    }
    long tokens = tokens(config);
    return head(config, model, tokens, Widths.of(model).hidden());
  }

  /**
   * Its input and the gradient of that; a chunk of logits, its rows of both, and where the weight
   * is trained the gradient that a chunk adds. A classification has logits of no vocabulary.
   */
  static long head(TrainConfig config, ModelConfig model, long tokens, long hidden) {
    long element = config.dtype().bytes();
    long streams = 2 * tokens * hidden * element;
    if (config.task() == Task.SEQUENCE_CLASSIFICATION) {
      return streams;
    }
    boolean trained =
        !config.method().adapts() || HEADS.stream().anyMatch(TrainedModel.saved(config));
    return streams
        + Math.min(CHUNK, tokens) * (model.vocabSize() + 2 * hidden) * element
        + SOFTMAX_ROWS * model.vocabSize() * Float.BYTES
        + (trained ? model.vocabSize() * hidden * element : 0);
  }

  /** Of the layer that takes most, for a micro-batch of the longest rows. */
  static long layer(TrainConfig config, ModelConfig model) {
    if (model instanceof T5Config t5) {
      return new T5Workspace(config, t5).layer() + unpacked(config, model);
    }
    long tokens = tokens(config);
    Widths widths = Widths.of(model);
    long element = config.dtype().bytes();
    long stream = tokens * widths.hidden() * element;
    long wide = tokens * widths.feedForward() * element;
    long weight = weightGradient(config, model);
    long feedForward = 3 * stream + wide * (makesInputsAgain(config) ? 2 : 1) + weight;
    long length = config.maxLength();
    long rows =
        model instanceof LlamaConfig ? CausalAttention.rowsOf(length) : Math.min(BLOCK, length);
    long scores = widths.heads() * rows * length * element;
    // Of one sequence keys, values and their gradients by heads, and a block of rows four times.
    long ofSequence = (4 * length * widths.keys() + 4 * rows * widths.queries()) * element;
    long attention =
        2 * stream
            + 2 * tokens * (widths.queries() + widths.keys()) * element
            + Math.max(2 * scores + ofSequence, weight);
    return Math.max(feedForward, attention)
        + dropout(config, model, tokens)
        + unpacked(config, model);
  }

  private static long tokens(TrainConfig config) {
    return (long) config.microBatchSize() * config.maxLength();
  }

  /** The largest gradient that is added to that of a trained linear layer. */
  static long weightGradient(TrainConfig config, ModelConfig model) {
    TrainedModules modules = new TrainedModules(config.method(), config.adapter());
    long numbers =
        model.linearLayers().entrySet().stream()
            .filter(linear -> modules.whole(linear.getKey()))
            .mapToLong(linear -> linear.getValue().in() * linear.getValue().out())
            .max()
            .orElse(0);
    return numbers * config.dtype().bytes();
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
  static boolean makesInputsAgain(TrainConfig config) {
    return config.method() != Method.LORA_FA && config.recompute().includes(Recompute.ELEMENTWISE);
  }

  /**
   * A mask and the product with it, of the widest input that an A has; what the mask is drawn from
   * is there for one row at a time. LoRA's backward pass makes two of each, at a moment when the
   * feed-forward's own intermediates are not there.
   */
  static long dropout(TrainConfig config, ModelConfig model, long tokens) {
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
   * @param queries of all heads
   * @param keys of all heads, and as many values
   */
  private record Widths(long hidden, long feedForward, long heads, long queries, long keys) {
    static Widths of(ModelConfig model) {
      if (model instanceof LlamaConfig llama) {
        return new Widths(
            llama.hiddenSize(),
            llama.intermediateSize(),
            llama.numAttentionHeads(),
            llama.queryWidth(),
            llama.keyValueWidth());
      }
      RobertaConfig roberta = (RobertaConfig) model;
      long hidden = roberta.hiddenSize();
      return new Widths(
          hidden, roberta.intermediateSize(), roberta.numAttentionHeads(), hidden, hidden);
    }
  }
}
