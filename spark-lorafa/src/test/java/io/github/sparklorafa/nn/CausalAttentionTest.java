package io.github.sparklorafa.nn;

import static io.github.sparklorafa.TensorAssert.assertBitEqual;
import static io.github.sparklorafa.TensorAssert.assertCloseToLargest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.Autograd;
import io.github.sparklorafa.InScope;
import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(InScope.class)
class CausalAttentionTest {
  private record Heads(int queries, int keyValues, int dim, int window) {
    Heads(int queries, int keyValues, int dim) {
      this(queries, keyValues, dim, CausalAttention.NO_WINDOW);
    }

    int width() {
      return (queries + 2 * keyValues) * dim;
    }
  }

  private record Case(DType dtype, Heads heads, Sequences sequences) {}

  private record Inputs(Tensor q, Tensor k, Tensor v, Tensor dy) {
    static Inputs random(DType dtype, Heads heads, int tokens) {
      long queryWidth = (long) heads.queries() * heads.dim();
      long keyValueWidth = (long) heads.keyValues() * heads.dim();
      return new Inputs(
          Tensors.random(dtype, tokens, queryWidth),
          Tensors.random(dtype, tokens, keyValueWidth),
          Tensors.random(dtype, tokens, keyValueWidth),
          Tensors.random(dtype, tokens, queryWidth));
    }

    Inputs rows(int start, int count) {
      return new Inputs(
          q.narrow(0, start, count),
          k.narrow(0, start, count),
          v.narrow(0, start, count),
          dy.narrow(0, start, count));
    }
  }

  /** Lengths around the 256 query rows of a block, one sequence and several. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Heads heads : List.of(new Heads(1, 1, 8), new Heads(4, 4, 6), new Heads(6, 2, 5))) {
      for (int length : new int[] {1, 2, 7, 255, 256, 257, 513}) {
        cases.add(new Case(DType.FP32, heads, new Sequences(0, length)));
      }
      cases.add(new Case(DType.FP32, heads, new Sequences(0, 3, 4, 261, 300)));
    }
    cases.add(new Case(DType.FP32, new Heads(8, 1, 16), new Sequences(0, 9, 280)));
    for (int window : new int[] {1, 2, 5, 255, 256, 257, 300, 512, 513, 600}) {
      cases.add(new Case(DType.FP32, new Heads(4, 2, 6, window), new Sequences(0, 3, 516, 1116)));
    }
    cases.add(new Case(DType.BF16, new Heads(4, 2, 16, 100), new Sequences(0, 300)));
    cases.add(new Case(DType.BF16, new Heads(4, 2, 16), new Sequences(0, 257, 260, 261)));
    cases.add(new Case(DType.BF16, new Heads(4, 4, 64), new Sequences(0, 33)));
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    // Probabilities are rounded to bf16 before two of the products.
    double tolerance = the.dtype() == DType.FP32 ? 1e-5 : 4e-2;
    Heads heads = the.heads();
    Inputs in = Inputs.random(the.dtype(), heads, the.sequences().tokens());
    Autograd oracle =
        Autograd.of(
            leaves -> formula(leaves, heads, the.sequences()), in.dy(), in.q(), in.k(), in.v());
    CausalAttention attention = attention(heads, GradientFlow.FLOWS, GradientFlow.FLOWS);

    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), the.sequences(), tape);
      assertCloseToLargest("y", y, oracle.output(), tolerance);
      assertThat(tape.bytes()).isEqualTo(in.q().nbytes() + in.k().nbytes() + in.v().nbytes());
      AttentionGradients d = attention.backward(in.dy(), the.sequences(), tape);
      assertThat(tape.isEmpty()).isTrue();
      assertGradient("dq", d.query(), oracle.gradient(0), the, tolerance);
      assertGradient("dk", d.key(), oracle.gradient(1), the, tolerance);
      assertCloseToLargest("dv", d.value(), oracle.gradient(2), tolerance);
    }
  }

  /** As where one projection makes q, k and v: no layer may ask for rows without gaps. */
  @ParameterizedTest
  @EnumSource
  void takesAndGivesColumnsOfOneMatrix(DType dtype) {
    Heads heads = new Heads(4, 2, 8, 270);
    Sequences sequences = new Sequences(0, 5, 300);
    Inputs in = Inputs.random(dtype, heads, 300);
    CausalAttention attention = attention(heads, GradientFlow.FLOWS, GradientFlow.FLOWS);
    Tensor joined = torch.cat(new TensorVector(in.q(), in.k(), in.v()), 1);
    Tensor[] qkv = Columns.split(joined, 32, 16, 16);
    Tensor gradient = torch.empty_like(joined);
    Tensor[] room = Columns.split(gradient, 32, 16, 16);
    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      AttentionGradients apart = attention.backward(in.dy(), sequences, tape);

      Tensor ofColumns = attention.forward(qkv[0], qkv[1], qkv[2], sequences, tape);
      assertThat(tape.bytes()).isEqualTo(joined.nbytes());
      attention.backward(
          in.dy(), sequences, tape, new AttentionGradients(room[0], room[1], room[2]));

      double tolerance = Tensors.tolerance(dtype);
      assertCloseToLargest("y", ofColumns, y, tolerance);
      Tensor expected = torch.cat(new TensorVector(apart.query(), apart.key(), apart.value()), 1);
      assertCloseToLargest("d", Columns.joined(room[0], heads.width()), expected, tolerance);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  /** Keys that no query of a block sees are never read, not only weighted by 0. */
  @Test
  void readsNothingBeforeTheWindow() {
    Heads heads = new Heads(2, 1, 4, 10);
    Inputs in = Inputs.random(DType.FP32, heads, 600);
    in.k().narrow(0, 0, 240).fill_(Scalars.of(Double.NaN));
    in.v().narrow(0, 0, 240).fill_(Scalars.of(Double.NaN));
    CausalAttention attention = attention(heads, GradientFlow.FLOWS, GradientFlow.FLOWS);
    Sequences sequences = new Sequences(0, 600);
    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      assertThat(y.narrow(0, 256, 344).isfinite().all().item_bool()).isTrue();
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      assertThat(d.query().narrow(0, 256, 344).isfinite().all().item_bool()).isTrue();
      assertThat(d.key().narrow(0, 256, 344).isfinite().all().item_bool()).isTrue();
    }
  }

