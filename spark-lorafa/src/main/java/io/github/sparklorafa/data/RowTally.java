package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.data.RowProblem.Treatment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Counts what became of the rows of a dataset: used, cut, skipped, wrong and why, with the first
 * row of each problem as example.
 *
 * <p>Each task fills its own tally; {@link #toJson} carries it to the driver, and {@link #add}
 * joins them. Not thread-safe.
 */
public final class RowTally {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String USED = "used";
  private static final String CUT = "cut";
  private static final String COUNT = "count";
  private static final String ROW = "row";
  private static final String DETAIL = "detail";

  private record Found(long count, long row, String detail) {
    Found plus(Found other) {
      Found first = row <= other.row ? this : other;
      return new Found(count + other.count, first.row, first.detail);
    }

    String sentence(String verb, RowProblem problem) {
      return "%s %d %s %s, the first is row %d: %s"
          .formatted(verb, count, count == 1 ? "row" : "rows", problem.text(), row, detail);
    }

    String refusal(RowProblem problem) {
      return "Cannot train on %d %s %s, the first is row %d: %s"
          .formatted(count, count == 1 ? "row" : "rows", problem.text(), row, detail);
    }

    String refusalToEvaluate(RowProblem problem) {
      return "Cannot evaluate on %d %s %s, the first is row %d of the evaluation set: %s"
          .formatted(count, count == 1 ? "row" : "rows", problem.text(), row, detail);
    }
  }

  private final Map<RowProblem, Found> found = new EnumMap<>(RowProblem.class);
  private long used;
  private long cut;

  /** Makes a tally of no rows. */
  public RowTally() {}

  /**
   * Counts a row and hands its example on.
   *
   * @param row the row's index, for messages
   * @return the example; empty if the row is skipped or wrong
   */
  public Optional<Example> take(long row, TokenizedRow tokenized) {
    tokenized
        .problem()
        .ifPresent(
            problem -> found.merge(problem, new Found(1, row, tokenized.detail()), Found::plus));
    if (tokenized.example().isPresent()) {
      used++;
      cut += tokenized.cut() > 0 ? 1 : 0;
    }
    return tokenized.example();
  }

  /** Adds the counts of another tally. */
  public void add(RowTally other) {
    used += other.used;
    cut += other.cut;
    other.found.forEach((problem, rows) -> found.merge(problem, rows, Found::plus));
  }

  /** Number of rows that gave an example. */
  public long used() {
    return used;
  }

  /** Number of rows that gave an example and were cut to the maximum length. */
  public long cut() {
    return cut;
  }

  /** Number of rows that were skipped, for whatever reason. */
  public long skipped() {
    return sum(Treatment.SKIP);
  }

  /** Number of rows that are wrong, so that there is no training without changing the dataset. */
  public long wrong() {
    return sum(Treatment.REFUSE);
  }

  /** Number of rows that have this problem. */
  public long count(RowProblem problem) {
    return found.getOrDefault(problem, new Found(0, 0, "")).count();
  }

  /** One sentence for each thing worth saying; empty if all rows were used as they are. */
  public List<String> sentences() {
    List<String> sentences = sentences(Treatment.SKIP, "Skipped");
    sentences.addAll(sentences(Treatment.KEEP, "Kept"));
    if (cut > 0) {
      sentences.add("Cut %d %s to the maximum length".formatted(cut, cut == 1 ? "row" : "rows"));
    }
    return sentences;
  }

  /**
   * Refuses a dataset with wrong rows, or without one that is of use.
   *
   * @throws IllegalArgumentException with each problem, its number of rows and the first of them
   */
  public void check() {
    refuseWrong((rows, problem) -> rows.refusal(problem));
    long rows = used + skipped();
    if (rows == 0) {
      throw new IllegalArgumentException(
          "Cannot train: the dataset has 0 rows (see that it is the one meant)");
    }
    if (used == count(RowProblem.NOTHING_LEARNED)) {
      throw new IllegalArgumentException(
          ("Cannot train: 0 of %d rows can be used: %s (see that the dataset has rows with something"
                  + " to predict)")
              .formatted(rows, String.join("; ", sentences())));
    }
  }

  /**
   * The same for a dataset to evaluate on.
   *
   * @throws IllegalArgumentException as {@link #check}
   */
  public void checkToEvaluate() {
    refuseWrong((rows, problem) -> rows.refusalToEvaluate(problem));
    long rows = used + skipped();
    if (rows == 0) {
      throw new IllegalArgumentException(
          "Cannot evaluate: the evaluation set has 0 rows (see that it is the one meant, or leave it"
              + " out)");
    }
    if (used == count(RowProblem.NOTHING_LEARNED)) {
      throw new IllegalArgumentException(
          ("Cannot evaluate: 0 of %d rows of the evaluation set can be used: %s (see that it has rows"
                  + " with something to predict)")
              .formatted(rows, String.join("; ", sentences())));
    }
  }

  private void refuseWrong(BiFunction<Found, RowProblem, String> words) {
    if (wrong() > 0) {
      throw new IllegalArgumentException(
          found.entrySet().stream()
              .filter(entry -> entry.getKey().treatment() == Treatment.REFUSE)
              .map(entry -> words.apply(entry.getValue(), entry.getKey()))
              .collect(Collectors.joining("\n")));
    }
  }

  private List<String> sentences(Treatment treatment, String verb) {
    List<String> sentences = new ArrayList<>();
    found.forEach(
        (problem, rows) -> {
          if (problem.treatment() == treatment) {
            sentences.add(rows.sentence(verb, problem));
          }
        });
    return sentences;
  }

  private long sum(Treatment treatment) {
    return found.entrySet().stream()
        .filter(entry -> entry.getKey().treatment() == treatment)
        .mapToLong(entry -> entry.getValue().count())
        .sum();
  }

  /** The tally as JSON, for the way from a task to the driver. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode().put(USED, used).put(CUT, cut);
    found.forEach(
        (problem, rows) ->
            json.putObject(problem.name())
                .put(COUNT, rows.count)
                .put(ROW, rows.row)
                .put(DETAIL, rows.detail));
    return json.toString();
  }

  /**
   * The tally that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if this is not such a tally
   */
  public static RowTally fromJson(String text) {
    try {
      var json = JSON.readTree(text);
      RowTally tally = new RowTally();
      tally.used = json.required(USED).asLong();
      tally.cut = json.required(CUT).asLong();
      for (RowProblem problem : RowProblem.values()) {
        var rows = json.get(problem.name());
        if (rows != null) {
          tally.found.put(
              problem,
              new Found(
                  rows.required(COUNT).asLong(),
                  rows.required(ROW).asLong(),
                  rows.required(DETAIL).asText()));
        }
      }
      return tally;
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cannot read a row tally: %s (use the output of toJson)".formatted(text), e);
    }
  }
}
