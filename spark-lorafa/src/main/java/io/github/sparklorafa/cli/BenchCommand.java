package io.github.sparklorafa.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.Benchmark;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures training steps of several methods in turn, each in a process of its own. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures training steps on a LLaMA of random weights (134 million numbers at 12 layers)."
            + " Options that take several values, separated by commas, are measured in every"
            + " combination: each round runs all of them in turn, each in a process of its own;"
            + " ratios are those of one round.")
final class BenchCommand implements Callable<Integer> {
  private static final double MB = 1e6;
  private static final String METHOD = "method";
  private static final String BASE = "base-dtype";

  @Spec private CommandSpec spec;

  @Option(
      names = "--method",
      split = ",",
      paramLabel = "NAMES",
      defaultValue = "lora-fa,lora,full",
      description = "lora-fa, lora, full; the first row is what the others are compared with.")
  private List<String> methods;

  @Option(
      names = "--recompute",
      split = ",",
      paramLabel = "NAMES",
      defaultValue = "none",
      description = "none, elementwise, mlp, layer.")
  private List<String> recomputes;

  @Option(
      names = "--dtype",
      split = ",",
      paramLabel = "NAMES",
      defaultValue = "bf16",
      description = "fp32, bf16.")
  private List<String> dtypes;

  @Option(
      names = "--base-dtype",
      split = ",",
      paramLabel = "NAMES",
      description = "fp32, bf16, int8, nf4: the frozen base's, if it is not that of --dtype.")
  private List<String> bases = List.of("");

