package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.ChunkedCrossEntropy;
import io.github.sparklorafa.nn.Gelu;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.LayerNorm;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code decoder(layer_norm(gelu(dense(x))))} and its cross-entropy, of the tokens that have a
 * label: those that were masked, a seventh or so of all.
 */
final class MaskedLmHead implements EncoderHead {
  private final Projection dense;
  private final Gelu gelu;
  private final LayerNorm layerNorm;
  private final ChunkedCrossEntropy decoder;
  private GradientFlow input = GradientFlow.STOPS;

  MaskedLmHead(RobertaConfig config, Parameters parameters, Adapter adapter, Parameter embedding) {
    RobertaFamily family = config.family();
    RobertaTensors tensors = new RobertaTensors(config);
    long hidden = config.hiddenSize();
    String name = family.maskedLmDense();
    dense = adapter.adapt(name, Linear.of(parameters, name, Linear.Bias.YES, hidden, hidden));
    // RoBERTa's head has the exact form whatever the layers have.
    gelu = new Gelu(family == RobertaFamily.BERT ? config.hiddenAct() : Gelu.Form.ERF);
    layerNorm = LayerNorm.of(parameters, family.maskedLmNorm(), hidden, config.layerNormEps());
    decoder =
        new ChunkedCrossEntropy(
            weight(config, parameters, embedding),
            parameters.parameter(tensors.decoderBias(), config.vocabSize()));
  }

  /**
   * A tied output is the embedding, unless only one of the two is trained: then they part, as in
   * PEFT.
   */
  private static Parameter weight(
      RobertaConfig config, Parameters parameters, Parameter embedding) {
    TiedHead tied = new RobertaTensors(config).tied();
    long[] shape = {config.vocabSize(), config.hiddenSize()};
    if (!config.tieWordEmbeddings()) {
      return parameters.parameter(tied.head(), shape);
    }
    return parameters.trainable(tied.head()) == embedding.trainable()
        ? embedding
        : parameters.copyOf(tied.embedding(), tied.head(), shape);
  }

  @Override
  public void plan(GradientFlow hidden) {
    input = hidden;
    decoder.plan(layerNorm.plan(gelu.plan(dense.plan(hidden))));
  }

  @Override
  public Result forwardAndBackward(Tensor hidden, MicroBatch batch, Tape tape) {
    try (Scope scope = new Scope()) {
      int[] targets = targets(batch);
      int[] labelled = labelled(targets, batch.sequences());
      Tensor rows = rows(labelled);
      Tensor x = transform(hidden.index_select(0, rows), tape);
      ChunkedCrossEntropy.Loss loss = decoder.forwardAndBackward(x, at(targets, labelled));
      Tensor dx = loss.inputGradient();
      dx = dx == null ? null : layerNorm.backward(dx, tape);
      dx = dx == null ? null : gelu.backward(dx, tape);
      dx = dx == null ? null : dense.backward(dx, tape, null);
      Model.LossSum sum = new Model.LossSum(loss.sum(), loss.terms());
      if (!input.flows()) {
        return new Result(sum, null);
      }
      Tensor gradient = Buffers.emptyLike(hidden).zero_();
      return new Result(sum, scope.release(gradient.index_copy_(0, rows, dx)));
    }
  }

  @Override
  public Model.LossSum evaluate(Tensor hidden, MicroBatch batch) {
    try (Scope scope = new Scope()) {
      int[] targets = targets(batch);
      int[] labelled = labelled(targets, batch.sequences());
      Tensor x = transform(hidden.index_select(0, rows(labelled)), Tape.discarding());
      ChunkedCrossEntropy.Loss loss = decoder.evaluate(x, at(targets, labelled));
      return new Model.LossSum(loss.sum(), loss.terms());
    }
  }

  /** Of every token, labelled or not. */
  @Override
  public Tensor logits(Tensor hidden, Sequences sequences) {
    try (Scope scope = new Scope()) {
      return scope.keep(decoder.logits(transform(hidden, Tape.discarding())));
    }
  }

  private Tensor transform(Tensor x, Tape tape) {
    return layerNorm.forward(gelu.forward(dense.forward(x, tape), tape), tape);
  }

  private static int[] targets(MicroBatch batch) {
    if (batch.labels() instanceof Labels.Tokens tokens) {
      return tokens.targets();
    }
    throw new IllegalArgumentException(
        "Cannot train a masked language model: the labels are not tokens (use rows with a label for each token)");
  }

  /**
   * The tokens that have a label; the first of a sequence in which none has, so that the head sees
   * something of each, as {@link #seen} says.
   */
  private static int[] labelled(int[] targets, Sequences sequences) {
    return IntStream.range(0, sequences.count())
        .flatMap(i -> labelled(targets, sequences.start(i), sequences.length(i)))
        .toArray();
  }

  private static IntStream labelled(int[] targets, int start, int length) {
    int[] found =
        IntStream.range(start, start + length)
            .filter(token -> targets[token] != Labels.IGNORED)
            .toArray();
    return found.length == 0 ? IntStream.of(start) : IntStream.of(found);
  }

  @Override
  public Sequences seen(MicroBatch batch) {
    Sequences sequences = batch.sequences();
    int[] targets = targets(batch);
    int[] offsets = new int[sequences.count() + 1];
    for (int i = 0; i < sequences.count(); i++) {
      long rows = labelled(targets, sequences.start(i), sequences.length(i)).count();
      offsets[i + 1] = offsets[i] + (int) rows;
    }
    return new Sequences(offsets);
  }

  private static int[] at(int[] values, int[] indices) {
    return IntStream.of(indices).map(i -> values[i]).toArray();
  }

  private static Tensor rows(int[] indices) {
    return Tensor.create(IntStream.of(indices).asLongStream().toArray());
  }
}
