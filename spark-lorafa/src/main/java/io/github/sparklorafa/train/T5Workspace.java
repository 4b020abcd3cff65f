package io.github.sparklorafa.train;

import io.github.sparklorafa.model.T5Config;

/**
 * {@link Workspace} of a T5: the most that its encoder, its decoder or its head holds for a moment,
 * where the two texts may differ in length.
 *
 * <p>With {@code R} and {@code W} the tokens of a micro-batch that are read and written, {@code e}
 * bytes a number and the names of {@link T5Tape}, beside one layer's feed-forward or attention
 * there are
 *
 * <pre>
 *   in the decoder   e R D   gradient of the encoder's output
 *                    the bias of a block of rows at any position
 *   in the encoder   the same, its bias twice as wide, but none of what the tape held for the decoder
 * </pre>
 */
final class T5Workspace {
  private final TrainConfig config;
  private final T5Config model;
  private final long element;
  private final Text read;
  private final Text written;

  /** Tokens of one sequence of a micro-batch, and of all. */
  private record Text(long length, long tokens) {
    static Text of(TrainConfig config, long length) {
      return new Text(length, config.microBatchSize() * length);
    }

    long blockRows() {
      return Math.min(Workspace.BLOCK, length);
    }
  }

  T5Workspace(TrainConfig config, T5Config model) {
    this.config = config;
    this.model = model;
    this.element = config.dtype().bytes();
    this.read = Text.of(config, config.maxLength());
    int target = config.taskSettings().maxTargetLength();
    this.written = Text.of(config, target == 0 ? config.maxLength() : target);
  }

  /** Of what is written. */
  long head() {
    return Workspace.head(config, model, written.tokens(), model.dModel());
  }

  /** Of the layer that takes most. */
  long layer() {
    return Math.max(decoder(), encoder());
  }

  private long decoder() {
    long self = attention(written, written);
    long cross = attention(written, read);
    return stream(read)
        + bias(written, written.blockRows() + written.length() - 1)
        + Math.max(feedForward(written), Math.max(self, cross))
        + Workspace.dropout(config, model, Math.max(read.tokens(), written.tokens()));
  }

  /** What the tape holds no longer makes room. */
  private long encoder() {
    TapePlan tape = TapePlan.of(config, model);
    long rows = config.microBatchSize();
    long gone =
        tape.bytes(read.tokens(), written.tokens(), rows) - tape.bytes(read.tokens(), 0, rows);
    return stream(read)
        + bias(read, 2 * read.length() - 1)
        + Math.max(feedForward(read), attention(read, read))
        + Workspace.dropout(config, model, read.tokens())
        - gone;
  }

  private long stream(Text text) {
    return element * text.tokens() * model.dModel();
  }

  /** Of a block of queries in all heads, with so many numbers for each query. */
  private long bias(Text queries, long columns) {
    return element * model.numHeads() * queries.blockRows() * columns;
  }

  /** The stream's gradient, that of the inner width, and that of the input. */
  private long feedForward(Text text) {
    long wide = element * text.tokens() * model.dFf();
    return 2 * stream(text)
        + wide * (Workspace.makesInputsAgain(config) ? 2 : 1)
        + Workspace.weightGradient(config, model);
  }

  /**
   * The gradients of the stream, of the output, of queries, keys and values; of one sequence, by
   * heads, keys, values and their gradients, and a block of queries in four forms; scores and their
   * gradient.
   */
  private long attention(Text queries, Text keys) {
    long inner = element * model.innerDim();
    long whole = stream(queries) + inner * 2 * (queries.tokens() + keys.tokens());
    long ofSequence = inner * (4 * keys.length() + 4 * queries.blockRows());
    long scores = element * model.numHeads() * queries.blockRows() * keys.length();
    return whole + Math.max(ofSequence + 2 * scores, Workspace.weightGradient(config, model));
  }
}