  /**
   * A token that attends to itself alone: there dq and dk are exactly 0, and nothing to compare by.
   */
  private static void assertGradient(
      String name, Tensor actual, Tensor expected, Case the, double tolerance) {
    if (the.sequences().tokens() == 1 || the.heads().window() == 1) {
      assertThat(actual.abs().max().item_double()).as(name).isLessThan(1e-5);
    } else {
      assertCloseToLargest(name, actual, expected, tolerance);
    }
  }

  @Test
  void sequencesOfABatchAreAsEachAlone() {
    Heads heads = new Heads(4, 2, 8);
    Sequences sequences = new Sequences(0, 5, 270, 271, 290);
    Inputs in = Inputs.random(DType.FP32, heads, sequences.tokens());
    CausalAttention attention = attention(heads, GradientFlow.FLOWS, GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      for (int i = 0; i < sequences.count(); i++) {
        int start = sequences.start(i);
        int length = sequences.length(i);
        Inputs alone = in.rows(start, length);
        Sequences one = new Sequences(0, length);
        Tensor yAlone = attention.forward(alone.q(), alone.k(), alone.v(), one, tape);
        AttentionGradients dAlone = attention.backward(alone.dy(), one, tape);
        assertBitEqual("y", y.narrow(0, start, length), yAlone);
        assertBitEqual("dq", d.query().narrow(0, start, length), dAlone.query());
        assertBitEqual("dk", d.key().narrow(0, start, length), dAlone.key());
        assertBitEqual("dv", d.value().narrow(0, start, length), dAlone.value());
      }
    }
  }

  @Test
  void laterTokensChangeNothingBefore() {
    Heads heads = new Heads(2, 1, 4);
    Inputs in = Inputs.random(DType.FP32, heads, 300);
    CausalAttention attention = attention(heads, GradientFlow.STOPS, GradientFlow.STOPS);
    Sequences sequences = new Sequences(0, 300);
    Tensor before = attention.forward(in.q(), in.k(), in.v(), sequences, Tape.discarding());
    in.k().narrow(0, 260, 40).mul_(Scalars.of(100));
    in.v().narrow(0, 260, 40).mul_(Scalars.of(100));
    Tensor after = attention.forward(in.q(), in.k(), in.v(), sequences, Tape.discarding());
    assertBitEqual("y", after.narrow(0, 0, 260), before.narrow(0, 0, 260));
  }

  @Test
  void scoresFarBeyondTheRangeOfExpStayFinite() {
    Heads heads = new Heads(2, 2, 4);
    Inputs in = Inputs.random(DType.FP32, heads, 20);
    in.q().mul_(Scalars.of(1e4));
    CausalAttention attention = attention(heads, GradientFlow.FLOWS, GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      Sequences sequences = new Sequences(0, 20);
      Tensor y = attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      for (Tensor tensor : List.of(y, d.query(), d.key(), d.value())) {
        assertThat(tensor.isfinite().all().item_bool()).isTrue();
      }
    }
  }

