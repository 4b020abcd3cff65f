package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.RowLoss;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tanh;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** {@code out_proj(tanh(dense(x)))} of the first token {@code x} of each sequence. */
final class ClassificationHead implements EncoderHead {
  private final RowLoss loss;
  private final Projection dense;
  private final Tanh tanh = new Tanh();
  private final Linear outProj;
  private GradientFlow input = GradientFlow.STOPS;

  ClassificationHead(RobertaConfig config, Parameters parameters, Adapter adapter) {
    Objective.Classification classification = (Objective.Classification) config.objective();
    RobertaFamily family = config.family();
    long hidden = config.hiddenSize();
    loss = loss(classification.kind());
    Linear first = linear(parameters, family.classifierDense(), hidden, hidden);
    dense = family.adaptsClassifierDense() ? adapter.adapt(family.classifierDense(), first) : first;
    outProj = linear(parameters, family.classifierOutput(), classification.labels(), hidden);
  }

  private static Linear linear(Parameters parameters, String module, long out, long in) {
    return Linear.of(parameters, module, Linear.Bias.YES, out, in);
  }

  private static RowLoss loss(Objective.Kind kind) {
    return switch (kind) {
      case SINGLE_LABEL -> RowLoss.CROSS_ENTROPY;
      case MULTI_LABEL -> RowLoss.BINARY_CROSS_ENTROPY;
      case REGRESSION -> RowLoss.SQUARED_ERROR;
    };
  }

  @Override
  public void plan(GradientFlow hidden) {
    input = hidden;
    outProj.plan(tanh.plan(dense.plan(hidden)));
  }

  @Override
  public Result forwardAndBackward(Tensor hidden, MicroBatch batch, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor first = firstTokens(batch.sequences());
      Tensor logits = logits(hidden.index_select(0, first), tape);
      RowLoss.Loss result = loss.of(logits, labels(batch));
      Tensor dx = tanh.backward(outProj.backward(result.gradient(), tape, null), tape);
      dx = dx == null ? null : dense.backward(dx, tape, null);
      Model.LossSum sum = new Model.LossSum(result.sum(), result.terms());
      if (!input.flows()) {
        return new Result(sum, null);
      }
      Tensor gradient = Buffers.emptyLike(hidden).zero_();
      return new Result(sum, scope.release(gradient.index_copy_(0, first, dx)));
    }
  }

  @Override
  public Model.LossSum evaluate(Tensor hidden, MicroBatch batch) {
    try (Scope scope = new Scope()) {
      RowLoss.Loss result = loss.of(logits(hidden, batch.sequences()), labels(batch));
      return new Model.LossSum(result.sum(), result.terms());
    }
  }

  @Override
  public Tensor logits(Tensor hidden, Sequences sequences) {
    try (Scope scope = new Scope()) {
      return scope.keep(logits(hidden.index_select(0, firstTokens(sequences)), Tape.discarding()));
    }
  }

  @Override
  public Sequences seen(MicroBatch batch) {
    return new Sequences(IntStream.rangeClosed(0, batch.sequences().count()).toArray());
  }

  private Tensor logits(Tensor x, Tape tape) {
    return outProj.forward(tanh.forward(dense.forward(x, tape), tape), tape);
  }

  private static float[] labels(MicroBatch batch) {
    if (batch.labels() instanceof Labels.Numbers numbers) {
      return numbers.values();
    }
    throw new IllegalArgumentException(
        "Cannot train a classifier: the labels are not numbers of whole rows (use rows with a label each)");
  }

  private static Tensor firstTokens(Sequences sequences) {
    return Tensor.create(
        IntStream.range(0, sequences.count()).mapToLong(sequences::start).toArray());
  }
}