  @Option(
      names = "--rank",
      split = ",",
      paramLabel = "N",
      defaultValue = "8",
      description = "Rank of the adapters.")
  private List<String> ranks;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "N",
      defaultValue = "12",
      description = "Layers of the model.")
  private List<String> layers;

  @Option(
      names = "--sequences",
      split = ",",
      paramLabel = "N",
      defaultValue = "2",
      description = "Sequences of a step.")
  private List<String> sequences;

  @Option(
      names = "--length",
      split = ",",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of a sequence.")
  private List<String> lengths;

  @Option(
      names = "--threads",
      split = ",",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of each process.")
  private List<String> threads;

  @Option(names = "--rounds", defaultValue = "3", description = "Rounds.")
  private int rounds;

  @Option(
      names = "--steps",
      defaultValue = "5",
      description = "Steps of a round, after as many that are not counted.")
  private String steps;

  @Option(names = "--json", description = "Print one JSON object a measurement, and no table.")
  private boolean json;

  /** What was measured of one way to train, a number for each round. */
  private static final class Measured {
    private final List<Double> rates = new ArrayList<>();
    private final List<Double> peaks = new ArrayList<>();
    private long kept;

    void add(JsonNode run) {
      rates.add(run.get("tokens_per_second").get(0).asDouble());
      peaks.add(run.get("peak_rss_bytes").asDouble());
      kept = run.get("tape_bytes").asLong();
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1) {
      throw new IllegalArgumentException(
          "Cannot measure with rounds: %d (use a whole number from 1)".formatted(rounds));
    }
    List<Map<String, String>> ways = ways();
    Map<Map<String, String>, Measured> measured = new LinkedHashMap<>();
    for (Map<String, String> way : ways) {
      Benchmark.Setting unused = Benchmark.Setting.parse(way);
      measured.put(way, new Measured());
    }
    for (int round = 0; round < rounds; round++) {
      for (Map<String, String> way : ways) {
        JsonNode run = run(way);
        measured.get(way).add(run);
        if (json) {
          out().println(run);
          out().flush();
        }
      }
    }
    if (!json) {
      print(measured);
    }
    return Main.OK;
  }

  /** Every combination, by the names that {@link Benchmark.Setting#parse} reads. */
  private List<Map<String, String>> ways() {
    List<Map<String, String>> ways = List.of(Map.of("steps", steps));
    for (Map.Entry<String, List<String>> choice : choices().entrySet()) {
      ways =
          ways.stream()
              .flatMap(way -> choice.getValue().stream().map(value -> with(way, choice, value)))
              .toList();
    }
    // Full fine-tuning has no frozen base that could be held in another dtype.
    return ways.stream()
        .filter(way -> !way.get(METHOD).equals(Method.FULL.text()) || isUsual(way.get(BASE)))
        .toList();
  }

  private boolean isUsual(String base) {
    return base == null || base.equals(bases.get(0));
  }

  private static Map<String, String> with(
      Map<String, String> way, Map.Entry<String, List<String>> choice, String value) {
    Map<String, String> all = new LinkedHashMap<>(way);
    if (!value.isEmpty()) {
      all.put(choice.getKey(), value);
    }
    return all;
  }

  private Map<String, List<String>> choices() {
    Map<String, List<String>> choices = new LinkedHashMap<>();
    choices.put("dtype", dtypes);
    choices.put("threads", threads);
    choices.put("layers", layers);
    choices.put("sequences", sequences);
    choices.put("length", lengths);
    choices.put("rank", ranks);
    choices.put(METHOD, methods);
    choices.put("recompute", recomputes);
    choices.put(BASE, bases);
    return choices;
  }

  private static JsonNode run(Map<String, String> way) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-Xmn2m",
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                Benchmark.class.getName()));
    way.forEach((name, value) -> command.add(name + "=" + value));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "Cannot measure %s: its process ended with %d (see what it said above; less memory: fewer sequences)"
              .formatted(way, process.exitValue()));
    }
    String line = output.lines().filter(text -> text.startsWith("{")).findFirst().orElseThrow();
    return new ObjectMapper().readTree(line);
  }

  /** The plugin's jar alone or, where classes lie in a folder, all that this process has. */
  private static String classPath() {
    try {
      Path own =
          Path.of(Benchmark.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Files.isDirectory(own) ? System.getProperty("java.class.path") : own.toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private void print(Map<Map<String, String>, Measured> measured) {
    line("Medians of %d rounds of %s steps, %s", rounds, steps, shared());
    line("");
    line(
        "%-28s%10s%18s%10s%12s%12s%12s",
        "", "tokens/s", "least to most", "speed", "kept, MB", "peak, MB", "planned, MB");
    Measured first = measured.values().iterator().next();
    measured.forEach(
        (way, run) ->
            line(
                "%-28s%10.0f%18s%9.2f×%12.1f%12.0f%12.0f",
                name(way),
                median(run.rates.stream()),
                String.format(
                    Locale.ROOT,
                    "%.0f to %.0f",
                    run.rates.stream().mapToDouble(rate -> rate).min().orElseThrow(),
                    run.rates.stream().mapToDouble(rate -> rate).max().orElseThrow()),
                median(ratios(run.rates, first.rates)),
                run.kept / MB,
                median(run.peaks.stream()) / MB,
                Benchmark.Setting.parse(way).plannedBytes() / MB));
    out().flush();
  }

  /** What all rows have in common. */
  private String shared() {
    return choices().entrySet().stream()
        .filter(choice -> choice.getValue().size() == 1 && !choice.getValue().contains(""))
        .map(choice -> choice.getKey() + " " + choice.getValue().get(0))
        .collect(Collectors.joining(", "));
  }

  /** What tells a row from the others. */
  private String name(Map<String, String> way) {
    return choices().entrySet().stream()
        .filter(choice -> choice.getValue().size() > 1 && way.containsKey(choice.getKey()))
        .map(choice -> told(choice.getKey(), way.get(choice.getKey())))
        .filter(text -> !text.isEmpty())
        .collect(Collectors.joining(", "));
  }

  private static String told(String option, String value) {
    if (value.equals("none")) {
      return "";
    }
    return value.matches("\\d+") ? option + " " + value : value;
  }

  private static Stream<Double> ratios(List<Double> values, List<Double> others) {
    return Stream.iterate(0, i -> i < values.size(), i -> i + 1)
        .map(i -> values.get(i) / others.get(i));
  }

  private static double median(Stream<Double> values) {
    List<Double> sorted = values.sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @SuppressWarnings("AnnotateFormatMethod") // no annotations of Error Prone at run time
  private void line(String format, Object... values) {
    out().println(String.format(Locale.ROOT, format, values));
  }
}
