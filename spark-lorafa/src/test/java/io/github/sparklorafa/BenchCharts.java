package io.github.sparklorafa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/**
 * Draws how cost grows, for docs/performance.md, from what {@code spark-lorafa bench --json}
 * printed: {@code BenchCharts FILE.jsonl length FOLDER} writes {@code length-speed.png} and {@code
 * length-memory.png}, medians of all rounds, a line for each method.
 */
public final class BenchCharts {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 340;

  private BenchCharts() {}

  /** Reads the runs and writes both charts. */
  public static void main(String[] args) throws IOException {
    List<JsonNode> runs = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (line.startsWith("{")) {
        runs.add(new ObjectMapper().readTree(line));
      }
    }
    String by = args[1];
    Path folder = Files.createDirectories(Path.of(args[2]));
    draw(
        runs,
        by,
        "tokens a second of processor time",
        run -> tokens(run) / run.get("processor_seconds").get(0).asDouble(),
        folder.resolve(by + "-speed.png"));
    draw(
        runs,
        by,
        "kept for the backward pass, MB",
        run -> run.get("tape_bytes").asDouble() / 1e6,
        folder.resolve(by + "-memory.png"));
  }

  /** Of a step. */
  private static double tokens(JsonNode run) {
    return run.get("sequences").asDouble() * run.get("length").asDouble();
  }

  private static void draw(
      List<JsonNode> runs, String by, String what, ToDoubleFunction<JsonNode> value, Path file)
      throws IOException {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).xAxisTitle(by).yAxisTitle(what).build();
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLegendLayout(Styler.LegendLayout.Horizontal);
    byMethod(runs)
        .forEach(
            (method, own) -> {
              Map<Double, List<Double>> values = new TreeMap<>();
              for (JsonNode run : own) {
                values
                    .computeIfAbsent(run.get(by).asDouble(), x -> new ArrayList<>())
                    .add(value.applyAsDouble(run));
              }
              chart.addSeries(
                  method,
                  new ArrayList<>(values.keySet()),
                  values.values().stream().map(BenchCharts::median).toList());
            });
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  private static Map<String, List<JsonNode>> byMethod(List<JsonNode> runs) {
    Map<String, List<JsonNode>> methods = new TreeMap<>();
    for (JsonNode run : runs) {
      String recompute = run.get("recompute").asText();
      String name = run.get("method").asText() + (recompute.equals("none") ? "" : ", " + recompute);
      methods.computeIfAbsent(name, method -> new ArrayList<>()).add(run);
    }
    return methods;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }
}
