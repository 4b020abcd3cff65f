package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts what became of the rows of a dataset: used, cut, skipped and why, with one row as example.
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

  private record Skipped(long count, long row, String detail) {
    Skipped plus(Skipped other) {
      Skipped first = row <= other.row ? this : other;
      return new Skipped(count + other.count, first.row, first.detail);
    }
  }

  private final Map<RowProblem, Skipped> skipped = new EnumMap<>(RowProblem.class);
  private long used;
  private long cut;

  /** Makes a tally of no rows. */
  public RowTally() {}

  /**
   * Counts a row and hands its example on.
   *
   * @param row the row's index, for messages
   * @return the example; empty if the row is skipped
   * @throws IllegalArgumentException if the row is wrong and must not be skipped
   */
  public Optional<Example> take(long row, TokenizedRow tokenized) {
    if (tokenized.problem().isPresent()) {
      RowProblem problem = tokenized.problem().get();
      if (!problem.isSkipped()) {
        throw new IllegalArgumentException(
            "Cannot train on row %d: %s".formatted(row, tokenized.detail()));
      }
      skipped.merge(problem, new Skipped(1, row, tokenized.detail()), Skipped::plus);
      return Optional.empty();
    }
    used++;
    cut += tokenized.cut() > 0 ? 1 : 0;
    return tokenized.example();
  }

  /** Adds the counts of another tally. */
  public void add(RowTally other) {
    used += other.used;
    cut += other.cut;
    other.skipped.forEach((problem, rows) -> skipped.merge(problem, rows, Skipped::plus));
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
    return skipped.values().stream().mapToLong(Skipped::count).sum();
  }

  /** Number of rows that were skipped because of this problem. */
  public long skipped(RowProblem problem) {
    return skipped.getOrDefault(problem, new Skipped(0, 0, "")).count();
  }

  /** One sentence for each thing worth saying; empty if all rows were used as they are. */
  public List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    skipped.forEach(
        (problem, rows) ->
            sentences.add(
                "Skipped %d rows %s, the first is row %d: %s"
                    .formatted(rows.count, problem.text(), rows.row, rows.detail)));
    if (cut > 0) {
      sentences.add("Cut %d rows to the maximum length".formatted(cut));
    }
    return sentences;
  }

  /** The tally as JSON, for the way from a task to the driver. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode().put(USED, used).put(CUT, cut);
    skipped.forEach(
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
          tally.skipped.put(
              problem,
              new Skipped(
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
