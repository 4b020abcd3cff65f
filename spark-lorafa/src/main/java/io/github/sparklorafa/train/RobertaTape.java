package io.github.sparklorafa.train;

import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.RobertaFamily;
import io.github.sparklorafa.nn.Recompute;
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
 *
 *   recompute elementwise   lora and full: without e (2H + F)
 *             mlp           lora-fa: e (5H + 4r) + 16; lora + eH; full as lora, without ranks
 *             layer         eH
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
  private final TapeMoments moments = new TapeMoments();
  private boolean flows;
  private long bytes;

  private RobertaTape(
      RobertaConfig model, TrainedModules modules, long element, Recompute recompute) {
    this.model = model;
    this.modules = modules;
    this.recompute = recompute;
    this.element = element;
    this.hidden = model.hiddenSize();
  }

  static List<TapeMoments.Held> moments(
      RobertaConfig model, TrainedModules modules, long element, Recompute recompute) {
    return new RobertaTape(model, modules, element, recompute).count();
  }

  private List<TapeMoments.Held> count() {
    String base = model.family() == RobertaFamily.BERT ? "bert." : "roberta.";
    String embeddings = base + "embeddings.";
    flows =
        modules.whole(embeddings + "word_embeddings")
            || modules.whole(embeddings + "position_embeddings")
            || modules.whole(embeddings + "token_type_embeddings");
    countNorm(embeddings + "LayerNorm");
    moments.keep(perToken(bytes));
    boolean origin = flows;
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      countLayer(base + "encoder.layer." + layer + ".", origin);
      origin = flows && !recompute.includes(Recompute.LAYER);
    }
    bytes = 0;
    if (model.objective() instanceof Objective.Classification) {
      countClassifier();
      moments.keep(new TapeMoments.Held(0, 0, bytes));
    } else {
      countMaskedLm();
      moments.keep(perToken(bytes));
    }
    return moments.all();
  }

  private static TapeMoments.Held perToken(long bytes) {
    return new TapeMoments.Held(bytes, 0, 0);
  }

  /**
   * @param origin whether what the input was made from is kept
   */
  private void countLayer(String layer, boolean origin) {
    bytes = 0;
    String self = layer + "attention.self.";
    countInput(List.of(self + "query", self + "key", self + "value"), hidden, origin);
    boolean scores = flows || modules.trained(self + "query") || modules.trained(self + "key");
    boolean mixed = scores || modules.trained(self + "value");
    bytes += mixed ? element * hidden * (scores ? 3 : 2) : 0;
    String dense = layer + "attention.output.dense";
    countInput(List.of(dense), hidden, false);
    flows |= mixed || modules.trained(dense);
    countNorm(layer + "attention.output.LayerNorm");
    boolean middle = flows;

    long before = bytes;
    countActivated(layer + "intermediate.dense", model.intermediateSize(), flows);
    String last = layer + "output.dense";
    countInput(List.of(last), model.intermediateSize(), flows);
    flows |= modules.trained(last);
    long wide = bytes - before;
    boolean branch = flows;
    long again = bytes;
    countNorm(layer + "output.LayerNorm");
    long kept = bytes;
    if (recompute.includes(Recompute.LAYER)) {
      kept = flows && !origin ? element * hidden : 0;
      again = bytes;
    } else if (recompute.includes(Recompute.MLP)) {
      // The norm behind it is done by then.
      kept -= wide;
      kept += branch && !middle ? element * hidden : 0;
    }
    moments.keep(perToken(kept), perToken(again));
  }

  /** The head sees copies of some tokens; its norm's input is what its activation gave. */
  private void countMaskedLm() {
    boolean bert = model.family() == RobertaFamily.BERT;
    String head = bert ? "cls.predictions.transform." : "lm_head.";
    countActivated(head + "dense", hidden, false);
    boolean made = flows && recompute.includes(Recompute.ELEMENTWISE);
    countNorm(head + (bert ? "LayerNorm" : "layer_norm"));
    bytes -= made ? element * hidden : 0;
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
  private void countActivated(String linear, long width, boolean originKept) {
    countInput(List.of(linear), hidden, originKept);
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
    boolean made = originKept && recompute.includes(Recompute.ELEMENTWISE);
    bytes += needed && !made ? element * width : 0;
    bytes += element * modules.ranks(projections);
  }
}
