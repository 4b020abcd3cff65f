package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The shape of a T5, with Hugging Face's names.
 *
 * @param vocabSize token ids
 * @param dModel width of the residual streams
 * @param dKv numbers of one head; heads · dKv may differ from dModel
 * @param dFf width of the feed-forward layers
 * @param numLayers layers of the encoder
 * @param numDecoderLayers layers of the decoder
 * @param numHeads heads
 * @param relativeAttentionNumBuckets kinds of distances
 * @param relativeAttentionMaxDistance from which on all distances are alike
 * @param layerNormEpsilon ε of the norms
 * @param feedForwardProj kind of the feed-forward layers
 * @param tieWordEmbeddings whether the output head is the embedding
 * @param scaleDecoderOutputs whether the head's input is multiplied by 1/√dModel
 * @param padTokenId what the decoder reads where a label has no loss
 * @param decoderStartTokenId what the decoder reads before its first token
 */
public record T5Config(
    int vocabSize,
    int dModel,
    int dKv,
    int dFf,
    int numLayers,
    int numDecoderLayers,
    int numHeads,
    int relativeAttentionNumBuckets,
    int relativeAttentionMaxDistance,
    double layerNormEpsilon,
    FeedForward feedForwardProj,
    boolean tieWordEmbeddings,
    boolean scaleDecoderOutputs,
    int padTokenId,
    int decoderStartTokenId)
    implements ModelConfig {
  static final String NORM = "layer_norm.weight";
  static final String RELATIVE_ATTENTION_BIAS = "relative_attention_bias.weight";
  static final TiedHead TIED = new TiedHead("shared.weight", "lm_head.weight");

  /** Names that older files give the embedding too, and a table that the decoder never reads. */
  private static final Set<String> SURPLUS =
      Set.of(
          "encoder.embed_tokens.weight",
          "decoder.embed_tokens.weight",
          "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");

  /** Kind of the feed-forward layers. */
  public enum FeedForward {
    /** {@code wo(relu(wi(x)))} (T5 v1.0). */
    RELU,
    /** {@code wo(gelu(wi_0(x)) ∘ wi_1(x))} (T5 v1.1, Flan-T5, mT5). */
    GATED_GELU
  }

  /** One of the two stacks of layers. */
  enum Stack {
    READS("encoder"),
    WRITES("decoder");

    private final String module;

    Stack(String module) {
      this.module = module;
    }

    /** Its name in the model. */
    String module() {
      return module;
    }

    /** The name of one of its layers' parts: self-attention, cross-attention, feed-forward. */
    String part(int layer, int part) {
      return "%s.block.%d.layer.%d.".formatted(module, layer, part);
    }

    /** Which part is the feed-forward layer, behind one or two attentions. */
    int feedForwardPart() {
      return this == READS ? 1 : 2;
    }
  }

  /**
   * Whether the linear layer of that full name sees what is written: it is one of the decoder, but
   * for the keys and values of what was read.
   */
  public static boolean writes(String module) {
    return module.startsWith(Stack.WRITES.module())
        && !module.endsWith(".EncDecAttention.k")
        && !module.endsWith(".EncDecAttention.v");
  }

  int layers(Stack stack) {
    return stack == Stack.READS ? numLayers : numDecoderLayers;
  }

  /** Width of all heads together. */
  public int innerDim() {
    return numHeads * dKv;
  }

  @Override
  public String modelType() {
    return "t5";
  }

  /** Positions are relative, so none is the last. */
  @Override
  public int maxPositionEmbeddings() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Objective objective() {
    return new Objective.Seq2Seq();
  }

  @Override
  public ModelConfig with(Objective objective) {
    if (!objective.equals(objective())) {
      throw new IllegalArgumentException(
          "Cannot use task: %s with a T5 (use seq2seq, or another checkpoint)"
              .formatted(objective.text()));
    }
    return this;
  }

  /** With a head of its own where the file has one: transformers 5 calls it tied all the same. */
  @Override
  public T5Config storedWith(Set<String> tensors) {
    return tieWordEmbeddings && tensors.contains(TIED.head()) ? withOwnHead() : this;
  }

  private T5Config withOwnHead() {
    return new T5Config(
        vocabSize,
        dModel,
        dKv,
        dFf,
        numLayers,
        numDecoderLayers,
        numHeads,
        relativeAttentionNumBuckets,
        relativeAttentionMaxDistance,
        layerNormEpsilon,
        feedForwardProj,
        false,
        scaleDecoderOutputs,
        padTokenId,
        decoderStartTokenId);
  }

  @Override
  public Map<String, LinearShape> linearLayers() {
    Map<String, LinearShape> all = new LinkedHashMap<>();
    for (Stack stack : Stack.values()) {
      for (int i = 0; i < layers(stack); i++) {
        addAttention(stack.part(i, 0) + "SelfAttention.", all);
        if (stack == Stack.WRITES) {
          addAttention(stack.part(i, 1) + "EncDecAttention.", all);
        }
        addFeedForward(stack.part(i, stack.feedForwardPart()) + "DenseReluDense.", all);
      }
    }
    return all;
  }

  private void addAttention(String attention, Map<String, LinearShape> all) {
    LinearShape inner = new LinearShape(innerDim(), dModel, Linear.Bias.NO);
    all.put(attention + "q", inner);
    all.put(attention + "k", inner);
    all.put(attention + "v", inner);
    all.put(attention + "o", new LinearShape(dModel, innerDim(), Linear.Bias.NO));
  }

  private void addFeedForward(String dense, Map<String, LinearShape> all) {
    LinearShape wide = new LinearShape(dFf, dModel, Linear.Bias.NO);
    if (feedForwardProj == FeedForward.RELU) {
      all.put(dense + "wi", wide);
    } else {
      all.put(dense + "wi_0", wide);
      all.put(dense + "wi_1", wide);
    }
    all.put(dense + "wo", new LinearShape(dModel, dFf, Linear.Bias.NO));
  }

  @Override
  public Map<String, long[]> tensors() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put(TIED.embedding(), new long[] {vocabSize, dModel});
    linearLayers().forEach((name, linear) -> linear.addTensors(name, shapes));
    for (Stack stack : Stack.values()) {
      shapes.put(
          stack.part(0, 0) + "SelfAttention." + RELATIVE_ATTENTION_BIAS,
          new long[] {relativeAttentionNumBuckets, numHeads});
      for (int i = 0; i < layers(stack); i++) {
        for (int part = 0; part <= stack.feedForwardPart(); part++) {
          shapes.put(stack.part(i, part) + NORM, new long[] {dModel});
        }
      }
      shapes.put(stack.module() + ".final_" + NORM, new long[] {dModel});
    }
    if (!tieWordEmbeddings) {
      shapes.put(TIED.head(), new long[] {vocabSize, dModel});
    }
    return shapes;
  }

  @Override
  public Set<String> newTensors() {
    return Set.of();
  }

  @Override
  public boolean mayBeSurplus(String tensor) {
    return SURPLUS.contains(tensor);
  }

  @Override
  public Optional<TiedHead> tiedHead() {
    return tieWordEmbeddings ? Optional.of(TIED) : Optional.empty();
  }

  @Override
  public T5 build(Parameters parameters, Adapter adapter) {
    return new T5(this, parameters, adapter);
  }
}
