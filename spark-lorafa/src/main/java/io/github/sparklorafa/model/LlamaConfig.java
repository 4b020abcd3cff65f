package io.github.sparklorafa.model;

import io.github.sparklorafa.model.LlamaVariant.AttentionBias;
import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Rope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The shape of a LLaMA, with Hugging Face's names.
 *
 * @param vocabSize token ids
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of gate and up
 * @param numHiddenLayers layers
 * @param numAttentionHeads query heads
 * @param numKeyValueHeads key and value heads; divides the query heads
 * @param headDim numbers of one head; heads · headDim may differ from the hidden size
 * @param rmsNormEps ε of the norms
 * @param rope angles of the rotary embedding
 * @param tieWordEmbeddings whether the output head is the embedding
 * @param maxPositionEmbeddings the longest sequence that the model was trained on, in tokens
 * @param variant how its layers depart from LLaMA's
 */
public record LlamaConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int numKeyValueHeads,
    int headDim,
    double rmsNormEps,
    Rope rope,
    boolean tieWordEmbeddings,
    int maxPositionEmbeddings,
    LlamaVariant variant)
    implements ModelConfig {
  /** Names of the embedding and of a head that may be tied to it. */
  static final TiedHead TIED = new TiedHead("model.embed_tokens.weight", "lm_head.weight");

  /** Buffers that old versions of transformers saved, and that follow from the configuration. */
  private static final Pattern BUFFERS =
      Pattern.compile(
          "model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.(inv_freq|cos_cached|sin_cached)");

  /** A LLaMA whose heads turn as a whole, with base {@code ropeTheta}. */
  public LlamaConfig(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int numHiddenLayers,
      int numAttentionHeads,
      int numKeyValueHeads,
      int headDim,
      double rmsNormEps,
      double ropeTheta,
      boolean tieWordEmbeddings,
      int maxPositionEmbeddings) {
    this(
        vocabSize,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        rmsNormEps,
        new Rope(headDim, ropeTheta),
        tieWordEmbeddings,
        maxPositionEmbeddings,
        LlamaVariant.PLAIN);
  }

  /** The same with another rotary embedding. */
  public LlamaConfig with(Rope otherRope) {
    return with(otherRope, variant);
  }

  /** The same with layers of another kind. */
  public LlamaConfig with(LlamaVariant otherVariant) {
    return with(rope, otherVariant);
  }

  private LlamaConfig with(Rope otherRope, LlamaVariant otherVariant) {
    return new LlamaConfig(
        vocabSize,
        hiddenSize,
        intermediateSize,
        numHiddenLayers,
        numAttentionHeads,
        numKeyValueHeads,
        headDim,
        rmsNormEps,
        otherRope,
        tieWordEmbeddings,
        maxPositionEmbeddings,
        otherVariant);
  }

  /** Width of all query heads together. */
  public int queryWidth() {
    return numAttentionHeads * headDim;
  }

  /** Width of all key heads together, and of all value heads. */
  public int keyValueWidth() {
    return numKeyValueHeads * headDim;
  }

  /**
   * The linear layers of a decoder layer by their names in it, in the order of its forward pass.
   */
  public Map<String, LinearShape> linears() {
    AttentionBias biases = variant.attentionBias();
    Linear.Bias inputs = biases == AttentionBias.NONE ? Linear.Bias.NO : Linear.Bias.YES;
    Linear.Bias output = biases == AttentionBias.ALL ? Linear.Bias.YES : Linear.Bias.NO;
    Linear.Bias mlp = variant.mlpBias();
    long queries = (long) numAttentionHeads * headDim;
    long keys = (long) numKeyValueHeads * headDim;
    long wide = intermediateSize;
    Map<String, LinearShape> linears = new LinkedHashMap<>();
    if (variant.fused()) {
      linears.put("self_attn.qkv_proj", new LinearShape(queries + 2 * keys, hiddenSize, inputs));
    } else {
      linears.put("self_attn.q_proj", new LinearShape(queries, hiddenSize, inputs));
      linears.put("self_attn.k_proj", new LinearShape(keys, hiddenSize, inputs));
      linears.put("self_attn.v_proj", new LinearShape(keys, hiddenSize, inputs));
    }
    linears.put("self_attn.o_proj", new LinearShape(hiddenSize, queries, output));
    if (variant.fused()) {
      linears.put("mlp.gate_up_proj", new LinearShape(2 * wide, hiddenSize, mlp));
    } else {
      linears.put("mlp.gate_proj", new LinearShape(wide, hiddenSize, mlp));
      linears.put("mlp.up_proj", new LinearShape(wide, hiddenSize, mlp));
    }
    linears.put("mlp.down_proj", new LinearShape(hiddenSize, wide, mlp));
    return linears;
  }

  @Override
  public String modelType() {
    return "llama";
  }

  @Override
  public Objective objective() {
    return new Objective.CausalLm();
  }

  @Override
  public ModelConfig with(Objective objective) {
    if (!objective.equals(objective())) {
      throw new IllegalArgumentException(
          "Cannot use task: %s with a checkpoint shaped like LLaMA (use causal-lm, or another checkpoint)"
              .formatted(objective.text()));
    }
    return this;
  }

  @Override
  public Map<String, LinearShape> linearLayers() {
    Map<String, LinearShape> all = new LinkedHashMap<>();
    for (int i = 0; i < numHiddenLayers; i++) {
      String layer = layer(i);
      linears().forEach((name, shape) -> all.put(layer + name, shape));
    }
    return all;
  }

  @Override
  public Map<String, long[]> tensors() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(TIED.embedding(), new long[] {vocabSize, hiddenSize});
    for (int i = 0; i < numHiddenLayers; i++) {
      String layer = layer(i);
      shapes.put(layer + "input_layernorm.weight", new long[] {hiddenSize});
      linears().forEach((name, linear) -> linear.addTensors(layer + name, shapes));
      if (variant.normsQueriesAndKeys()) {
        shapes.put(layer + "self_attn.q_norm.weight", new long[] {headDim});
        shapes.put(layer + "self_attn.k_norm.weight", new long[] {headDim});
      }
      shapes.put(layer + "post_attention_layernorm.weight", new long[] {hiddenSize});
    }
    shapes.put("model.norm.weight", new long[] {hiddenSize});
    if (!tieWordEmbeddings) {
      shapes.put(TIED.head(), new long[] {vocabSize, hiddenSize});
    }
    return shapes;
  }

  private static String layer(int index) {
    return "model.layers." + index + ".";
  }

  @Override
  public Set<String> newTensors() {
    return Set.of();
  }

  @Override
  public boolean mayBeSurplus(String tensor) {
    return BUFFERS.matcher(tensor).matches() || (tieWordEmbeddings && tensor.equals(TIED.head()));
  }

  @Override
  public Optional<TiedHead> tiedHead() {
    return tieWordEmbeddings ? Optional.of(TIED) : Optional.empty();
  }

  @Override
  public Llama build(Parameters parameters, Adapter adapter) {
    return new Llama(this, parameters, adapter);
  }
}
