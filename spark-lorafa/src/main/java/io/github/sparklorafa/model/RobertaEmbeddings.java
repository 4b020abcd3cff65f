package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Embedding;
import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.LayerNorm;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * {@code LayerNorm(word_embeddings(id) + position_embeddings(position) +
 * token_type_embeddings(type))}, the type of a pair's second text being 1 where the model is told,
 * and all others 0. The padding token, where a text holds one, has no position of its own, and its
 * rows learn nothing.
 */
final class RobertaEmbeddings {
  private final RobertaConfig config;
  private final Parameter word;
  private final Embedding wordEmbeddings;
  private final Embedding positionEmbeddings;
  private final Parameter tokenType;
  private final Embedding tokenTypeEmbeddings;
  private final LayerNorm layerNorm;

  RobertaEmbeddings(RobertaConfig config, Parameters parameters) {
    this.config = config;
    RobertaTensors tensors = new RobertaTensors(config);
    long hidden = config.hiddenSize();
    word = parameters.parameter(tensors.embedding("word_embeddings"), config.vocabSize(), hidden);
    wordEmbeddings = new Embedding(word);
    positionEmbeddings =
        new Embedding(
            parameters.parameter(
                tensors.embedding("position_embeddings"), config.positionRows(), hidden));
    tokenType =
        parameters.parameter(
            tensors.embedding("token_type_embeddings"), config.typeVocabSize(), hidden);
    tokenTypeEmbeddings = new Embedding(tokenType);
    layerNorm =
        LayerNorm.of(
            parameters,
            config.family().base("embeddings.LayerNorm"),
            hidden,
            config.layerNormEps());
  }

  /** What is looked up for the tokens of one pass, {@code [tokens]} each. */
  record Rows(int[] ids, int[] types, long[] positions) {
    private Tensor idTensor() {
      return tensor(ids);
    }

    /** Null where all are 0. */
    private Tensor typeTensor() {
      return types.length == 0 ? null : tensor(types);
    }

    private static Tensor tensor(int[] numbers) {
      return Tensor.create(IntStream.of(numbers).asLongStream().toArray());
    }
  }

  /** The table of words. */
  Parameter word() {
    return word;
  }

  GradientFlow plan() {
    GradientFlow words = wordEmbeddings.plan();
    GradientFlow positions = positionEmbeddings.plan();
    return layerNorm.plan(words.or(positions).or(tokenTypeEmbeddings.plan()));
  }

  /**
   * What is looked up.
   *
   * @param types as in {@link MicroBatch}
   * @throws IllegalArgumentException if a sequence is longer than the table of positions
   */
  Rows rows(int[] ids, int[] types, Sequences sequences) {
    if (sequences.longest() > config.maxPositionEmbeddings()) {
      throw new IllegalArgumentException(
          "Cannot read a text of %d tokens: the model has positions for %d (use --max-length %d)"
              .formatted(
                  sequences.longest(),
                  config.maxPositionEmbeddings(),
                  config.maxPositionEmbeddings()));
    }
    long[] positions = new long[ids.length];
    for (int i = 0; i < sequences.count(); i++) {
      int end = sequences.start(i) + sequences.length(i);
      long next = config.family().firstPosition(config.padTokenId());
      for (int at = sequences.start(i); at < end; at++) {
        positions[at] = skipped(ids[at]) ? config.padTokenId() : next++;
      }
    }
    return new Rows(ids, types, positions);
  }

  /** Whether the token counts for no position; BERT counts all. */
  private boolean skipped(int id) {
    return config.family() != RobertaFamily.BERT && id == config.padTokenId();
  }

  /** To {@code [tokens, hidden]}. */
  Tensor forward(Rows rows, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor x = wordEmbeddings.forward(rows.idTensor());
      Tensor types = rows.typeTensor();
      x.add_(
          types == null ? tokenType.value().narrow(0, 0, 1) : tokenTypeEmbeddings.forward(types));
      x.add_(positionEmbeddings.forward(Tensor.create(rows.positions())));
      return scope.keep(layerNorm.forward(x, tape));
    }
  }

  /** Adds {@code dy [tokens, hidden]} to the gradients of the tables. */
  void backward(Tensor dy, Rows rows, Tape tape) {
    try (Scope scope = new Scope()) {
      Tensor dx = layerNorm.backward(dy, tape);
      if (dx == null) {
        return;
      }
      backwardTypes(dx, rows.typeTensor());
      Tensor ids = rows.idTensor();
      Tensor padding = ids.eq(Scalars.of(config.padTokenId())).unsqueeze(1);
      if (config.family() == RobertaFamily.BERT) {
        positionEmbeddings.backward(Tensor.create(rows.positions()), dx);
        wordEmbeddings.backward(ids, dx.masked_fill_(padding, Scalars.of(0)));
      } else {
        dx.masked_fill_(padding, Scalars.of(0));
        positionEmbeddings.backward(Tensor.create(rows.positions()), dx);
        wordEmbeddings.backward(ids, dx);
      }
    }
  }

  private void backwardTypes(Tensor dx, Tensor types) {
    if (types != null) {
      tokenTypeEmbeddings.backward(types, dx);
    } else if (tokenType.trainable()) {
      tokenType.gradient().narrow(0, 0, 1).add_(dx.sum(0));
      tokenType.userDone();
    }
  }
}
