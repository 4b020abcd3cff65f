package io.github.sparklorafa;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/**
 * Says where the time of a training step goes, from Flight Recorder's samples of a run of {@code
 * train.Benchmark}: {@code StepProfile FILE.png before=FILE.jfr after=FILE.jfr} prints a table and
 * draws it. docs/performance.md has the command that records.
 */
public final class StepProfile {
  private static final Set<String> PRODUCTS =
      Set.of("mm", "mm_out", "addmm_", "bmm", "bmm_out", "baddbmm_");

  private static final Set<String> SAMPLES =
      Set.of("jdk.NativeMethodSample", "jdk.ExecutionSample");

  private static final String OWN = "io.github.sparklorafa.";

  private StepProfile() {}

  /** What a step does. */
  private enum Part {
    FROZEN("products with W", true),
    HEAD("products with the head", true),
    ATTENTION("attention's products", true),
    ADAPTERS("products with A and B", true),
    SCORES("attention's softmax, mask, copies", false),
    NORMS("norms", false),
    GATED("SwiGLU", false),
    ROTARY("rotary embedding", false),
    LOSS("softmax of the loss", false),
    OPTIMIZER("gradients and AdamW", false),
    REST("views, memory, Java", false);

    private final String text;
    private final boolean product;

    Part(String text, boolean product) {
      this.text = text;
      this.product = product;
    }

    /**
     * Of a sample in native code.
     *
     * @param method that was called
     * @param caller simple name of the class that computes
     * @param ofPackage of that class
     */
    static Part of(String method, String caller, String ofPackage) {
      boolean product = PRODUCTS.contains(method);
      return switch (caller) {
        case "DenseWeight", "Linear" -> FROZEN;
        case "ChunkedCrossEntropy" -> product ? HEAD : LOSS;
        case "BlockedAttention", "CausalAttention" -> product ? ATTENTION : SCORES;
        case "RmsNorm" -> NORMS;
        case "GatedUnit" -> GATED;
        case "RotaryEmbedding" -> ROTARY;
        case "Parameter", "Trainables", "AdamW" -> OPTIMIZER;
        default -> product && ofPackage.endsWith("lora") ? ADAPTERS : REST;
      };
    }
  }

  /** Reads the recordings, prints the table and draws the chart. */
  public static void main(String[] args) throws IOException {
    Map<String, Map<Part, Double>> percent = new LinkedHashMap<>();
    for (String arg : List.of(args).subList(1, args.length)) {
      int equals = arg.indexOf('=');
      percent.put(arg.substring(0, equals), percent(Path.of(arg.substring(equals + 1))));
    }
    for (Part part : Part.values()) {
      print(part.text, percent, parts -> parts.getOrDefault(part, 0.0));
    }
    print("all products", percent, StepProfile::products);
    draw(percent, Path.of(args[0]));
  }

  private static double products(Map<Part, Double> parts) {
    return parts.entrySet().stream()
        .filter(part -> part.getKey().product)
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static void print(
      String name,
      Map<String, Map<Part, Double>> percent,
      ToDoubleFunction<Map<Part, Double>> value) {
    StringBuilder line = new StringBuilder("| " + name + " |");
    percent
        .values()
        .forEach(
            parts ->
                line.append(String.format(Locale.ROOT, " %.1f |", value.applyAsDouble(parts))));
    System.out.println(line);
  }

  /** Percent of the samples that were taken inside a step. */
  private static Map<Part, Double> percent(Path recording) throws IOException {
    Map<Part, Double> counts = new EnumMap<>(Part.class);
    double all = 0;
    for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
      if (!SAMPLES.contains(event.getEventType().getName()) || event.getStackTrace() == null) {
        continue;
      }
      List<RecordedFrame> frames = event.getStackTrace().getFrames();
      if (frames.stream().anyMatch(frame -> name(frame).equals(OWN + "train.Benchmark.step"))) {
        counts.merge(part(event, frames), 1.0, Double::sum);
        all++;
      }
    }
    double samples = all;
    counts.replaceAll((part, count) -> 100 * count / samples);
    return counts;
  }

  private static Part part(RecordedEvent event, List<RecordedFrame> frames) {
    String method = frames.get(0).getMethod().getName();
    boolean inJava = event.getEventType().getName().equals("jdk.ExecutionSample");
    boolean bookkeeping =
        Set.of("narrow", "view", "select", "transpose", "t", "deallocate", "free", "malloc")
            .contains(method);
    if (inJava || bookkeeping) {
      return Part.REST;
    }
    String type =
        frames.stream()
            .map(frame -> frame.getMethod().getType().getName())
            .filter(name -> name.startsWith(OWN) && !name.startsWith(OWN + "tensor"))
            .filter(name -> !name.contains("RowBlocks"))
            .findFirst()
            .orElse(OWN);
    int dot = type.lastIndexOf('.');
    String simple = type.substring(dot + 1);
    int inner = simple.indexOf('$');
    return Part.of(method, inner < 0 ? simple : simple.substring(0, inner), type.substring(0, dot));
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static void draw(Map<String, Map<Part, Double>> percent, Path file) throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder().width(760).height(420).yAxisTitle("percent of a step").build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    chart.getStyler().setXAxisLabelRotation(35);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLabelsVisible(true);
    percent.forEach(
        (name, parts) ->
            chart.addSeries(
                name,
                Arrays.stream(Part.values()).map(part -> part.text).toList(),
                Arrays.stream(Part.values())
                    .map(part -> Math.round(10 * parts.getOrDefault(part, 0.0)) / 10.0)
                    .toList()));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }
}
