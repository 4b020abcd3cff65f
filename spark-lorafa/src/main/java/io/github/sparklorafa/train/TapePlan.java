package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.RobertaConfig;
import io.github.sparklorafa.model.T5Config;
import io.github.sparklorafa.tensor.DType;
import java.util.List;

/**
 * What the tape of a LLaMA holds for one token, as a formula: known before the first step, and
 * equal to what the tape counts.
 *
 * <p>With every linear layer adapted, {@code e} bytes a number, {@code H} hidden, {@code Q} and
 * {@code K} the widths of all query and key heads, {@code F} the width of gate and up and rank
 * {@code r} (where ranks differ, their sum stands for {@code 7r}), a layer keeps
 *
 * <pre>
 *   lora-fa   e (2H + Q + 2K + 2F + 7r) + 8
 *   lora      that + e (2H + Q + F)        norm outputs, attention's output, silu(gate) ∘ up
 *   full      as lora, without e · 7r
 * </pre>
 *
 * and the last norm {@code eH + 4}. The 8 and the 4 are the norms' fp32 row statistics. Below the
 * lowest trained layer nothing is kept. Norms of queries and keys add {@code e (Q + K)} and 4 for
 * each query and key head; fused projections have 4r in the place of 7r.
 */
public final class TapePlan {
  private static final int ROW_STATISTIC = Float.BYTES;

  private final LlamaConfig model;
  private final TrainedModules modules;
  private final Recompute recompute;
  private final long element;
  private boolean flows;
  private long bytes;

  private TapePlan(
      LlamaConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    this.model = model;
    this.modules = new TrainedModules(method, adapter);
    this.element = dtype.bytes();
    this.recompute = recompute;
  }

  /**
   * Bytes that the tape holds at most for each token of a micro-batch; for a T5 the mean of those
   * of a token that is read and one that is written ({@link T5TapePlan}), and for architectures
   * without a formula a few more than it holds.
   */
  public static long bytesPerToken(
      ModelConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    if (model instanceof LlamaConfig llama) {
      return new TapePlan(llama, method, adapter, dtype, recompute).count();
    }
    if (model instanceof RobertaConfig roberta) {
      return RobertaTape.of(roberta, method, adapter, dtype, recompute).perToken();
    }
    if (model instanceof T5Config t5) {
      T5TapePlan.Bytes bytes = T5TapePlan.of(t5, method, adapter, dtype, recompute);
      return (bytes.read() + bytes.written() + 1) / 2;
    }
    return LinearTape.bytesPerToken(model, method, adapter, dtype, recompute);
  }

  /** Bytes that the tape holds at most for a micro-batch of the longest rows. */
  static long bytes(TrainConfig config, ModelConfig model) {
    long rows = config.microBatchSize();
    if (model instanceof T5Config t5) {
      T5TapePlan.Bytes bytes =
          T5TapePlan.of(t5, config.method(), config.adapter(), config.dtype(), Recompute.NONE);
      int target = config.taskSettings().maxTargetLength();
      long written = target == 0 ? config.maxLength() : target;
      return rows * (config.maxLength() * bytes.read() + written * bytes.written());
    }
    long perToken =
        bytesPerToken(model, config.method(), config.adapter(), config.dtype(), Recompute.NONE);
    return rows
        * (config.maxLength() * perToken
            + bytesPerSequence(model, config.method(), config.adapter(), config.dtype()));
  }

  /** Bytes that the tape holds for each sequence of a micro-batch, beyond those for its tokens. */
  public static long bytesPerSequence(
      ModelConfig model, Method method, AdapterConfig adapter, DType dtype) {
    return model instanceof RobertaConfig roberta
        ? RobertaTape.of(roberta, method, adapter, dtype, Recompute.NONE).perSequence()
        : 0;
  }

  private long count() {
    flows = modules.whole("model.embed_tokens");
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      countLayer("model.layers." + layer + ".");
    }
    countNorm("model.norm");
    return bytes;
  }

  private void countLayer(String layer) {
    boolean branch = countNorm(layer + "input_layernorm");
    boolean mixed =
        model.variant().fused()
            ? countFusedAttention(layer + "self_attn.", branch)
            : countSeparateAttention(layer + "self_attn.", branch);
    String output = layer + "self_attn.o_proj";
    countInput(List.of(output), model.queryWidth(), recomputable(false));
    flows |= mixed || modules.trained(output);

    branch = countNorm(layer + "post_attention_layernorm");
    List<String> inputs =
        model.variant().fused()
            ? List.of(layer + "mlp.gate_up_proj")
            : List.of(layer + "mlp.gate_proj", layer + "mlp.up_proj");
    countInput(inputs, model.hiddenSize(), recomputable(branch));
    boolean activated = branch || inputs.stream().anyMatch(modules::trained);
    bytes += activated ? element * 2 * model.intermediateSize() : 0;
    String down = layer + "mlp.down_proj";
    countInput(List.of(down), model.intermediateSize(), recomputable(activated));
    flows |= activated || modules.trained(down);
  }

  /** Queries, keys and values; returns whether the attention's output has a gradient. */
  private boolean countSeparateAttention(String attention, boolean branch) {
    String query = attention + "q_proj";
    String key = attention + "k_proj";
    String value = attention + "v_proj";
    countInput(List.of(query, key, value), model.hiddenSize(), recomputable(branch));
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
    countInput(List.of(fused), model.hiddenSize(), recomputable(branch));
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

  /** Whether an input need not be kept: what it was made from is, and is worth the work. */
  private boolean recomputable(boolean originKept) {
    return originKept && recompute == Recompute.ELEMENTWISE;
  }

  /** The input that {@code projections} share, and rank numbers for each that is adapted. */
  private void countInput(List<String> projections, long width, boolean recomputed) {
    boolean needed = projections.stream().anyMatch(modules::needsInput);
    bytes += needed && !recomputed ? element * width : 0;
    bytes += element * modules.ranks(projections);
  }
}
