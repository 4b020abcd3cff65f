package io.github.sparklorafa.train;

import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.Recompute;
import java.util.List;

/**
 * What the tape of a LLaMA holds for one token, as a formula.
 *
 * <p>With every linear layer adapted, {@code e} bytes a number, {@code H} hidden, {@code Q} and
 * {@code K} the widths of all query and key heads, {@code F} the width of gate and up and rank
 * {@code r} (where ranks differ, their sum stands for {@code 7r}), a layer keeps
 *
 * <pre>
 *   lora-fa   e (2H + Q + 2K + 2F + 7r) + 8
 *   lora      that + e (2H + Q + F)        norm outputs, attention's output, silu(gate) ∘ up
 *   full      as lora, without e · 7r
 *
 *   recompute elementwise   lora and full: without e (2H + F)
 *             mlp           lora-fa: e (2H + Q + 2K + 4r) + 4; lora + eQ; full as lora, without ranks
 *             layer         eH
 * </pre>
 *
 * and the last norm {@code eH + 4}. The 8 and the 4 are the norms' fp32 row statistics. Below the
 * lowest trained layer nothing is kept. Norms of queries and keys add {@code e (Q + K)} and 4 for
 * each query and key head; fused projections have 4r in the place of 7r. While the backward pass
 * runs a part again, the tape holds what that part keeps otherwise.
 */
final class LlamaTape {
  private static final int ROW_STATISTIC = Float.BYTES;

  private final LlamaConfig model;
  private final TrainedModules modules;
  private final Recompute recompute;
  private final long element;
  private final TapeMoments moments = new TapeMoments();
  private boolean flows;
  private long bytes;

  private LlamaTape(LlamaConfig model, TrainedModules modules, long element, Recompute recompute) {
    this.model = model;
    this.modules = modules;
    this.element = element;
    this.recompute = recompute;
  }

  static List<TapeMoments.Held> moments(
      LlamaConfig model, TrainedModules modules, long element, Recompute recompute) {
    return new LlamaTape(model, modules, element, recompute).count();
  }

  private List<TapeMoments.Held> count() {
    flows = modules.whole("model.embed_tokens");
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      countLayer("model.layers." + layer + ".");
    }
    bytes = 0;
    countNorm("model.norm");
    moments.keep(perToken(bytes));
    return moments.all();
  }

  private void countLayer(String layer) {
    bytes = 0;
    countAttentionHalf(layer);
    long attention = bytes;
    bytes = 0;
    boolean branch = countMlpHalf(layer + "mlp.", countNorm(layer + "post_attention_layernorm"));
    flows |= branch;
    long input = element * model.hiddenSize();
    long kept = attention + bytes;
    if (recompute.includes(Recompute.LAYER)) {
      kept = flows ? input : 0;
    } else if (recompute.includes(Recompute.MLP)) {
      kept = attention + (branch ? input : 0);
    }
    moments.keep(perToken(kept), perToken(attention + bytes));
  }

  private static TapeMoments.Held perToken(long bytes) {
    return new TapeMoments.Held(bytes, 0, 0);
  }

  private void countAttentionHalf(String layer) {
    boolean branch = countNorm(layer + "input_layernorm");
    boolean mixed =
        model.variant().fused()
            ? countFusedAttention(layer + "self_attn.", branch)
            : countSeparateAttention(layer + "self_attn.", branch);
    String output = layer + "self_attn.o_proj";
    countInput(List.of(output), model.queryWidth(), false);
    flows |= mixed || modules.trained(output);
  }

  /** Returns whether the output has a gradient, beside what runs around the half. */
  private boolean countMlpHalf(String mlp, boolean branch) {
    List<String> inputs =
        model.variant().fused()
            ? List.of(mlp + "gate_up_proj")
            : List.of(mlp + "gate_proj", mlp + "up_proj");
    countInput(inputs, model.hiddenSize(), branch);
    boolean activated = branch || inputs.stream().anyMatch(modules::trained);
    bytes += activated ? element * 2 * model.intermediateSize() : 0;
    String down = mlp + "down_proj";
    countInput(List.of(down), model.intermediateSize(), activated);
    return activated || modules.trained(down);
  }

  /** Queries, keys and values; returns whether the attention's output has a gradient. */
  private boolean countSeparateAttention(String attention, boolean branch) {
    String query = attention + "q_proj";
    String key = attention + "k_proj";
    String value = attention + "v_proj";
    countInput(List.of(query, key, value), model.hiddenSize(), branch);
    boolean queries = branch || modules.trained(query);
    boolean keys = branch || modules.trained(key);
    if (model.variant().normsQueriesAndKeys()) {
      queries = countHeadNorm(attention + "q_norm", model.numAttentionHeads(), queries);
      keys = countHeadNorm(attention + "k_norm", model.numKeyValueHeads(), keys);
    }
    boolean scores = queries || keys;
    boolean mixed = scores || modules.trained(value);
    long widths = model.queryWidth() + (long) model.keyValueWidth() * (scores ? 2 : 1);
    bytes += mixed ? element * widths : 0;
    return mixed;
  }

  /** The same in one matrix, which is kept as a whole. */
  private boolean countFusedAttention(String attention, boolean branch) {
    String fused = attention + "qkv_proj";
    countInput(List.of(fused), model.hiddenSize(), branch);
    boolean mixed = branch || modules.trained(fused);
    bytes += mixed ? element * (model.queryWidth() + 2L * model.keyValueWidth()) : 0;
    return mixed;
  }

  /** The input of a norm of heads and its row statistics; returns whether they are kept. */
  private boolean countHeadNorm(String norm, int heads, boolean inputFlows) {
    boolean kept = inputFlows || modules.whole(norm);
    bytes += kept ? heads * (element * model.headDim() + ROW_STATISTIC) : 0;
    return kept;
  }

  /** A norm's input and row statistic; returns whether they are kept. */
  private boolean countNorm(String norm) {
    boolean branch = flows || modules.whole(norm);
    bytes += branch ? element * model.hiddenSize() + ROW_STATISTIC : 0;
    return branch;
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
