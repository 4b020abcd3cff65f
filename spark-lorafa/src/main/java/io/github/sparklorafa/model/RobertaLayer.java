package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.AttentionGradients;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.LayerNorm;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.MultiHeadAttention;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * One layer, the norms behind the sums:
 *
 * <pre>
 *   a = attention.output.LayerNorm(x + attention.output.dense(attention(query(x), key(x), value(x))))
 *   y = output.LayerNorm(a + output.dense(gelu(intermediate.dense(a))))
 * </pre>
 */
final class RobertaLayer {
  private final Projection query;
  private final Projection key;
  private final Projection value;
  private final MultiHeadAttention attention;
  private final Projection attentionDense;
  private final LayerNorm attentionNorm;
  private final Projection intermediate;
  private final Gelu gelu;
  private final Projection outputDense;
  private final LayerNorm outputNorm;
  private GradientFlow input = GradientFlow.STOPS;
  private GradientFlow middle = GradientFlow.STOPS;
  private GradientFlow feedForward = GradientFlow.STOPS;
  private GradientFlow output = GradientFlow.STOPS;

  RobertaLayer(int index, RobertaConfig config, Parameters parameters, Adapter adapter) {
    Parts parts = new Parts(new RobertaTensors(config), index, parameters, adapter);
    query = parts.linear("attention.self.query");
    key = parts.linear("attention.self.key");
    value = parts.linear("attention.self.value");
    attention =
        new MultiHeadAttention(
            config.numAttentionHeads(), config.headDim(), 1 / Math.sqrt(config.headDim()));
    attentionDense = parts.linear("attention.output.dense");
    attentionNorm = parts.norm("attention.output.LayerNorm");
    intermediate = parts.linear("intermediate.dense");
    gelu = new Gelu(config.hiddenAct());
    outputDense = parts.linear("output.dense");
    outputNorm = parts.norm("output.LayerNorm");
  }

  /** Makes the parts of a layer by their names in it. */
  private record Parts(RobertaTensors tensors, int index, Parameters parameters, Adapter adapter) {
    Projection linear(String name) {
      String module = tensors.layer(index) + name;
      LinearShape shape = tensors.linears().get(name);
      Linear linear = Linear.of(parameters, module, shape.bias(), shape.out(), shape.in());
      return adapter.adapt(module, linear);
    }

    LayerNorm norm(String name) {
      RobertaConfig config = tensors.config();
      return LayerNorm.of(
          parameters, tensors.layer(index) + name, config.hiddenSize(), config.layerNormEps());
    }
  }

  GradientFlow plan(GradientFlow fromBelow) {
    input = fromBelow;
    GradientFlow mixed = attention.plan(query.plan(input), key.plan(input), value.plan(input));
    middle = attentionNorm.plan(attentionDense.plan(mixed).or(input));
    GradientFlow wide = gelu.plan(intermediate.plan(middle));
    feedForward = outputDense.plan(wide);
    output = outputNorm.plan(feedForward.or(middle));
    return output;
  }

  /** {@code x [tokens, hidden]} to the same shape, owned by the caller, who closes it. */
  Tensor forward(Tensor x, Sequences sequences, Tape tape) {
    Tape ofLayer = output.flows() ? tape.segment(Recompute.LAYER, x) : tape;
    Tensor attended = Steps.owned(x, input -> forwardAttention(input, sequences, ofLayer));
    return Steps.consumed(attended, input -> forwardFeedForward(input, ofLayer));
  }

  private Tensor forwardAttention(Tensor x, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor q = query.forward(x, tape);
      Tensor k = key.forward(x, tape);
      Tensor v = value.forward(x, tape);
      Tensor mixed = attention.forward(q, k, v, sequences, tape);
      Tensor sum = attentionDense.forward(mixed, tape).add_(x);
      return scope.keep(attentionNorm.forward(sum, tape));
    }
  }

  private Tensor forwardFeedForward(Tensor a, Tape tape) {
    Tape ofHalf = feedForward.flows() ? tape.segment(Recompute.MLP, a) : tape;
    return forwardFeedForward(a, ofHalf, tape);
  }

  /** What stands before the sum has a tape of its own. */
  private Tensor forwardFeedForward(Tensor a, Tape ofHalf, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor sum = outputDense.forward(wide(a, ofHalf), ofHalf).add_(a);
      return scope.keep(outputNorm.forward(sum, tape));
    }
  }

  private Tensor wide(Tensor a, Tape tape) {
    return gelu.forward(intermediate.forward(a, tape), tape);
  }

  /**
   * {@code dy [tokens, hidden]} to the input's gradient, owned by the caller's scope; null once
   * nothing below owes a gradient.
   */
  Tensor backward(Tensor dy, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      if (tape.recomputes(Recompute.LAYER)) {
        again(sequences, tape);
      }
      Tensor da = backwardFeedForward(dy, tape);
      Tensor dx = da == null ? null : backwardAttention(da, sequences, tape);
      return dx == null ? null : scope.keep(dx);
    }
  }

  /** Runs forward again, onto the tape, the layer whose input it kept alone. */
  private void again(Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      forwardFeedForward(forwardAttention(tape.take(), sequences, tape), tape, tape);
    }
  }

  /** The same for what stands before the last sum. */
  private void feedForwardAgain(Tape tape) {
    boolean alone = tape.recomputes(Recompute.MLP) && !tape.recomputes(Recompute.LAYER);
    if (alone && feedForward.flows()) {
      try (Scope scope = new Scope()) {
        outputDense.remember(wide(tape.take(), tape), tape);
      }
    }
  }

  private Tensor backwardFeedForward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor sum = outputNorm.backward(dy, tape);
      if (sum == null) {
        return null;
      }
      feedForwardAgain(tape);
      Tensor dWide = outputDense.backward(sum, tape, null);
      if (dWide != null) {
        intermediate.backward(gelu.backward(dWide, tape), tape, middle.flows() ? sum : null);
      }
      return middle.flows() ? scope.keep(sum) : null;
    }
  }

  private Tensor backwardAttention(Tensor da, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor sum = attentionNorm.backward(da, tape);
      if (sum == null) {
        return null;
      }
      Tensor dx = input.flows() ? sum : null;
      Tensor dMixed = attentionDense.backward(sum, tape, null);
      if (dMixed != null) {
        AttentionGradients d = attention.backward(dMixed, sequences, tape);
        value.backward(d.value(), tape, dx);
        if (d.query() != null) {
          key.backward(d.key(), tape, dx);
          query.backward(d.query(), tape, dx);
        }
      }
      return dx == null ? null : scope.keep(dx);
    }
  }
}
