package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.AttentionGradients;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.RotaryEmbedding;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** {@code o_proj(attention(rotary(q), rotary(k), v))} of a layer's {@link QueryKeyValue}. */
final class Attention {
  private final int index;
  private final QueryKeyValue queryKeyValue;
  private final RotaryEmbedding rotary;
  private final CausalAttention attention;
  private final Projection oProj;

  Attention(LayerParts parts, RotaryEmbedding rotary) {
    LlamaConfig config = parts.config();
    index = parts.index();
    queryKeyValue = QueryKeyValue.of(parts);
    this.rotary = rotary;
    attention =
        new CausalAttention(
            config.numAttentionHeads(),
            config.numKeyValueHeads(),
            config.headDim(),
            config.variant().window(index));
    oProj = parts.linear("self_attn.o_proj");
  }

  GradientFlow plan(GradientFlow input) {
    return oProj.plan(queryKeyValue.plan(input, attention));
  }

  Tensor forward(Tensor x, Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      QueryKeyValue.Heads heads = queryKeyValue.forward(x, tape);
      Tensor q = heads.query();
      Tensor k = heads.key();
      Tensor v = heads.value();
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
      AttentionGradients d = queryKeyValue.room(dMixed, attention);
      attention.backward(dMixed, pass.sequences(), tape, d);
      if (d.query() != null) {
        rotary.backward(d.key(), pass.angles());
        rotary.backward(d.query(), pass.angles());
      }
      Tensor dx = queryKeyValue.backward(d, tape);
      return dx == null ? null : scope.keep(dx);
    }
  }
}
