package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TextTokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a model write the answers of rows, greedily, and counts how they compare with the expected
 * ones by each {@link TextMetric}. Counts of several instances add up to those of all their rows.
 *
 * <p>Runs on the calling thread. The model and the tokenizer belong to the caller.
 */
public final class AnswerScores {
  private static final int BATCH = 32;

  private final Completions.Source source;
  private final GenerationConfig config;
  private final long[][] sums =
      Arrays.stream(TextMetric.values()).map(TextMetric::none).toArray(long[][]::new);

  /** Answers of at most {@code maxNewTokens} tokens. */
  public AnswerScores(Completions.Source source, int maxNewTokens) {
    this.source = source;
    this.config = GenerationConfig.greedy(maxNewTokens);
  }

  /** Tokens of the answer that a row expects; 0 if it has none. */
  public static int answerLength(Example row) {
    return Answer.of(row).map(answer -> answer.expected().length).orElse(0);
  }

  /** Adds the rows that expect an answer; blocks while the model writes. */
  public void add(List<Example> rows) {
    List<Answer> answers = rows.stream().map(Answer::of).flatMap(Optional::stream).toList();
    List<int[]> written = written(answers.stream().map(Answer::prompt).toList());
    for (int i = 0; i < answers.size(); i++) {
      TextTokenizer tokenizer = source.tokenizer();
      String text = tokenizer.decode(written.get(i));
      String expected = tokenizer.decode(answers.get(i).expected());
      for (TextMetric metric : TextMetric.values()) {
        metric.add(sums[metric.ordinal()], text, expected);
      }
    }
  }

  /** What the model writes after each prompt; nothing after one that fills all its positions. */
  private List<int[]> written(List<int[]> prompts) {
    Openings openings = source.openings(config);
    Deque<int[]> waiting = new ArrayDeque<>(prompts);
    List<Optional<Writing>> texts = new ArrayList<>();
    try (Batch batch = new Batch(source.model(), config)) {
      while (batch.size() > 0 || !waiting.isEmpty()) {
        List<Openings.Opening> begun = new ArrayList<>();
        List<Boolean> fits = new ArrayList<>();
        while (batch.size() + begun.size() < BATCH && !waiting.isEmpty()) {
          int[] prompt = waiting.remove();
          fits.add(prompt.length < source.positions());
          if (prompt.length < source.positions()) {
            begun.add(new Openings.Opening(prompt, 0));
          }
        }
        List<Writing> now = openings.begin(begun);
        batch.addAll(now);
        Iterator<Writing> next = now.iterator();
        fits.forEach(fit -> texts.add(fit ? Optional.of(next.next()) : Optional.empty()));
        if (batch.size() > 0) {
          batch.step();
        }
      }
    }
    return texts.stream().map(text -> text.map(Writing::written).orElse(new int[0])).toList();
  }

  /** What is added up over machines: the counts of all metrics, one after the other. */
  public long[] numbers() {
    return Arrays.stream(sums).flatMapToLong(Arrays::stream).toArray();
  }

  /** The metrics' values of added-up {@link #numbers}, by name. */
  public static Map<String, Double> values(long[] numbers) {
    Map<String, Double> values = new LinkedHashMap<>();
    int from = 0;
    for (TextMetric metric : TextMetric.values()) {
      int to = from + metric.none().length;
      values.put(metric.text(), metric.value(Arrays.copyOfRange(numbers, from, to)));
      from = to;
    }
    return values;
  }
}