  /** As where only v_proj is adapted: the probabilities are needed, their gradients are not. */
  @ParameterizedTest
  @EnumSource
  void keepsNoValuesWhereOnlyTheirGradientIsOwed(DType dtype) {
    Heads heads = new Heads(6, 2, 4);
    Sequences sequences = new Sequences(0, 4, 11);
    Inputs in = Inputs.random(dtype, heads, 11);
    Autograd oracle =
        Autograd.of(
            leaves -> formula(List.of(leaf(in.q()), leaf(in.k()), leaves.get(0)), heads, sequences),
            in.dy(),
            in.v());
    CausalAttention attention = attention(heads, GradientFlow.STOPS, GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      assertThat(tape.bytes()).isEqualTo(in.q().nbytes() + in.k().nbytes());
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      assertThat(d.query()).isNull();
      assertThat(d.key()).isNull();
      assertCloseToLargest("dv", d.value(), oracle.gradient(0), 2 * Tensors.tolerance(dtype));
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    Heads heads = new Heads(2, 1, 4);
    Inputs in = Inputs.random(DType.FP32, heads, 3);
    CausalAttention attention = new CausalAttention(2, 1, 4);
    assertThat(attention.plan(GradientFlow.STOPS, GradientFlow.STOPS, GradientFlow.STOPS))
        .isEqualTo(GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      attention.forward(in.q(), in.k(), in.v(), new Sequences(0, 3), tape);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  /** Pieces that grow the cache beyond its first 64 rows, and one longer than a block. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64, 290, CausalAttention.NO_WINDOW})
  void keyValueCacheGivesWhatTheWholeSequenceGives(int window) {
    Heads heads = new Heads(6, 3, 8, window);
    int[] pieces = {3, 1, 1, 70, 1, 300, 2};
    Inputs in = Inputs.random(DType.FP32, heads, 378);
    CausalAttention attention = attention(heads, GradientFlow.STOPS, GradientFlow.STOPS);
    Tensor whole =
        attention.forward(in.q(), in.k(), in.v(), new Sequences(0, 378), Tape.discarding());
    try (KeyValueCache cache = new KeyValueCache(2)) {
      int start = 0;
      for (int piece : pieces) {
        Inputs rows = in.rows(start, piece);
        Tensor y =
            attention.forward(
                rows.q(), rows.k(), rows.v(), new Sequences(0, piece), List.of(cache), 1);
        assertCloseToLargest("rows from " + start, y, whole.narrow(0, start, piece), 1e-5);
        start += piece;
      }
    }
  }

  private static CausalAttention attention(
      Heads heads, GradientFlow queryAndKey, GradientFlow value) {
    CausalAttention attention =
        new CausalAttention(heads.queries(), heads.keyValues(), heads.dim(), heads.window());
    attention.plan(queryAndKey, queryAndKey, value);
    return attention;
  }

  private static Tensor leaf(Tensor x) {
    return x.to(ScalarType.Double);
  }

  /** Softmax over a whole masked square for each sequence, keys repeated for their group. */
  private static Tensor formula(List<Tensor> qkv, Heads heads, Sequences sequences) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < sequences.count(); i++) {
      int start = sequences.start(i);
      int length = sequences.length(i);
      Tensor q = byHead(qkv.get(0).narrow(0, start, length), heads.queries(), heads);
      Tensor k = byHead(qkv.get(1).narrow(0, start, length), heads.keyValues(), heads);
      Tensor v = byHead(qkv.get(2).narrow(0, start, length), heads.keyValues(), heads);
      Tensor above = torch.ones(new long[] {length, length}).triu(1).to(ScalarType.Bool);
      Tensor before =
          torch
              .ones(new long[] {length, length})
              .tril(-Math.min(length, heads.window()))
              .to(ScalarType.Bool);
      Tensor scores =
          q.matmul(k.transpose(1, 2))
              .div(Scalars.of(Math.sqrt(heads.dim())))
              .masked_fill(above.logical_or(before), Scalars.of(Double.NEGATIVE_INFINITY));
      parts.add(torch.softmax(scores, -1).matmul(v).transpose(0, 1).reshape(length, -1));
    }
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  private static Tensor byHead(Tensor x, int count, Heads heads) {
    return x.view(x.size(0), count, heads.dim())
        .transpose(0, 1)
        .repeat_interleave(heads.queries() / count, new LongOptional(0), new LongOptional());
  }
}
