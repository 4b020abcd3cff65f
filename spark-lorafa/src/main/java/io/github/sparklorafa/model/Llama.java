package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.ChunkedCrossEntropy;
import io.github.sparklorafa.nn.Embedding;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.RmsNorm;
import io.github.sparklorafa.nn.RotaryEmbedding;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * LLaMA (Touvron et al., 2023): pre-norm decoder layers of rotary grouped-query attention and
 * SwiGLU, and a linear head.
 *
 * <pre>
 *   x = embed_tokens(ids)
 *   for each layer: x = x + self_attn(input_layernorm(x));  x = x + mlp(post_attention_layernorm(x))
 *   logits = lm_head(norm(x))
 * </pre>
 *
 * <p>Mistral, Qwen2, Qwen3 and Phi-3 are LLaMAs too, apart from what {@link LlamaVariant} says.
 */
public final class Llama implements CausalModel {
  private static final String EMBEDDING = LlamaConfig.TIED.embedding();
  private static final String HEAD = LlamaConfig.TIED.head();

  private final LlamaConfig config;
  private final Parameters parameters;
  private final Embedding embedTokens;
  private final List<Layer> layers;
  private final RmsNorm norm;
  private final Parameter headWeight;
  private final ChunkedCrossEntropy lmHead;
  private final RotaryEmbedding rotary;

  /**
   * Reads the model from {@code parameters}, with {@code adapter} in the place of its linear
   * layers.
   *
   * @throws IllegalArgumentException if a weight is missing or has another shape than {@code
   *     config} says
   */
  public Llama(LlamaConfig config, Parameters parameters, Adapter adapter) {
    this.config = config;
    this.parameters = parameters;
    Parameter embedding = parameters.parameter(EMBEDDING, config.vocabSize(), config.hiddenSize());
    embedTokens = new Embedding(embedding);
    rotary = new RotaryEmbedding(config.headDim(), config.rope());
    layers =
        IntStream.range(0, config.numHiddenLayers())
            .mapToObj(i -> new Layer(new LayerParts(i, config, parameters, adapter)))
            .toList();
    norm =
        new RmsNorm(
            parameters.parameter("model.norm.weight", config.hiddenSize()), config.rmsNormEps());
    headWeight = head(embedding);
    lmHead = new ChunkedCrossEntropy(headWeight);

    GradientFlow gradient = embedTokens.plan();
    for (Layer layer : layers) {
      gradient = layer.plan(gradient);
    }
    lmHead.plan(norm.plan(gradient));
  }

  /**
   * A tied head is the embedding, unless only one of the two is trained: then they part, as in
   * PEFT.
   */
  private Parameter head(Parameter embedding) {
    long[] shape = {config.vocabSize(), config.hiddenSize()};
    if (!config.tieWordEmbeddings()) {
      return parameters.parameter(HEAD, shape);
    }
    return parameters.trainable(HEAD) == embedding.trainable()
        ? embedding
        : parameters.copyOf(EMBEDDING, HEAD, shape);
  }

