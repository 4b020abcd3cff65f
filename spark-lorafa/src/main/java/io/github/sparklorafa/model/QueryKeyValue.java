package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.AttentionGradients;
import io.github.sparklorafa.nn.CausalAttention;
import io.github.sparklorafa.nn.Columns;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.HeadNorm;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import org.bytedeco.pytorch.Tensor;

/** Makes queries, keys and values of a layer's input, before they are turned. */
sealed interface QueryKeyValue {
  /** Queries {@code [tokens, heads · headDim]}, keys and values. */
  record Heads(Tensor query, Tensor key, Tensor value) {}

  /** As the variant of the layer says. */
  static QueryKeyValue of(LayerParts parts) {
    return parts.config().variant().fused() ? new Fused(parts) : new Separate(parts);
  }

  /** Plans itself and the attention that its output runs into; returns what that returns. */
  GradientFlow plan(GradientFlow input, CausalAttention attention);

  /** {@code x [tokens, hidden]} to tensors of the caller's scope, which may be turned in place. */
  Heads forward(Tensor x, Tape tape);

  /** Tensors of the caller's scope for what {@code attention} owes. */
  AttentionGradients room(Tensor dMixed, CausalAttention attention);

  /** {@code d}, from {@link #room}, to the input's gradient; null if none is asked for. */
  Tensor backward(AttentionGradients d, Tape tape);

  /** {@code q_norm(q_proj(x))}, {@code k_norm(k_proj(x))}, {@code v_proj(x)}; norms or none. */
  final class Separate implements QueryKeyValue {
    private final Projection qProj;
    private final Projection kProj;
    private final Projection vProj;
    private final HeadNorm qNorm;
    private final HeadNorm kNorm;

    private Separate(LayerParts parts) {
      boolean normed = parts.config().variant().normsQueriesAndKeys();
      qProj = parts.linear("self_attn.q_proj");
      kProj = parts.linear("self_attn.k_proj");
      vProj = parts.linear("self_attn.v_proj");
      qNorm = normed ? parts.headNorm("self_attn.q_norm") : null;
      kNorm = normed ? parts.headNorm("self_attn.k_norm") : null;
    }

    @Override
    public GradientFlow plan(GradientFlow input, CausalAttention attention) {
      GradientFlow query = planNorm(qNorm, qProj.plan(input));
      GradientFlow key = planNorm(kNorm, kProj.plan(input));
      return attention.plan(query, key, vProj.plan(input));
    }

    private static GradientFlow planNorm(HeadNorm norm, GradientFlow input) {
      return norm == null ? input : norm.plan(input);
    }

    @Override
    public Heads forward(Tensor x, Tape tape) {
      Tensor q = qProj.forward(x, tape);
      Tensor k = kProj.forward(x, tape);
      Tensor v = vProj.forward(x, tape);
      return qNorm == null
          ? new Heads(q, k, v)
          : new Heads(qNorm.forward(q, tape), kNorm.forward(k, tape), v);
    }

    @Override
    public AttentionGradients room(Tensor dMixed, CausalAttention attention) {
      return attention.room(dMixed);
    }

    @Override
    public Tensor backward(AttentionGradients d, Tape tape) {
      Tensor dk = d.key();
      Tensor dq = d.query();
      if (qNorm != null && dq != null) {
        dk = kNorm.backward(dk, tape);
        dq = qNorm.backward(dq, tape);
      }
      Tensor dx = vProj.backward(d.value(), tape, null);
      dx = dk == null ? dx : kProj.backward(dk, tape, dx);
      return dq == null ? dx : qProj.backward(dq, tape, dx);
    }
  }

  /** The columns of {@code qkv_proj(x)}. */
  final class Fused implements QueryKeyValue {
    private final Projection qkvProj;
    private final long queries;
    private final long keys;

    private Fused(LayerParts parts) {
      qkvProj = parts.linear("self_attn.qkv_proj");
      queries = parts.config().queryWidth();
      keys = parts.config().keyValueWidth();
    }

    @Override
    public GradientFlow plan(GradientFlow input, CausalAttention attention) {
      GradientFlow output = qkvProj.plan(input);
      return attention.plan(output, output, output);
    }

    @Override
    public Heads forward(Tensor x, Tape tape) {
      Tensor[] columns = Columns.split(qkvProj.forward(x, tape), queries, keys, keys);
      return new Heads(columns[0], columns[1], columns[2]);
    }

    @Override
    public AttentionGradients room(Tensor dMixed, CausalAttention attention) {
      Tensor joined = Buffers.empty(dMixed.scalar_type(), dMixed.size(0), queries + 2 * keys);
      Tensor[] columns = Columns.split(joined, queries, keys, keys);
      return new AttentionGradients(columns[0], columns[1], columns[2]);
    }

    @Override
    public Tensor backward(AttentionGradients d, Tape tape) {
      return qkvProj.backward(Columns.joined(d.query(), queries + 2 * keys), tape, null);
    }
  }
}
