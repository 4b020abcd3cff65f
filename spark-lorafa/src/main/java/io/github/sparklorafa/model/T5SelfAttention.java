package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.AttentionGradients;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.MultiHeadAttention;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code SelfAttention}: {@code o(attention(q(x), k(x), v(x)))}, its scores unscaled but biased.
 */
final class T5SelfAttention implements T5Residual.Part {
  private final int layer;
  private final GradientFlow bias;
  private final Projection q;
  private final Projection k;
  private final Projection v;
  private final MultiHeadAttention attention;
  private final Projection o;

  /**
   * @param layer number in its stack
   * @param bias whether the bias that all layers share is trained
   */
  T5SelfAttention(T5Parts parts, String name, int layer, GradientFlow bias) {
    this.layer = layer;
    this.bias = bias;
    q = parts.linear(name + "q");
    k = parts.linear(name + "k");
    v = parts.linear(name + "v");
    attention = new MultiHeadAttention(parts.config().numHeads(), parts.config().dKv(), 1);
    o = parts.linear(name + "o");
  }

  @Override
  public GradientFlow plan(GradientFlow input, GradientFlow read) {
    GradientFlow query = q.plan(input);
    GradientFlow key = k.plan(input);
    return o.plan(attention.plan(query, key, v.plan(input), bias));
  }

  @Override
  public Tensor forward(Tensor x, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor query = q.forward(x, tape);
      Tensor key = k.forward(x, tape);
      Tensor value = v.forward(x, tape);
      Sequences own = pass.sequences();
      Tensor mixed =
          pass.caches() == null
              ? attention.forward(query, key, value, own, own, pass.bias(), tape)
              : attention.forward(query, key, value, own, pass.caches(), layer, pass.bias());
      return scope.keep(o.forward(mixed, tape));
    }
  }

  @Override
  public Tensor backward(Tensor dy, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dMixed = o.backward(dy, tape, null);
      if (dMixed == null) {
        return null;
      }
      Sequences own = pass.sequences();
      AttentionGradients d = attention.backward(dMixed, own, own, pass.bias(), tape);
      Tensor dx = v.backward(d.value(), tape, null);
      if (d.query() != null) {
        dx = k.backward(d.key(), tape, dx);
        dx = q.backward(d.query(), tape, dx);
      }
      return dx == null ? null : scope.keep(dx);
    }
  }
}
