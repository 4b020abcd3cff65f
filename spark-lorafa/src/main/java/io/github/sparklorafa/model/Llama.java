package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.ChunkedCrossEntropy;
import io.github.sparklorafa.nn.Embedding;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.RmsNorm;
import io.github.sparklorafa.nn.RotaryEmbedding;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.SwiGlu;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.function.Function;
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
 */
public final class Llama implements CausalModel {
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

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
    layers =
        IntStream.range(0, config.numHiddenLayers())
            .mapToObj(i -> new Layer(i, config, parameters, adapter))
            .toList();
    norm =
        new RmsNorm(
            parameters.parameter("model.norm.weight", config.hiddenSize()), config.rmsNormEps());
    headWeight = head(embedding);
    lmHead = new ChunkedCrossEntropy(headWeight);
    rotary = new RotaryEmbedding(config.headDim(), config.ropeTheta());

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
  public LossSum trainStep(int[] ids, int[] targets, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor tokens = tensor(ids);
      Pass pass = pass(sequences);
      ChunkedCrossEntropy.Loss loss = lossAndGradient(hidden(tokens, pass, tape), targets);
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
  public LossSum evaluate(int[] ids, int[] targets, Sequences sequences) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(tensor(ids), pass(sequences), Tape.discarding())) {
      ChunkedCrossEntropy.Loss loss = lmHead.evaluate(hidden, targets);
      return new LossSum(loss.sum(), loss.terms());
    }
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

  /**
   * What all layers of one pass share: the angles of its positions, where its sequences end, and
   * the caches that they go on from, or null.
   */
  private record Pass(
      RotaryEmbedding.Angles angles, Sequences sequences, List<KeyValueCache> caches) {}

  private Pass pass(Sequences sequences) {
    return new Pass(
        rotary.angles(sequences.positions(), headWeight.value().scalar_type()), sequences, null);
  }

  /**
   * {@code ids [tokens]} to the input of the head {@code [tokens, hidden]}, owned by the caller,
   * who closes it.
   */
  private Tensor hidden(Tensor ids, Pass pass, Tape tape) {
    Tensor x = owned(ids, embedTokens::forward);
    for (Layer layer : layers) {
      x = consumed(x, input -> layer.forward(input, pass, tape));
    }
    return consumed(x, input -> norm.forward(input, tape));
  }

  private static Tensor owned(Tensor x, Function<Tensor, Tensor> step) {
    try (Scope scope = new Scope()) {
      return scope.release(step.apply(x));
    }
  }

