package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.Linear;
import java.io.Serializable;
import java.util.List;

/**
 * How the layers of a checkpoint depart from LLaMA's.
 *
 * @param projections whether projections of one input are one module
 * @param attentionBias which projections of the attention add a bias
 * @param mlpBias whether those of the MLP do
 * @param queryKeyNorm whether each head of queries and keys is normed before it is turned
 * @param windows tokens that a token sees in each layer, itself included; {@link
 *     CausalAttention#NO_WINDOW} where it sees all before it; empty if it does in every layer
 */
public record LlamaVariant(
    Projections projections,
    AttentionBias attentionBias,
    Linear.Bias mlpBias,
    QueryKeyNorm queryKeyNorm,
    List<Integer> windows)
    implements Serializable {
  /** LLaMA itself. */
  public static final LlamaVariant PLAIN =
      new LlamaVariant(
          Projections.SEPARATE, AttentionBias.NONE, Linear.Bias.NO, QueryKeyNorm.NO, List.of());

  /** Whether projections of one input are one module. */
  public enum Projections {
    /** {@code q_proj, k_proj, v_proj}; {@code gate_proj, up_proj}. */
    SEPARATE,
    /** {@code qkv_proj}; {@code gate_up_proj} (Phi-3). */
    FUSED
  }

  /** Which projections of the attention add a bias. */
  public enum AttentionBias {
    NONE,
    /** Those of queries, keys and values (Qwen2). */
    INPUTS,
    ALL
  }

  /** Whether each head of queries and keys is normed before it is turned. */
  public enum QueryKeyNorm {
    /** By {@code q_norm} and {@code k_norm} (Qwen3). */
    YES,
    NO
  }

  /** Copies the windows. */
  public LlamaVariant {
    windows = List.copyOf(windows);
  }

  /** The same with a window for each layer. */
  public LlamaVariant withWindows(List<Integer> windowsOfLayers) {
    boolean none = windowsOfLayers.stream().allMatch(w -> w == CausalAttention.NO_WINDOW);
    return new LlamaVariant(
        projections, attentionBias, mlpBias, queryKeyNorm, none ? List.of() : windowsOfLayers);
  }

  /** Tokens that a token sees in a layer. */
  public int window(int layer) {
    return windows.isEmpty() ? CausalAttention.NO_WINDOW : windows.get(layer);
  }

  /** Whether the projections of one input are one module. */
  public boolean fused() {
    return projections == Projections.FUSED;
  }

  /** Whether queries and keys are normed. */
  public boolean normsQueriesAndKeys() {
    return queryKeyNorm == QueryKeyNorm.YES;
  }
}
