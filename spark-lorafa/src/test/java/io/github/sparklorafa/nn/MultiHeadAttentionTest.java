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
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(InScope.class)
class MultiHeadAttentionTest {
  private static final int HEADS = 3;
  private static final int DIM = 4;
  private static final long WIDTH = HEADS * DIM;
  private static final double SCALE = 0.7;

  private enum Added {
    NOTHING,
    TABLE,
    /** −∞ for what comes later. */
    CAUSAL
  }

  private record Case(DType dtype, Sequences queries, Sequences keys, Added added) {
    boolean biased() {
      return added != Added.NOTHING;
    }

    double tolerance() {
      // Probabilities are rounded to bf16 before two of the products.
      return dtype == DType.FP32 ? 1e-5 : 4e-2;
    }
  }

  private record Inputs(Tensor q, Tensor k, Tensor v, Tensor dy) {
    static Inputs random(DType dtype, Sequences queries, Sequences keys) {
      return new Inputs(
          Tensors.random(dtype, queries.tokens(), WIDTH),
          Tensors.random(dtype, keys.tokens(), WIDTH),
          Tensors.random(dtype, keys.tokens(), WIDTH),
          Tensors.random(dtype, queries.tokens(), WIDTH));
    }
  }

  /** {@code [heads, queries, keys]} of the longest sequence; others see its first rows. */
  private static final class Table implements MultiHeadAttention.Bias {
    private final Tensor values;
    private final boolean causal;
    private final Tensor gradient;
    private long scores;

    Table(Tensor values, Added added) {
      this.values = values;
      this.causal = added == Added.CAUSAL;
      this.gradient = torch.zeros_like(values.to(ScalarType.Float));
    }

    @Override
    public void add(Tensor block, long position) {
      block.add_(part(values, block, position));
      scores += block.size(1) * block.size(2);
    }

    @Override
    public long seen(long position, long keys) {
      return causal ? position + 1 : keys;
    }

    @Override
    public void addGradient(Tensor dScores, long position) {
      part(gradient, dScores, position).add_(dScores);
    }

    private static Tensor part(Tensor table, Tensor scores, long position) {
      return table.narrow(1, position, scores.size(1)).narrow(2, 0, scores.size(2));
    }
  }

