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
    return outputNorm.plan(outputDense.plan(wide).or(middle));
  }

  /** {@code x [tokens, hidden]} to the attention's half of the layer. */
  Tensor forwardAttention(Tensor x, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor q = query.forward(x, tape);
      Tensor k = key.forward(x, tape);
      Tensor v = value.forward(x, tape);
      Tensor mixed = attention.forward(q, k, v, sequences, tape);
      Tensor sum = attentionDense.forward(mixed, tape).add_(x);
      return scope.keep(attentionNorm.forward(sum, tape));
    }
  }

  /** {@code a [tokens, hidden]} to the output of the layer. */
  Tensor forwardFeedForward(Tensor a, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor wide = gelu.forward(intermediate.forward(a, tape), tape);
      Tensor sum = outputDense.forward(wide, tape).add_(a);
      return scope.keep(outputNorm.forward(sum, tape));
    }
  }

  /**
   * {@code dy [tokens, hidden]} to the input's gradient, owned by the caller's scope; null once
   * nothing below owes a gradient.
   */
  Tensor backward(Tensor dy, Sequences sequences, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor da = backwardFeedForward(dy, tape);
      Tensor dx = da == null ? null : backwardAttention(da, sequences, tape);
      return dx == null ? null : scope.keep(dx);
    }
  }

  private Tensor backwardFeedForward(Tensor dy, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor sum = outputNorm.backward(dy, tape);
      if (sum == null) {
        return null;
      }
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
