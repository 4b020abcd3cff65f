package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.Natives;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where the defaults of the learning rate, the rank, alpha and A come from: the loss on held-out
 * rows of two tasks, of settings around them. Prints the tables of docs/defaults.md.
 *
 * <p>The tasks are the demo's (letters to tickets: the loss is on the completion) and this
 * project's own Java code at one commit (plain text, as {@code make_code.py} wrote it; every tenth
 * file is held out). The file in the system property {@code sweep.results} keeps what was run, so
 * that an interrupted sweep goes on.
 */
@Tag("long")
class DefaultsSweepTest {
  private static final Path DEMO =
      Path.of("src/main/resources/io/github/sparklorafa/demo").toAbsolutePath();
  private static final Path BASE = DEMO.resolve("base");
  private static final Path CODE =
      Path.of("src/test/resources/reference/code.jsonl.gz").toAbsolutePath();
  private static final int STEPS = 60;
  private static final int BATCH = 16;
  private static final double[] RATES = {5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2};

  @TempDir private Path folder;
  private final Map<String, Double> losses = new LinkedHashMap<>();

  private record Task(String name, TokenStore data, TokenStore heldOut) {}

  /** Settings of one run. */
  private record Setting(Method method, InitA init, int rank, double alpha, double rate) {
    String text() {
      return String.format(
          Locale.ROOT,
          "%s %s r=%d alpha=%.0f lr=%.0e",
          method.text(),
          init.text(),
          rank,
          alpha,
          rate);
    }
  }

  @Test
  void loraFaLearnsBestAtARateOfItsOwn() throws Exception {
    Natives.load(1);
    List<Task> tasks = List.of(letters(), code());
    for (Setting setting : settings()) {
      for (Task task : tasks) {
        double loss = kept(task, setting);
        losses.put(task.name() + " " + setting.text(), loss);
        System.out.printf(Locale.ROOT, "| %s | %s | %.4f |%n", task.name(), setting.text(), loss);
      }
    }
    for (Task task : tasks) {
      double chosen = loss(task, Method.LORA_FA, Method.LORA_FA.usualLearningRate());
      assertThat(chosen)
          .as("%s: lora-fa at its own default beside lora at its own", task.name())
          .isLessThan(loss(task, Method.LORA, Method.LORA.usualLearningRate()));
      assertThat(chosen)
          .as("%s: lora-fa at its own default beside lora's", task.name())
          .isLessThan(loss(task, Method.LORA_FA, Method.LORA.usualLearningRate()));
    }
  }

  /** The run's loss, from the file or anew. */
  private double kept(Task task, Setting setting) throws IOException, InterruptedException {
    String named = System.getProperty("sweep.results");
    Path results = named == null ? folder.resolve("results.jsonl") : Path.of(named);
    String run = task.name() + " " + setting.text();
    if (Files.exists(results)) {
      for (JsonNode row : QualityRuns.rows(results)) {
        if (row.get("run").asText().equals(run)) {
          return row.get("loss").asDouble();
        }
      }
    }
    double loss = heldOutLoss(task, setting);
    String row = new ObjectMapper().writeValueAsString(Map.of("run", run, "loss", loss));
    Files.writeString(results, row + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return loss;
  }

  /** With the other settings at their defaults. */
  private double loss(Task task, Method method, double rate) {
    TrainConfig defaults = TrainConfig.builder().model("m").data("d").output("o").build();
    Setting setting =
        new Setting(method, defaults.initA(), defaults.rank(), defaults.alpha(), rate);
    return losses.get(task.name() + " " + setting.text());
  }

  private static List<Setting> settings() {
    List<Setting> settings = new ArrayList<>();
    for (double rate : RATES) {
      for (InitA init : InitA.values()) {
        settings.add(new Setting(Method.LORA_FA, init, 16, 32, rate));
      }
      settings.add(new Setting(Method.LORA, InitA.KAIMING, 16, 32, rate));
    }
    for (double rate : new double[] {2e-3, 5e-3, 1e-2, 2e-2}) {
      settings.add(new Setting(Method.LORA_FA, InitA.KAIMING, 8, 16, rate));
      settings.add(new Setting(Method.LORA_FA, InitA.KAIMING, 32, 64, rate));
      settings.add(new Setting(Method.LORA_FA, InitA.KAIMING, 16, 16, rate));
    }
    return settings;
  }

  private double heldOutLoss(Task task, Setting setting) throws IOException, InterruptedException {
    TrainConfig config =
        TrainConfig.builder()
            .model("base")
            .data("rows")
            .evalData("held out")
            .output("adapter")
            .workers(1)
            .method(setting.method())
            .initA(setting.init())
            .rank(setting.rank())
            .alpha(setting.alpha())
            .learningRate(setting.rate())
            .batchSize(BATCH)
            .microBatchSize(BATCH)
            .maxSteps(STEPS)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            BASE,
            Optional.empty(),
            task.data(),
            Optional.of(task.heldOut()),
            Files.createTempDirectory(folder, "run").resolve("adapter"));
    try {
      return new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of()).run().evalLoss();
    } catch (TrainingException e) {
      return Double.POSITIVE_INFINITY;
    }
  }

  private static Task letters() throws IOException {
    return new Task("letters", tickets("train.jsonl", 960), tickets("held-out.jsonl", 100));
  }

  private static TokenStore tickets(String file, int rows) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE);
        Stream<String> lines = Files.lines(DEMO.resolve(file))) {
      Examples examples = Examples.limitedTo(256, tokenizer.vocabSize());
      List<Example> tickets = new ArrayList<>();
      for (String line : lines.limit(rows).toList()) {
        JsonNode row = json.readTree(line);
        examples
            .fromPromptAndCompletion(
                tokenizer, row.get("prompt").asText(), row.get("completion").asText())
            .example()
            .ifPresent(tickets::add);
      }
      return TokenStore.of(tickets);
    }
  }

  private static Task code() throws IOException {
    List<Example> train = new ArrayList<>();
    List<Example> heldOut = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      Examples examples = Examples.limitedTo(256, tokenizer.vocabSize());
      int index = 0;
      for (String text : openings()) {
        List<Example> rows = index++ % 10 == 0 ? heldOut : train;
        for (int start = 0; start < text.length(); start += 600) {
          String part = text.substring(start, Math.min(text.length(), start + 600));
          examples.fromText(tokenizer, part).example().ifPresent(rows::add);
        }
      }
    }
    return new Task("code", TokenStore.of(train), TokenStore.of(heldOut));
  }

  private static List<String> openings() throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<String> texts = new ArrayList<>();
    try (InputStream packed = Files.newInputStream(CODE);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        texts.add(json.readTree(line).get("text").asText());
      }
    }
    return texts;
  }
}