  /** Lengths around the 256 query rows of a block; keys of the same sequences and of others. */
  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int length : new int[] {2, 7, 255, 256, 257, 513}) {
      Sequences one = new Sequences(0, length);
      for (Added added : Added.values()) {
        cases.add(new Case(DType.FP32, one, one, added));
      }
    }
    Sequences several = new Sequences(0, 3, 4, 261, 300);
    Sequences others = new Sequences(0, 300, 309, 310, 325);
    for (Added added : Added.values()) {
      cases.add(new Case(DType.FP32, several, several, added));
    }
    cases.add(new Case(DType.FP32, several, others, Added.NOTHING));
    cases.add(new Case(DType.FP32, new Sequences(0, 9, 10), several(5, 270), Added.NOTHING));
    cases.add(new Case(DType.BF16, several, several, Added.TABLE));
    cases.add(new Case(DType.BF16, several, several, Added.CAUSAL));
    cases.add(new Case(DType.BF16, new Sequences(0, 300), new Sequences(0, 33), Added.NOTHING));
    return cases;
  }

  private static Sequences several(int first, int second) {
    return new Sequences(0, first, first + second);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAutograd(Case the) {
    Inputs in = Inputs.random(the.dtype(), the.queries(), the.keys());
    long longest = the.biased() ? the.queries().longest() : 1;
    Tensor bias = Tensors.random(the.dtype(), HEADS, longest, longest);
    if (the.added() == Added.CAUSAL) {
      bias.add_(above(longest));
    }
    Autograd oracle =
        Autograd.of(leaves -> formula(leaves, the), in.dy(), in.q(), in.k(), in.v(), bias);
    Table table = new Table(bias, the.added());
    MultiHeadAttention.Bias added = the.biased() ? table : MultiHeadAttention.Bias.NONE;
    MultiHeadAttention attention = new MultiHeadAttention(HEADS, DIM, SCALE);
    GradientFlow flows = GradientFlow.FLOWS;
    assertThat(attention.plan(flows, flows, flows)).isEqualTo(flows);

    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), the.queries(), the.keys(), added, tape);
      assertCloseToLargest("y", y, oracle.output(), the.tolerance());
      assertThat(tape.bytes()).isEqualTo(in.q().nbytes() + in.k().nbytes() + in.v().nbytes());
      AttentionGradients d = attention.backward(in.dy(), the.queries(), the.keys(), added, tape);
      assertThat(tape.isEmpty()).isTrue();
      assertCloseToLargest("dq", d.query(), oracle.gradient(0), the.tolerance());
      assertCloseToLargest("dk", d.key(), oracle.gradient(1), the.tolerance());
      assertCloseToLargest("dv", d.value(), oracle.gradient(2), the.tolerance());
    }
    if (the.biased()) {
      assertCloseToLargest("dbias", table.gradient, oracle.gradient(3), the.tolerance());
    }
  }

  private static Tensor above(long longest) {
    Scalar unseen = Scalars.of(Double.NEGATIVE_INFINITY);
    return torch.full(new long[] {longest, longest}, unseen).triu_(1);
  }

  /**
   * In both passes, and with rows behind a cache: 256 rows, and the keys up to the last of them.
   */
  @Test
  void computesNoScoresOfKeysThatNoRowOfTheBlockSees() {
    Sequences sequences = new Sequences(0, 700, 703);
    Inputs in = Inputs.random(DType.FP32, sequences, sequences);
    MultiHeadAttention attention = planned(GradientFlow.FLOWS, GradientFlow.FLOWS);
    long once = 256 * 256 + 256 * 512 + 188 * 700 + 3 * 3;
    try (Tape tape = new Tape()) {
      Table table = new Table(above(700).repeat(HEADS, 1, 1), Added.CAUSAL);
      attention.forward(in.q(), in.k(), in.v(), sequences, sequences, table, tape);
      assertThat(table.scores).isEqualTo(once);
      attention.backward(in.dy(), sequences, sequences, table, tape);
      assertThat(table.scores).isEqualTo(2 * once);
    }
    Table table = new Table(above(400).repeat(HEADS, 1, 1), Added.CAUSAL);
    try (KeyValueCache cache = new KeyValueCache(1)) {
      for (int rows : new int[] {100, 300}) {
        Inputs some = Inputs.random(DType.FP32, new Sequences(0, rows), new Sequences(0, rows));
        attention.forward(
            some.q(), some.k(), some.v(), new Sequences(0, rows), List.of(cache), 0, table);
      }
    }
    assertThat(table.scores).isEqualTo(100 * 100 + 256 * 356 + 44 * 400);
  }

  @Test
  void sequencesOfABatchAreAsEachAlone() {
    Sequences sequences = new Sequences(0, 5, 270, 271, 290);
    Inputs in = Inputs.random(DType.FP32, sequences, sequences);
    MultiHeadAttention attention = planned(GradientFlow.FLOWS, GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      Tensor y = attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      for (int i = 0; i < sequences.count(); i++) {
        int start = sequences.start(i);
        int length = sequences.length(i);
        Sequences one = new Sequences(0, length);
        Tensor alone =
            attention.forward(
                in.q().narrow(0, start, length),
                in.k().narrow(0, start, length),
                in.v().narrow(0, start, length),
                one,
                tape);
        AttentionGradients dAlone = attention.backward(in.dy().narrow(0, start, length), one, tape);
        assertBitEqual("y", y.narrow(0, start, length), alone);
        assertBitEqual("dq", d.query().narrow(0, start, length), dAlone.query());
        assertBitEqual("dk", d.key().narrow(0, start, length), dAlone.key());
        assertBitEqual("dv", d.value().narrow(0, start, length), dAlone.value());
      }
    }
  }

  /** As where only value is adapted: the probabilities are needed, their gradients are not. */
  @ParameterizedTest
  @EnumSource
  void keepsNoValuesWhereOnlyTheirGradientIsOwed(DType dtype) {
    Sequences sequences = new Sequences(0, 4, 11);
    Inputs in = Inputs.random(dtype, sequences, sequences);
    Case the = new Case(dtype, sequences, sequences, Added.NOTHING);
    Autograd oracle =
        Autograd.of(
            leaves ->
                formula(
                    List.of(
                        in.q().to(ScalarType.Double), in.k().to(ScalarType.Double), leaves.get(0)),
                    the),
            in.dy(),
            in.v());
    MultiHeadAttention attention = planned(GradientFlow.STOPS, GradientFlow.FLOWS);
    try (Tape tape = new Tape()) {
      attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      assertThat(tape.bytes()).isEqualTo(in.q().nbytes() + in.k().nbytes());
      AttentionGradients d = attention.backward(in.dy(), sequences, tape);
      assertThat(d.query()).isNull();
      assertThat(d.key()).isNull();
      assertCloseToLargest("dv", d.value(), oracle.gradient(0), the.tolerance());
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  @Test
  void keepsNothingBelowTheLowestTrainedLayer() {
    Sequences sequences = new Sequences(0, 3);
    Inputs in = Inputs.random(DType.FP32, sequences, sequences);
    MultiHeadAttention attention = planned(GradientFlow.STOPS, GradientFlow.STOPS);
    try (Tape tape = new Tape()) {
      attention.forward(in.q(), in.k(), in.v(), sequences, tape);
      assertThat(tape.isEmpty()).isTrue();
    }
  }

  /** A decoder's: with −∞ for what comes later, rows one by one give what all together give. */
  @Test
  void keyValueCacheGivesWhatTheWholeSequenceGives() {
    int[] pieces = {3, 1, 70, 1, 290};
    Sequences whole = new Sequences(0, 365);
    Inputs in = Inputs.random(DType.FP32, whole, whole);
    Tensor values = Tensors.random(DType.FP32, HEADS, 365, 365).add_(above(365));
    Table table = new Table(values, Added.CAUSAL);
    MultiHeadAttention attention = planned(GradientFlow.STOPS, GradientFlow.STOPS);
    Tensor expected =
        attention.forward(in.q(), in.k(), in.v(), whole, whole, table, Tape.discarding());
    try (KeyValueCache cache = new KeyValueCache(1)) {
      int start = 0;
      for (int piece : pieces) {
        Tensor y =
            attention.forward(
                in.q().narrow(0, start, piece),
                in.k().narrow(0, start, piece),
                in.v().narrow(0, start, piece),
                new Sequences(0, piece),
                List.of(cache),
                0,
                table);
        assertCloseToLargest("rows from " + start, y, expected.narrow(0, start, piece), 1e-5);
        start += piece;
      }
    }
  }

  private static MultiHeadAttention planned(GradientFlow queryAndKey, GradientFlow value) {
    MultiHeadAttention attention = new MultiHeadAttention(HEADS, DIM, SCALE);
    attention.plan(queryAndKey, queryAndKey, value);
    return attention;
  }

  /** Softmax over a whole rectangle for each sequence. */
  private static Tensor formula(List<Tensor> inputs, Case the) {
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < the.queries().count(); i++) {
      Tensor q = byHead(inputs.get(0), the.queries(), i);
      Tensor k = byHead(inputs.get(1), the.keys(), i);
      Tensor v = byHead(inputs.get(2), the.keys(), i);
      Tensor scores = q.matmul(k.transpose(1, 2)).mul(Scalars.of(SCALE));
      if (the.biased()) {
        scores = scores.add(inputs.get(3).narrow(1, 0, q.size(1)).narrow(2, 0, k.size(1)));
      } else if (inputs.size() > 3) {
        scores = scores.add(inputs.get(3).mul(Scalars.of(0)));
      }
      parts.add(torch.softmax(scores, -1).matmul(v).transpose(0, 1).reshape(q.size(1), -1));
    }
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  private static Tensor byHead(Tensor x, Sequences sequences, int i) {
    Tensor rows = x.narrow(0, sequences.start(i), sequences.length(i));
    return rows.view(rows.size(0), HEADS, DIM).transpose(0, 1);
  }
}
