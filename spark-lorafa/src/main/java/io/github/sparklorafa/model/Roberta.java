package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * RoBERTa (Liu et al., 2019) and BERT (Devlin et al., 2018): an encoder of {@link RobertaLayer}s on
 * {@link RobertaEmbeddings}, and a head that classifies sequences or predicts masked tokens.
 *
 * <pre>
 *   x = embeddings(ids)
 *   for each layer: x = layer(x)
 *   logits = classifier(x of the first tokens)   or   lm_head(x)
 * </pre>
 */
public final class Roberta implements Classifier {
  private final Parameters parameters;
  private final RobertaEmbeddings embeddings;
  private final List<RobertaLayer> layers;
  private final EncoderHead head;

  /**
   * Reads the model from {@code parameters}, with {@code adapter} in the place of its linear
   * layers.
   *
   * @throws IllegalArgumentException if a weight is missing or has another shape than {@code
   *     config} says
   */
  public Roberta(RobertaConfig config, Parameters parameters, Adapter adapter) {
    this.parameters = parameters;
    embeddings = new RobertaEmbeddings(config, parameters);
    layers =
        IntStream.range(0, config.numHiddenLayers())
            .mapToObj(i -> new RobertaLayer(i, config, parameters, adapter))
            .toList();
    head =
        config.objective() instanceof Objective.Classification
            ? new ClassificationHead(config, parameters, adapter)
            : new MaskedLmHead(config, parameters, adapter, embeddings.word());

    GradientFlow gradient = embeddings.plan();
    for (RobertaLayer layer : layers) {
      gradient = layer.plan(gradient);
    }
    head.plan(gradient);
  }

  @Override
  public LossSum trainStep(MicroBatch batch, Tape tape) {
    try (Scope scope = new Scope()) {
      RobertaEmbeddings.Rows rows = embeddings.rows(batch.ids(), batch.types(), batch.sequences());
      EncoderHead.Result result = headResult(hidden(rows, batch.sequences(), tape), batch, tape);
      backward(rows, result.gradient(), batch.sequences(), tape);
      return result.loss();
    }
  }

  /** Consumes {@code hidden}: it is freed before the backward pass begins. */
  private EncoderHead.Result headResult(Tensor hidden, MicroBatch batch, Tape tape) {
    try (hidden) {
      return head.forwardAndBackward(hidden, batch, tape);
    }
  }

  @Override
  public LossSum evaluate(MicroBatch batch) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(batch.ids(), batch.types(), batch.sequences())) {
      return head.evaluate(hidden, batch);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>With a masked language model's head {@code [tokens, vocabulary]}.
   */
  @Override
  public Tensor logits(int[] ids, int[] types, Sequences sequences) {
    try (Scope scope = new Scope();
        Tensor hidden = hidden(ids, types, sequences)) {
      return scope.keep(head.logits(hidden, sequences));
    }
  }

  @Override
  public Sequences sequencesOf(String module, MicroBatch batch) {
    return module.contains(".encoder.") ? batch.sequences() : head.seen(batch);
  }

  private Tensor hidden(int[] ids, int[] types, Sequences sequences) {
    return hidden(embeddings.rows(ids, types, sequences), sequences, Tape.discarding());
  }

  /** To the input of the head {@code [tokens, hidden]}, owned by the caller, who closes it. */
  private Tensor hidden(RobertaEmbeddings.Rows rows, Sequences sequences, Tape tape) {
    Tensor x = Steps.owned(null, none -> embeddings.forward(rows, tape));
    for (RobertaLayer layer : layers) {
      x = Steps.consumed(x, input -> layer.forward(input, sequences, tape));
    }
    return x;
  }

  /**
   * Consumes {@code dy [tokens, hidden]} at the head's input, which is null where none is asked
   * for.
   */
  private void backward(RobertaEmbeddings.Rows rows, Tensor dy, Sequences sequences, Tape tape) {
    Tensor dx = dy;
    for (int i = layers.size() - 1; i >= 0 && dx != null; i--) {
      RobertaLayer layer = layers.get(i);
      dx = Steps.consumed(dx, gradient -> layer.backward(gradient, sequences, tape));
    }
    try (Tensor last = dx) {
      if (last != null) {
        embeddings.backward(last, rows, tape);
      }
    }
  }

  @Override
  public List<Parameter> parameters() {
    return parameters.all();
  }

  @Override
  public void close() {
    parameters.close();
  }
}
