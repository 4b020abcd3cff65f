package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.model.CausalModel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Completes the prompts of a stream, in its order, many at once: whenever a text ends, the next
 * prompt takes its place in the batch. Reads its input only as far as it has room.
 *
 * <p>What is written for a row depends on its prompt, its index and the configuration alone, not on
 * the rows beside it (but for rounding: a matrix product of more rows may add in another order).
 *
 * <p>Runs on the calling thread; several may share one model, each with an instance of its own. The
 * model and the tokenizer belong to the caller.
 *
 * @param <T> what comes with a prompt
 */
public final class Completions<T> implements Iterator<Completions.Completed<T>>, AutoCloseable {
  /**
   * Inputs that are read and not given out: one slow text must not make all others wait in memory.
   */
  private static final int MOST_WAITING = 4096;

  /**
   * A text to continue.
   *
   * @param text null or empty is passed over
   * @param row index that decides the random numbers
   */
  public record Prompt(String text, long row) {}

  /** An input with what was written for it. */
  public record Completed<T>(T input, Completion completion) {}

  /** Where a model can be asked. */
  public record Source(CausalModel model, TextTokenizer tokenizer, int vocabSize, int positions) {}

  /** An input on its way; without a sequence it is passed over. */
  private record Waiting<T>(T input, Sequence sequence, Completion skipped) {
    Completion completion() {
      return sequence == null ? skipped : sequence.completion();
    }
  }

  private final Source source;
  private final GenerationConfig config;
  private final int batchSize;
  private final Iterator<T> inputs;
  private final Function<T, Prompt> prompts;
  private final Batch batch;
  private final Deque<Waiting<T>> waiting = new ArrayDeque<>();

  /**
   * @param batchSize prompts that advance together
   * @param prompts the prompt of an input
   */
  public Completions(
      Source source,
      GenerationConfig config,
      int batchSize,
      Iterator<T> inputs,
      Function<T, Prompt> prompts) {
    this.source = source;
    this.config = config;
    this.batchSize = batchSize;
    this.inputs = inputs;
    this.prompts = prompts;
    this.batch = new Batch(source.model(), config);
  }

  @Override
  public boolean hasNext() {
    return !waiting.isEmpty() || inputs.hasNext();
  }

  /**
   * Blocks while the model writes.
   *
   * @throws IllegalArgumentException if the tokenizer gives an id that the model has no embedding
   *     for
   */
  @Override
  public Completed<T> next() {
    fill();
    if (waiting.isEmpty()) {
      throw new NoSuchElementException("no prompt is left");
    }
    while (waiting.peek().completion() == null) {
      batch.step();
      fill();
    }
    Waiting<T> first = waiting.remove();
    return new Completed<>(first.input(), first.completion());
  }

  private void fill() {
    while (batch.size() < batchSize && waiting.size() < MOST_WAITING && inputs.hasNext()) {
      T input = inputs.next();
      waiting.add(begin(input, prompts.apply(input)));
    }
  }

  private Waiting<T> begin(T input, Prompt prompt) {
    if (prompt.text() == null || prompt.text().isEmpty()) {
      return new Waiting<>(input, null, Completion.skipped(FinishReason.EMPTY_PROMPT));
    }
    int[] ids = source.tokenizer().encodePrompt(prompt.text());
    if (ids.length >= source.positions()) {
      return new Waiting<>(input, null, Completion.skipped(FinishReason.PROMPT_TOO_LONG));
    }
    if (ids.length == 0) {
      return new Waiting<>(input, null, Completion.skipped(FinishReason.EMPTY_PROMPT));
    }
    for (int id : ids) {
      if (id >= source.vocabSize()) {
        throw new IllegalArgumentException(
            ("Cannot read prompt of row %d: id %d is outside the model's vocabulary of %d (use the"
                    + " model's own tokenizer)")
                .formatted(prompt.row(), id, source.vocabSize()));
      }
    }
    Sequence sequence =
        new Sequence(
            config,
            source.tokenizer(),
            source.model().newCache(),
            ids,
            prompt.row(),
            source.positions());
    batch.add(sequence);
    return new Waiting<>(input, sequence, null);
  }

  /** Gives up what is still being written. */
  @Override
  public void close() {
    batch.close();
  }
}
