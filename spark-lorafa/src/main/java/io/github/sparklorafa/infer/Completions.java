package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedPrompt;
import io.github.sparklorafa.model.AutoregressiveModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * Completes or answers the prompts of a stream, in its order, many at once: whenever a text ends,
 * the next prompt takes its place in the batch. Reads its input only as far as it has room.
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
   * A text to continue or to answer.
   *
   * @param tokens one with a problem is passed over
   * @param row index that decides the random numbers
   */
  public record Prompt(TokenizedPrompt tokens, long row) {}

  /** An input with what was written for it. */
  public record Completed<T>(T input, Completion completion) {}

  /** Where a model can be asked. */
  public record Source(
      AutoregressiveModel model, TextTokenizer tokenizer, int vocabSize, int positions) {
    Openings openings(GenerationConfig config) {
      return new Openings(model, tokenizer, config, positions);
    }
  }

  /** An input on its way; without a text it is passed over. */
  private record Waiting<T>(T input, Writing text, Completion skipped) {
    Completion completion() {
      return text == null ? skipped : text.completion();
    }
  }

  /** An input as it was read; without an opening it is passed over. */
  private record Read<T>(T input, Openings.Opening opening, Completion skipped) {
    static <T> Read<T> skipped(T input, FinishReason reason) {
      return new Read<>(input, null, Completion.skipped(reason));
    }
  }

  private final Source source;
  private final Openings openings;
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
    this.openings = source.openings(config);
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
    List<Read<T>> read = new ArrayList<>();
    List<Openings.Opening> begun = new ArrayList<>();
    while (batch.size() + begun.size() < batchSize
        && waiting.size() + read.size() < MOST_WAITING
        && inputs.hasNext()) {
      T input = inputs.next();
      read.add(read(input, prompts.apply(input)));
      if (read.get(read.size() - 1).opening() != null) {
        begun.add(read.get(read.size() - 1).opening());
      }
    }
    List<Writing> texts = openings.begin(begun);
    batch.addAll(texts);
    Iterator<Writing> text = texts.iterator();
    read.forEach(
        r ->
            waiting.add(
                new Waiting<>(r.input(), r.opening() == null ? null : text.next(), r.skipped())));
  }

  private Read<T> read(T input, Prompt prompt) {
    if (prompt.tokens().problem().isPresent()) {
      return Read.skipped(input, FinishReason.of(prompt.tokens().problem().get()));
    }
    int[] ids = prompt.tokens().ids();
    if (ids.length >= source.positions()) {
      return Read.skipped(input, FinishReason.PROMPT_TOO_LONG);
    }
    if (ids.length == 0) {
      return Read.skipped(input, FinishReason.EMPTY_PROMPT);
    }
    for (int id : ids) {
      if (id >= source.vocabSize()) {
        throw new IllegalArgumentException(
            ("Cannot read prompt of row %d: id %d is outside the model's vocabulary of %d (use the"
                    + " model's own tokenizer)")
                .formatted(prompt.row(), id, source.vocabSize()));
      }
    }
    return new Read<>(input, new Openings.Opening(ids, prompt.row()), null);
  }

  /** Gives up what is still being written. */
  @Override
  public void close() {
    batch.close();
  }
}
