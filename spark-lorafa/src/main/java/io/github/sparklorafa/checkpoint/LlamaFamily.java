package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.LlamaVariant.AttentionBias;
import io.github.sparklorafa.model.LlamaVariant.Projections;
import io.github.sparklorafa.model.LlamaVariant.QueryKeyNorm;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The {@code model_type}s that are LLaMAs, each with what transformers' configuration class takes
 * for granted. Keys of {@link #only} are known in that one value alone.
 */
enum LlamaFamily {
  LLAMA(
      "LlamaForCausalLM",
      new Defaults(32_000, 4096, 11_008, Defaults.ALL_HEADS, Defaults.DIVIDED, 1e-6, 2048),
      Map.of("pretraining_tp", 1, "rope_interleaved", false, "use_sliding_window", false)),
  MISTRAL(
      "MistralForCausalLM",
      new Defaults(32_000, 4096, 14_336, 8, Defaults.DIVIDED, 1e-6, 131_072),
      Map.of("attention_bias", false, "mlp_bias", false)),
  QWEN2(
      "Qwen2ForCausalLM",
      new Defaults(151_936, 4096, 22_016, 32, Defaults.DIVIDED, 1e-6, 32_768),
      Map.of("attention_bias", true, "mlp_bias", false, "use_mrope", false)),
  QWEN3(
      "Qwen3ForCausalLM",
      new Defaults(151_936, 4096, 22_016, 32, 128, 1e-6, 32_768),
      Map.of("mlp_bias", false)),
  PHI3(
      "Phi3ForCausalLM",
      new Defaults(32_064, 3072, 8192, Defaults.ALL_HEADS, Defaults.DIVIDED, 1e-5, 4096),
      Map.of("attention_bias", false, "mlp_bias", false, "embd_pdrop", 0, "resid_pdrop", 0));

  /**
   * What an absent key means; layers and query heads are 32 everywhere.
   *
   * @param numKeyValueHeads or {@link #ALL_HEADS}
   * @param headDim or {@link #DIVIDED}
   */
  record Defaults(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int numKeyValueHeads,
      int headDim,
      double rmsNormEps,
      int maxPositionEmbeddings) {
    /** As many as there are query heads. */
    static final int ALL_HEADS = 0;

    /** The hidden size divided by the query heads. */
    static final int DIVIDED = 0;
  }

  private final String causalLm;
  private final Defaults defaults;
  private final Map<String, ?> only;

  LlamaFamily(String causalLm, Defaults defaults, Map<String, ?> only) {
    this.causalLm = causalLm;
    this.defaults = defaults;
    this.only = only;
  }

  /** The {@code model_type}. */
  String modelType() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The class in {@code architectures}. */
  String causalLm() {
    return causalLm;
  }

  Defaults defaults() {
    return defaults;
  }

  /** Keys that must have this value, where they are there. */
  Map<String, ?> only() {
    return only;
  }

  static Optional<LlamaFamily> of(String modelType) {
    return Arrays.stream(values()).filter(f -> f.modelType().equals(modelType)).findFirst();
  }

  /** All {@code model_type}s, for a message. */
  static String modelTypes() {
    return Arrays.stream(values()).map(LlamaFamily::modelType).collect(Collectors.joining(", "));
  }

  Projections projections() {
    return this == PHI3 ? Projections.FUSED : Projections.SEPARATE;
  }

  QueryKeyNorm queryKeyNorm() {
    return this == QWEN3 ? QueryKeyNorm.YES : QueryKeyNorm.NO;
  }

  /** Whether {@code attention_bias} says which projections of the attention add a bias. */
  boolean readsAttentionBias() {
    return this == LLAMA || this == QWEN3;
  }

  /** Biases where {@code attention_bias} does not say. */
  AttentionBias attentionBias() {
    return this == QWEN2 ? AttentionBias.INPUTS : AttentionBias.NONE;
  }

  /** Whether {@code use_sliding_window} and {@code layer_types} say which layers have a window. */
  boolean choosesWindows() {
    return this == QWEN2 || this == QWEN3;
  }

  /** Keys that change nothing in this family alone. */
  List<String> harmless() {
    // Without trust_remote_code transformers passes auto_map over, as for every Phi-3.
    return this == PHI3 ? List.of("auto_map", "original_max_position_embeddings") : List.of();
  }
}
