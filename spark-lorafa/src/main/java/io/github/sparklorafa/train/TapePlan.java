package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
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
 * lowest trained layer nothing is kept.
 */
public final class TapePlan {
  private static final int ROW_STATISTIC = Float.BYTES;

  private final LlamaConfig model;
  private final Method method;
  private final AdapterConfig adapter;
  private final Recompute recompute;
  private final long element;
  private boolean flows;
  private long bytes;

  private TapePlan(
      LlamaConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    this.model = model;
    this.method = method;
    this.adapter = adapter;
    this.element = dtype.bytes();
    this.recompute = recompute;
  }

  /** Bytes that the tape holds at most for each token of a micro-batch. */
  public static long bytesPerToken(
      LlamaConfig model, Method method, AdapterConfig adapter, DType dtype, Recompute recompute) {
    return new TapePlan(model, method, adapter, dtype, recompute).count();
  }

  private long count() {
    flows = whole("model.embed_tokens");
    for (int layer = 0; layer < model.numHiddenLayers(); layer++) {
      countLayer("model.layers." + layer + ".");
    }
    countNorm("model.norm");
    return bytes;
  }

  private void countLayer(String layer) {
    String attention = layer + "self_attn.";
    boolean branch = countNorm(layer + "input_layernorm");
    List<String> inputs = List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj");
    countInput(inputs, model.hiddenSize(), recomputable(branch));
    boolean scores = branch || trained(inputs.get(0)) || trained(inputs.get(1));
    boolean mixed = scores || trained(inputs.get(2));
    long widths = model.queryWidth() + (long) model.keyValueWidth() * (scores ? 2 : 1);
    bytes += mixed ? element * widths : 0;
    countInput(List.of(attention + "o_proj"), model.queryWidth(), recomputable(false));
    flows |= mixed || trained(attention + "o_proj");

    String mlp = layer + "mlp.";
    branch = countNorm(layer + "post_attention_layernorm");
    inputs = List.of(mlp + "gate_proj", mlp + "up_proj");
    countInput(inputs, model.hiddenSize(), recomputable(branch));
    boolean activated = branch || inputs.stream().anyMatch(this::trained);
    bytes += activated ? element * 2 * model.intermediateSize() : 0;
    countInput(List.of(mlp + "down_proj"), model.intermediateSize(), recomputable(activated));
    flows |= activated || trained(mlp + "down_proj");
  }

  /** A norm's input and row statistic; returns whether they are kept. */
  private boolean countNorm(String norm) {
    boolean branch = flows || whole(norm);
    bytes += branch ? element * model.hiddenSize() + ROW_STATISTIC : 0;
    return branch;
  }

  /** Whether an input need not be kept: what it was made from is, and is worth the work. */
  private boolean recomputable(boolean originKept) {
    return originKept && recompute == Recompute.ELEMENTWISE;
  }

  /** The input that {@code projections} share, and rank numbers for each that is adapted. */
  private void countInput(List<String> projections, long width, boolean recomputed) {
    boolean needed = projections.stream().anyMatch(this::needsInput);
    bytes += needed && !recomputed ? element * width : 0;
    bytes += element * projections.stream().filter(this::adapted).mapToLong(adapter::rankOf).sum();
  }

  private boolean needsInput(String projection) {
    return whole(projection) || (adapted(projection) && method == Method.LORA);
  }

  private boolean trained(String projection) {
    return whole(projection) || adapted(projection);
  }

  private boolean adapted(String projection) {
    return method.adapts() && adapter.adapts(projection);
  }

  /** Whether the module itself is trained. */
  private boolean whole(String module) {
    return !method.adapts() || adapter.saves(module);
  }
}