  @Override
  public LossSum trainStep(MicroBatch batch, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor tokens = tensor(batch.ids());
      Pass pass = pass(batch.sequences());
      ChunkedCrossEntropy.Loss loss = lossAndGradient(hidden(tokens, pass, tape), targets(batch));
      backward(tokens, loss.inputGradient(), pass, tape);
      return new LossSum(loss.sum(), loss.terms());
    }
  }

  /** Consumes {@code hidden}: it is freed before the backward pass begins. */
  private ChunkedCrossEntropy.Loss lossAndGradient(Tensor hidden, int[] targets) {
    try (hidden) {
      return lmHead.forwardAndBackward(hidden, targets);
    }
  }

  @Override
  public LossSum evaluate(MicroBatch batch) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(tensor(batch.ids()), pass(batch.sequences()), Tape.discarding())) {
      ChunkedCrossEntropy.Loss loss = lmHead.evaluate(hidden, targets(batch));
      return new LossSum(loss.sum(), loss.terms());
    }
  }

  @Override
  public float[] losses(MicroBatch batch) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(tensor(batch.ids()), pass(batch.sequences()), Tape.discarding())) {
      return lmHead.losses(hidden, targets(batch));
    }
  }

  private static int[] targets(MicroBatch batch) {
    return ((Labels.Tokens) batch.labels()).targets();
  }

  @Override
  public Tensor logits(int[] ids, Sequences sequences) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(tensor(ids), pass(sequences), Tape.discarding())) {
      return scope.keep(torch.linear(hidden, headWeight.value()));
    }
  }

  @Override
  public Tensor nextLogits(int[] ids, Sequences sequences, List<KeyValueCache> caches) {
    try (Scope scope = new Scope()) {
      long[] positions = KeyValueCache.positions(sequences, caches);
      ScalarType dtype = headWeight.value().scalar_type();
      Pass pass = new Pass(rotary.angles(positions, dtype), sequences, caches);
      try (Tensor hidden = hidden(tensor(ids), pass, Tape.discarding())) {
        KeyValueCache.advance(sequences, caches);
        Tensor last = hidden.index_select(0, Tensor.create(sequences.lastTokens()));
        return scope.keep(torch.linear(last, headWeight.value()));
      }
    }
  }

  private Pass pass(Sequences sequences) {
    return new Pass(
        rotary.angles(sequences.positions(), headWeight.value().scalar_type()), sequences, null);
  }

  /**
   * {@code ids [tokens]} to the input of the head {@code [tokens, hidden]}, owned by the caller,
   * who closes it.
   */
  private Tensor hidden(Tensor ids, Pass pass, Tape tape) {
    Tensor x = Steps.owned(ids, embedTokens::forward);
    for (Layer layer : layers) {
      x = Steps.consumed(x, input -> layer.forward(input, pass, tape));
    }
    return Steps.consumed(x, input -> norm.forward(input, tape));
  }

  /**
   * {@code dy [tokens, hidden]} at the head's input, or null where nothing below the head is
   * trained.
   */
  private void backward(Tensor ids, Tensor dy, Pass pass, Tape tape) {
    Tensor dx = dy == null ? null : norm.backward(dy, tape, null);
    for (int i = layers.size() - 1; i >= 0 && dx != null; i--) {
      dx = layers.get(i).backward(dx, pass, tape);
    }
    if (dx != null) {
      embedTokens.backward(ids, dx);
    }
  }

  private static Tensor tensor(int[] ids) {
    return Tensor.create(IntStream.of(ids).asLongStream().toArray());
  }

  @Override
  public KeyValueCache newCache() {
    return new KeyValueCache(layers.size());
  }

  @Override
  public List<Parameter> parameters() {
    return parameters.all();
  }

  @Override
  public void close() {
    parameters.close();
  }

  /**
   * {@code x + self_attn(input_layernorm(x))}, then {@code x + mlp(post_attention_layernorm(x))}.
   */
  private final class Layer {
    private final RmsNorm inputLayernorm;
    private final Attention selfAttn;
    private final RmsNorm postAttentionLayernorm;
    private final Mlp mlp;
    private GradientFlow input = GradientFlow.STOPS;
    private GradientFlow middle = GradientFlow.STOPS;
    private GradientFlow mlpOutput = GradientFlow.STOPS;

    Layer(LayerParts parts) {
      inputLayernorm = parts.norm("input_layernorm");
      selfAttn = new Attention(parts, rotary);
      postAttentionLayernorm = parts.norm("post_attention_layernorm");
      mlp = new Mlp(parts);
    }

    GradientFlow plan(GradientFlow fromBelow) {
      input = fromBelow;
      middle = selfAttn.plan(inputLayernorm.plan(input)).or(input);
      mlpOutput = mlp.plan(postAttentionLayernorm.plan(middle));
      return mlpOutput.or(middle);
    }

    Tensor forward(Tensor x, Pass pass, Tape tape) {
      boolean flows = mlpOutput.or(middle).flows();
      Tape ofLayer = flows ? tape.segment(Recompute.LAYER, x) : tape;
      Tensor attended = Steps.owned(x, input -> attentionHalf(input, pass, ofLayer));
      return Steps.consumed(attended, input -> mlpHalf(input, ofLayer));
    }

    private Tensor attentionHalf(Tensor x, Pass pass, Tape tape) {
      return selfAttn.forward(inputLayernorm.forward(x, tape), pass, tape).add_(x);
    }

    private Tensor mlpHalf(Tensor x, Tape tape) {
      Tape ofHalf = mlpOutput.flows() ? tape.segment(Recompute.MLP, x) : tape;
      return mlp.forward(postAttentionLayernorm.forward(x, ofHalf), ofHalf).add_(x);
    }

    /** Runs forward again, onto the tape, what it kept the input of alone. */
    private void again(Pass pass, Tape tape) {
      try (Scope scope = new Scope()) {
        if (tape.recomputes(Recompute.LAYER)) {
          mlpAgain(attentionHalf(tape.take(), pass, tape), tape);
        } else if (tape.recomputes(Recompute.MLP) && mlpOutput.flows()) {
          mlpAgain(tape.take(), tape);
        }
      }
    }

    private void mlpAgain(Tensor x, Tape tape) {
      if (mlpOutput.flows()) {
        mlp.remember(postAttentionLayernorm.forward(x, tape), tape);
      }
    }

    /** Adds to {@code dy} in place; null once nothing below owes a gradient. */
    Tensor backward(Tensor dy, Pass pass, Tape tape) {
      again(pass, tape);
      try (Scope scope = new Scope()) {
        postAttentionLayernorm.backward(mlp.backward(dy, tape), tape, middle.flows() ? dy : null);
      }
      if (!middle.flows()) {
        return null;
      }
      try (Scope scope = new Scope()) {
        inputLayernorm.backward(selfAttn.backward(dy, pass, tape), tape, input.flows() ? dy : null);
      }
      return input.flows() ? dy : null;
    }
  }
}
