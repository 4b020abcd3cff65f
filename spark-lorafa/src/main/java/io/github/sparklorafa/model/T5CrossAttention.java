package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.AttentionGradients;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.KeyValueCache;
import io.github.sparklorafa.nn.MultiHeadAttention;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code EncDecAttention}: {@code o(attention(q(x), k(e), v(e)))} of what is written to what the
 * encoder made of what is read, {@code e}, its scores neither scaled nor biased. The layers of a
 * decoder share {@code e}, so it is kept once, and they add up its gradient.
 */
final class T5CrossAttention implements T5Residual.Part {
  private final int layer;
  private final Projection q;
  private final Projection k;
  private final Projection v;
  private final MultiHeadAttention attention;
  private final Projection o;

  /**
   * @param layer number in the decoder
   */
  T5CrossAttention(T5Parts parts, String name, int layer) {
    this.layer = layer;
    q = parts.linear(name + "q");
    k = parts.linear(name + "k");
    v = parts.linear(name + "v");
    attention = new MultiHeadAttention(parts.config().numHeads(), parts.config().dKv(), 1);
    o = parts.linear(name + "o");
  }

  @Override
  public GradientFlow plan(GradientFlow input, GradientFlow read) {
    GradientFlow query = q.plan(input);
    GradientFlow key = k.plan(read);
    return o.plan(attention.plan(query, key, v.plan(read)));
  }

  @Override
  public Tensor forward(Tensor x, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor query = q.forward(x, tape);
      Tensor mixed =
          pass.caches() == null
              ? attend(query, pass, tape)
              : attention.forward(query, pass.sequences(), pass.caches(), layer);
      return scope.keep(o.forward(mixed, tape));
    }
  }

  private Tensor attend(Tensor query, T5Pass pass, Tape tape) {
    Tensor key = k.forward(pass.read().states(), tape);
    Tensor value = v.forward(pass.read().states(), tape);
    return attention.forward(
        query,
        key,
        value,
        pass.sequences(),
        pass.read().sequences(),
        MultiHeadAttention.Bias.NONE,
        tape);
  }

  /** Puts the keys and values of the encoder's {@code states [read tokens, dModel]} into caches. */
  void read(Tensor states, Sequences sequences, List<KeyValueCache> caches) {
    try (Scope scope = new Scope()) {
      Tensor key = k.forward(states, Tape.discarding());
      Tensor value = v.forward(states, Tape.discarding());
      KeyValueCache.read(layer, key, value, sequences, caches);
    }
  }

  @Override
  public Tensor backward(Tensor dy, T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dMixed = o.backward(dy, tape, null);
      if (dMixed == null) {
        return null;
      }
      T5Pass.Read read = pass.read();
      AttentionGradients d =
          attention.backward(
              dMixed, pass.sequences(), read.sequences(), MultiHeadAttention.Bias.NONE, tape);
      v.backward(d.value(), tape, read.gradient());
      if (d.query() == null) {
        return null;
      }
      k.backward(d.key(), tape, read.gradient());
      Tensor dx = q.backward(d.query(), tape, null);
      return dx == null ? null : scope.keep(dx);
    }
  }
}
