package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.tensor.DType;
import java.util.List;

/**
 * What the tape of a RoBERTa or BERT holds, as a formula, equal to what the tape counts.
 *
 * <p>With every linear layer adapted, {@code e} bytes a number, {@code H} hidden, {@code F} the
 * width of the feed-forward part and rank {@code r}, a layer keeps for each token
 *
 * <pre>
 *   lora-fa   e (5H + F + 6r) + 16     queries, keys, values, two norms' inputs, gelu's
 *   lora      that + e (3H + F)        the layer's input, attention's output, a norm's and gelu's
 *   full      as lora, without e · 6r
 * </pre>
 *
 * The 16 are the norms' fp32 row statistics. Where the embeddings are trained their norm adds
 * {@code eH + 8}. The head of a masked language model adds {@code e (2H + r) + 8} and, where its
 * input is kept, {@code eH}, for each token that has a label, here for all. That of a
 * classification adds {@code eH} for each sequence, and {@code eH} for its input where it is
 * trained. Below the lowest trained layer nothing is kept.
 */
final class RobertaTape {
  private static final int NORM_STATISTICS = 2 * Float.BYTES;

  private final RobertaConfig model;
  private final TrainedModules modules;
  private final Recompute recompute;
  private final long element;
  private final long hidden;
  private boolean flows;
  private long bytes;

  private RobertaTape(
      RobertaConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    this.model = model;
    this.modules = new TrainedModules(method, adapter);
    this.recompute = recompute;
    this.element = dtype.bytes();
    this.hidden = model.hiddenSize();
  }

  /**
   * Bytes that the tape holds at most.
   *
   * @param perToken for each token of a micro-batch
   * @param perSequence for each of its sequences beyond that
   */
  record Bytes(long perToken, long perSequence) {}

  static Bytes of(
      RobertaConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    return new RobertaTape(model, method, adapter, dtype, recompute).count();
  }

  private Bytes count() {
    String base = model.family() == RobertaFamily.BERT ? "bert." : "roberta.";
    String embeddings = base + "embeddings.";
    flows =
        modules.whole(embeddings + "word_embeddings")
            || modules.whole(embeddings + "position_embeddings")
            || modules.whole(embeddings + "token_type_embeddings");
    countNorm(embeddings + "LayerNorm");
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      countLayer(base + "encoder.layer." + layer + ".");
    }
    if (model.objective() instanceof Objective.Classification) {
      long perToken = bytes;
      bytes = 0;
      countClassifier();
      return new Bytes(perToken, bytes);
    }
    countMaskedLm();
    return new Bytes(bytes, 0);
  }

  private void countLayer(String layer) {
    String self = layer + "attention.self.";
    countInput(List.of(self + "query", self + "key", self + "value"), hidden, flows);
    boolean scores = flows || modules.trained(self + "query") || modules.trained(self + "key");
    boolean mixed = scores || modules.trained(self + "value");
    bytes += mixed ? element * hidden * (scores ? 3 : 2) : 0;
    String output = layer + "attention.output.dense";
    countInput(List.of(output), hidden, false);
    flows |= mixed || modules.trained(output);
    countNorm(layer + "attention.output.LayerNorm");
    countActivated(layer + "intermediate.dense", model.intermediateSize());
    String last = layer + "output.dense";
    countInput(List.of(last), model.intermediateSize(), flows);
    flows |= modules.trained(last);
    countNorm(layer + "output.LayerNorm");
  }

  private void countMaskedLm() {
    boolean bert = model.family() == RobertaFamily.BERT;
    String head = bert ? "cls.predictions.transform." : "lm_head.";
    countActivated(head + "dense", hidden);
    countNorm(head + (bert ? "LayerNorm" : "layer_norm"));
  }

  /** Tanh keeps its output, which is also what the last layer reads. */
  private void countClassifier() {
    boolean bert = model.family() == RobertaFamily.BERT;
    String dense = bert ? "bert.pooler.dense" : "classifier.dense";
    if (bert) {
      countInput(List.of(dense), hidden, false);
      flows |= modules.trained(dense);
    } else {
      bytes += modules.whole(dense) ? element * hidden : 0;
      flows |= modules.whole(dense);
    }
    boolean outputTrained = modules.whole(bert ? "classifier" : "classifier.out_proj");
    bytes += flows || outputTrained ? element * hidden : 0;
  }

  /** A linear layer that an activation of {@code width} stands behind, which keeps its input. */
  private void countActivated(String linear, long width) {
    countInput(List.of(linear), hidden, flows);
    flows |= modules.trained(linear);
    bytes += flows ? element * width : 0;
  }

  /** A norm's input and row statistics, kept unless its bias alone is trained. */
  private void countNorm(String norm) {
    flows |= modules.whole(norm);
    bytes += flows ? element * hidden + NORM_STATISTICS : 0;
  }

  /**
   * The input that {@code projections} share, and rank numbers for each that is adapted.
   *
   * @param originKept whether what the input was made from is kept, so that it can be made again
   */
  private void countInput(List<String> projections, long width, boolean originKept) {
    boolean needed = projections.stream().anyMatch(modules::needsInput);
    boolean recomputed = originKept && recompute == Recompute.ELEMENTWISE;
    bytes += needed && !recomputed ? element * width : 0;
    bytes += element * modules.ranks(projections);
  }
}