  /** Frees the input of a layer at once, so that only the tape decides what stays. */
  private static Tensor consumed(Tensor x, Function<Tensor, Tensor> step) {
    try (x) {
      return owned(x, step);
    }
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
    parameters.all().forEach(Parameter::close);
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

    Layer(int index, LlamaConfig config, Parameters parameters, Adapter adapter) {
      String name = "model.layers." + index;
      inputLayernorm = norm(name + ".input_layernorm", config, parameters);
      selfAttn = new Attention(index, name + ".self_attn", config, parameters, adapter);
      postAttentionLayernorm = norm(name + ".post_attention_layernorm", config, parameters);
      mlp = new Mlp(name + ".mlp", config, parameters, adapter);
    }

    private static RmsNorm norm(String name, LlamaConfig config, Parameters parameters) {
      return new RmsNorm(
          parameters.parameter(name + ".weight", config.hiddenSize()), config.rmsNormEps());
    }

    GradientFlow plan(GradientFlow fromBelow) {
      input = fromBelow;
      middle = selfAttn.plan(inputLayernorm.plan(input)).or(input);
      return mlp.plan(postAttentionLayernorm.plan(middle)).or(middle);
    }

    Tensor forward(Tensor x, Pass pass, Tape tape) {
      Tensor attended = owned(x, input -> attentionHalf(input, pass, tape));
      return consumed(attended, input -> mlpHalf(input, tape));
    }

    private Tensor attentionHalf(Tensor x, Pass pass, Tape tape) {
      return selfAttn.forward(inputLayernorm.forward(x, tape), pass, tape).add_(x);
    }

    private Tensor mlpHalf(Tensor x, Tape tape) {
      return mlp.forward(postAttentionLayernorm.forward(x, tape), tape).add_(x);
    }

    /** Adds to {@code dy} in place; null once nothing below owes a gradient. */
    Tensor backward(Tensor dy, Pass pass, Tape tape) {
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

  /** {@code o_proj(attention(rotary(q_proj(x)), rotary(k_proj(x)), v_proj(x)))}. */
  private final class Attention {
    private final int index;
    private final Projection qProj;
    private final Projection kProj;
    private final Projection vProj;
    private final Projection oProj;
    private final CausalAttention attention;

    Attention(int index, String name, LlamaConfig config, Parameters parameters, Adapter adapter) {
      this.index = index;
      qProj =
          linear(name + ".q_proj", config.queryWidth(), config.hiddenSize(), parameters, adapter);
      kProj =
          linear(
              name + ".k_proj", config.keyValueWidth(), config.hiddenSize(), parameters, adapter);
      vProj =
          linear(
              name + ".v_proj", config.keyValueWidth(), config.hiddenSize(), parameters, adapter);
      oProj =
          linear(name + ".o_proj", config.hiddenSize(), config.queryWidth(), parameters, adapter);
      attention =
          new CausalAttention(
              config.numAttentionHeads(), config.numKeyValueHeads(), config.headDim());
    }

    GradientFlow plan(GradientFlow input) {
      GradientFlow query = qProj.plan(input);
      GradientFlow key = kProj.plan(input);
      GradientFlow value = vProj.plan(input);
      return oProj.plan(attention.plan(query, key, value));
    }

    Tensor forward(Tensor x, Pass pass, Tape tape) {
      try (Scope scope = new Scope()) {
        Tensor q = qProj.forward(x, tape);
        Tensor k = kProj.forward(x, tape);
        Tensor v = vProj.forward(x, tape);
        rotary.forward(q, pass.angles());
        rotary.forward(k, pass.angles());
        Tensor mixed =
            pass.caches() == null
                ? attention.forward(q, k, v, pass.sequences(), tape)
                : attention.forward(q, k, v, pass.sequences(), pass.caches(), index);
        return scope.keep(oProj.forward(mixed, tape));
      }
    }

    Tensor backward(Tensor dy, Pass pass, Tape tape) {
      try (Scope scope = new Scope()) {
        Tensor dMixed = oProj.backward(dy, tape, null);
        if (dMixed == null) {
          return null;
        }
        CausalAttention.Gradients d = attention.backward(dMixed, pass.sequences(), tape);
        Tensor dx = vProj.backward(d.value(), tape, null);
        if (d.query() != null) {
          rotary.backward(d.key(), pass.angles());
          rotary.backward(d.query(), pass.angles());
          dx = kProj.backward(d.key(), tape, dx);
          dx = qProj.backward(d.query(), tape, dx);
        }
        return dx == null ? null : scope.keep(dx);
      }
    }
  }

  /** {@code down_proj(silu(gate_proj(x)) ∘ up_proj(x))}. */
  private static final class Mlp {
    private final Projection gateProj;
    private final Projection upProj;
    private final Projection downProj;
    private final SwiGlu activation = new SwiGlu();

    Mlp(String name, LlamaConfig config, Parameters parameters, Adapter adapter) {
      gateProj =
          linear(
              name + ".gate_proj",
              config.intermediateSize(),
              config.hiddenSize(),
              parameters,
              adapter);
      upProj =
          linear(
              name + ".up_proj",
              config.intermediateSize(),
              config.hiddenSize(),
              parameters,
              adapter);
      downProj =
          linear(
              name + ".down_proj",
              config.hiddenSize(),
              config.intermediateSize(),
              parameters,
              adapter);
    }

    GradientFlow plan(GradientFlow input) {
      GradientFlow gate = gateProj.plan(input);
      GradientFlow up = upProj.plan(input);
      return downProj.plan(activation.plan(gate, up));
    }

    Tensor forward(Tensor x, Tape tape) {
      try (Scope scope = new Scope()) {
        Tensor gate = gateProj.forward(x, tape);
        Tensor up = upProj.forward(x, tape);
        return scope.keep(downProj.forward(activation.forward(gate, up, tape), tape));
      }
    }

    Tensor backward(Tensor dy, Tape tape) {
      try (Scope scope = new Scope()) {
        Tensor dActivated = downProj.backward(dy, tape, null);
        if (dActivated == null) {
          return null;
        }
        SwiGlu.Gradients d = activation.backward(dActivated, tape);
        Tensor dx = upProj.backward(d.up(), tape, null);
        dx = gateProj.backward(d.gate(), tape, dx);
        return dx == null ? null : scope.keep(dx);
      }
    }
  }

  private static Projection linear(
      String name, int out, int in, Parameters parameters, Adapter adapter) {
    return adapter.adapt(name, Linear.of(parameters, name, Linear.Bias.NO, out, in));
  }
}
