package io.github.sparklorafa.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs one task with every method: a sweep of the learning rate with one seed, each judged on rows
 * to choose by, then three seeds at the best rate, judged on other rows. Each run adds a JSON line
 * to a file as soon as it is done; runs that the file has are not done again.
 */
final class QualityRuns {
  static final List<Long> SEEDS = List.of(1L, 2L, 3L);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String task;
  private final Path results;
  private final Measure measure;
  private final Map<String, Score> done = new LinkedHashMap<>();

  /**
   * What one run is given beside the task's own settings.
   *
   * @param saved modules trained in full beside an adapter and a classification's head
   * @param passes over the same rows
   */
  record Setting(
      Method method,
      InitA init,
      int rank,
      GradientCorrectionMode correction,
      List<String> saved,
      int passes,
      double rate,
      long seed) {
    static Setting of(Method method) {
      return new Setting(
          method, InitA.KAIMING, 16, GradientCorrectionMode.NONE, List.of(), 1, 0, SEEDS.get(0));
    }

    Setting with(InitA other) {
      return new Setting(method, other, rank, correction, saved, passes, rate, seed);
    }

    Setting withRank(int other) {
      return new Setting(method, init, other, correction, saved, passes, rate, seed);
    }

    Setting with(GradientCorrectionMode other) {
      return new Setting(method, init, rank, other, saved, passes, rate, seed);
    }

    Setting withSaved(String... others) {
      return new Setting(method, init, rank, correction, List.of(others), passes, rate, seed);
    }

    Setting times(int count) {
      return new Setting(method, init, rank, correction, saved, count, rate, seed);
    }

    Setting withRate(double other) {
      return new Setting(method, init, rank, correction, saved, passes, other, seed);
    }

    Setting withSeed(long other) {
      return new Setting(method, init, rank, correction, saved, passes, rate, other);
    }

    /** All but rate and seed. */
    String variant() {
      String text = method.text();
      text += method.adapts() ? ", rank " + rank : "";
      text += init == InitA.KAIMING ? "" : ", " + init.text();
      text += correction == GradientCorrectionMode.NONE ? "" : ", " + correction.text();
      text += saved.isEmpty() ? "" : ", with " + String.join(" and ", saved);
      return text + (passes == 1 ? "" : ", " + passes + " passes");
    }

    String text() {
      return String.format(Locale.ROOT, "%s, rate %.0e, seed %d", variant(), rate, seed);
    }

    /** The settings of training that follow from this; the rest is the task's. */
    TrainConfigBuilder config() {
      return TrainConfig.builder()
          .model("base")
          .data("rows")
          .output("output")
          .workers(1)
          .method(method)
          .initA(init)
          .rank(rank)
          .alpha(2 * rank)
          .gradientCorrection(correction)
          .modulesToSave(saved)
          .learningRate(rate)
          .seed(seed);
    }
  }

  /**
   * How good a run was, from 0 to 1.
   *
   * @param chosenBy on the rows that the rate is chosen by
   * @param reported on the rows that are reported
   */
  record Score(double chosenBy, double reported) {
    /** Of a run whose loss was no number. */
    static final Score BROKEN = new Score(0, 0);
  }

  /** Trains and measures. */
  interface Measure {
    Score of(Setting setting) throws IOException, InterruptedException;
  }

  QualityRuns(String task, Path results, Measure measure) throws IOException {
    this.task = task;
    this.results = results;
    this.measure = measure;
    if (Files.exists(results)) {
      for (JsonNode run : rows(results)) {
        done.put(
            run.get("task").asText() + ": " + run.get("setting").asText(),
            new Score(run.get("chosen_by").asDouble(), run.get("reported").asDouble()));
      }
    }
  }

  /** The objects of a file of JSON lines. */
  static List<JsonNode> rows(Path file) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String line : lines.toList()) {
        rows.add(JSON.readTree(line));
      }
    }
    return rows;
  }

  /** The run's score, from the file or anew. */
  Score score(Setting setting) throws IOException, InterruptedException {
    String key = task + ": " + setting.text();
    if (!done.containsKey(key)) {
      long began = System.nanoTime();
      Score score = measure.of(setting);
      done.put(key, score);
      double seconds = (System.nanoTime() - began) / 1e9;
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("task", task);
      line.put("setting", setting.text());
      line.put("chosen_by", score.chosenBy());
      line.put("reported", score.reported());
      line.put("seconds", seconds);
      Files.writeString(
          results,
          JSON.writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    return done.get(key);
  }

  /** One line of the table: a variant at its best rate, with the scores of all seeds. */
  record Line(Setting best, List<Double> scores) {
    double mean() {
      return scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    double least() {
      return scores.stream().min(Comparator.naturalOrder()).orElseThrow();
    }

    double most() {
      return scores.stream().max(Comparator.naturalOrder()).orElseThrow();
    }

    String text() {
      List<String> all =
          scores.stream().map(s -> String.format(Locale.ROOT, "%.1f", 100 * s)).toList();
      return String.format(
          Locale.ROOT,
          "| %s | %.0e | %s | %.1f | %.1f |",
          best.variant(),
          best.rate(),
          String.join(", ", all),
          100 * mean(),
          100 * (most() - least()));
    }
  }

  /** Sweeps the rate of a variant, and runs the best one with all seeds. */
  Line line(Setting variant, double... rates) throws IOException, InterruptedException {
    Setting best = null;
    for (double rate : rates) {
      Setting setting = variant.withRate(rate);
      Score score = score(setting);
      System.out.printf(
          Locale.ROOT,
          "%s: %s: %.1f, %.1f%n",
          task,
          setting.text(),
          100 * score.chosenBy(),
          100 * score.reported());
      if (best == null || score.chosenBy() > score(best).chosenBy()) {
        best = setting;
      }
    }
    List<Double> scores = new ArrayList<>();
    for (long seed : SEEDS) {
      scores.add(score(best.withSeed(seed)).reported());
    }
    Line line = new Line(best, scores);
    System.out.println(line.text());
    return line;
  }
}
