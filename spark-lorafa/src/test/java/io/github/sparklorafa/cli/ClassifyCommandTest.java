package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.TextClassifier;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Classification on the command line, in one JVM, on a tiny RoBERTa. */
@Tag("spark")
@Timeout(240)
class ClassifyCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of the reference rows, those that the script wrote down the logits of. */
  private static final int[] SHOWN = {10, 6};

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void givesTheProbabilitiesOfTransformers() throws IOException {
    TreeMap<Integer, JsonNode> rows =
        predicted(reference("roberta"), adapter(), referenceRows(), "--partitions=3");

    assertThat(rows).hasSize(rowsOfReference().size() + 1);
    assertThat(rows.get(-1).has("prediction")).isFalse();
    assertThat(rows.get(-1).has("logits")).isFalse();
    double[][] expected = logits();
    for (int i = 0; i < SHOWN.length; i++) {
      JsonNode row = rows.get(SHOWN[i]);
      double sum = 0;
      int likeliest = 0;
      for (int label = 0; label < 3; label++) {
        assertThat(row.get("logits").get(label).asDouble())
            .isCloseTo(expected[i][label], within(1e-4));
        sum += Math.exp(expected[i][label]);
        likeliest = expected[i][label] > expected[i][likeliest] ? label : likeliest;
      }
      for (int label = 0; label < 3; label++) {
        assertThat(row.get("probabilities").get(label).asDouble())
            .isCloseTo(Math.exp(expected[i][label]) / sum, within(1e-4));
      }
      assertThat(row.get("prediction").asDouble()).isEqualTo(likeliest);
    }
    assertThat(out.toString())
        .containsPattern("Classified " + rowsOfReference().size() + " rows in .* rows/s\n")
        .contains("Passed over 1 rows without a text")
        .containsPattern("Predicted [012]: \\d+");
  }

  /** The same logits mean something else where the adapter says so. */
  @Test
  void learnsFromTheAdapterWhatLabelsAre() throws IOException {
    Path several = Files.createDirectory(folder.resolve("several"));
    for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
      Files.copy(Path.of(adapter()).resolve(name), several.resolve(name));
    }
    Files.writeString(
        several.resolve("task.json"),
        """
        {"task": "sequence-classification", "num_labels": 3,
         "problem_type": "multi_label_classification"}
        """);

    TreeMap<Integer, JsonNode> rows =
        predicted(reference("roberta"), several.toString(), referenceRows());

    double[][] expected = logits();
    for (int i = 0; i < SHOWN.length; i++) {
      List<Double> likely = new ArrayList<>();
      for (int label = 0; label < 3; label++) {
        assertThat(rows.get(SHOWN[i]).get("probabilities").get(label).asDouble())
            .isCloseTo(1 / (1 + Math.exp(-expected[i][label])), within(1e-4));
        if (expected[i][label] > 0) {
          likely.add((double) label);
        }
      }
      List<Double> said = new ArrayList<>();
      rows.get(SHOWN[i]).get("prediction").forEach(label -> said.add(label.asDouble()));
      assertThat(said).isEqualTo(likely);
    }
  }

  @Test
  void namesTheClassesAsTheCheckpointDoes() throws IOException {
    predicted(named(), "", referenceRows());
    assertThat(out.toString()).containsPattern("Predicted (bad|so-so|good): \\d+");
  }

  @Test
  void theNamesAreNotThoseOfTheAdaptersOwnHead() throws IOException {
    predicted(named(), adapter(), referenceRows());
    assertThat(out.toString()).containsPattern("Predicted [012]: \\d+");
  }

  /** The reference's RoBERTa with names for its classes. */
  private String named() throws IOException {
    Path base = Path.of(reference("roberta"));
    Path named = Files.createDirectory(folder.resolve("named"));
    Files.copy(base.resolve("model.safetensors"), named.resolve("model.safetensors"));
    ObjectNode config = (ObjectNode) JSON.readTree(base.resolve("config.json").toFile());
    config.putObject("id2label").put("2", "good").put("0", "bad").put("1", "so-so");
    JSON.writeValue(named.resolve("config.json").toFile(), config);
    return named.toString();
  }

  @Test
  void learnsFromTheCheckpointThatItIsARegression() throws IOException {
    TreeMap<Integer, JsonNode> rows =
        predicted(reference("roberta-regression"), "", referenceRows());
    for (JsonNode row : rows.tailMap(0).values()) {
      assertThat(row.has("probabilities")).isFalse();
      assertThat(row.get("prediction").asDouble()).isEqualTo(row.get("logits").get(0).asDouble());
    }
    assertThat(out.toString()).containsPattern("The mean prediction is -?\\d+\\.\\d{4}\n");
  }

  @Test
  void readsTextsAndPairs() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(Path.of(reference("roberta")).resolve(name), model.resolve(name));
    }
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(Path.of(reference("roberta-mlm")).resolve(name), model.resolve(name));
    }
    Path data =
        Files.write(
            folder.resolve("texts.jsonl"),
            List.of(
                "{\"id\": 0, \"question\": \"w3 w9\", \"answer\": \"w20 w21 w22\"}",
                "{\"id\": 1, \"question\": \"w30\", \"answer\": \"w4\"}",
                "{\"id\": 2, \"question\": \"w30\", \"answer\": null}"));

    TreeMap<Integer, JsonNode> rows =
        predicted(
            model.toString(),
            "",
            data,
            "--text-column=question",
            "--text-pair-column=answer",
            "--max-length=7");

    assertThat(rows.get(2).has("prediction")).isFalse();
    try (AdaptedModel adapted = AdaptedModel.open(model, Optional.empty(), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(model)) {
      for (int id = 0; id < 2; id++) {
        JsonNode row = rows.get(id);
        Example pair =
            Examples.of(ExampleRules.sameTokens(7, adapted.vocabSize()))
                .fromTextAlone(tokenizer, row.get("question").asText(), row.get("answer").asText())
                .example()
                .orElseThrow();
        float[] expected = new TextClassifier(adapted.model()).logits(List.of(pair))[0];
        for (int label = 0; label < 3; label++) {
          assertThat(row.get("logits").get(label).asDouble())
              .isCloseTo(expected[label], within(1e-5));
        }
      }
    }
  }

  @Test
  void refusesModelsAndColumnsThatDoNotFit() throws IOException {
    Path data =
        Files.writeString(folder.resolve("rows.jsonl"), "{\"body\": \"w3\", \"logits\": 1}\n");
    assertThat(run(reference("roberta-mlm"), "", data)).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString())
        .containsPattern(
            "Cannot find column to classify: text \\(use one of body, logits\\)\n"
                + "Cannot classify with: .*roberta-mlm, which was made for masked-lm \\(give the"
                + " adapter of a classification\\)\n"
                + "Cannot add column: logits \\(the data has it already; rename or drop it, or name"
                + " another column\\)\n");
    assertThat(folder.resolve("classified")).doesNotExist();
  }

  private static String reference(String name) {
    try {
      return Path.of(ClassifyCommandTest.class.getResource("/reference/" + name).toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String adapter() {
    return reference("runs/roberta-lora/adapter-final");
  }

  private static JsonNode rowsOfReference() throws IOException {
    return JSON.readTree(Path.of(reference("roberta-rows.json")).toFile()).get("rows");
  }

  /** The rows of the reference by their index, and one of number −1 without ids. */
  private Path referenceRows() throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonNode row : rowsOfReference()) {
      ObjectNode line = JSON.createObjectNode().put("id", lines.size());
      line.set("input_ids", row.get("input_ids"));
      lines.add(line.toString());
    }
    lines.add("{\"id\": -1, \"input_ids\": null}");
    return Files.write(folder.resolve("rows.jsonl"), lines);
  }

  private static double[][] logits() {
    double[][] logits = new double[SHOWN.length][3];
    try (Scope scope = new Scope();
        SafetensorsFile file =
            SafetensorsFile.open(Path.of(reference("runs/roberta-lora/logits.safetensors")))) {
      for (int i = 0; i < SHOWN.length; i++) {
        Tensor row = file.load("after." + i, DType.FP32);
        for (int label = 0; label < 3; label++) {
          logits[i][label] = row.select(0, label).item_float();
        }
      }
    }
    return logits;
  }

  /** What the command stored, by the rows' {@code id}. */
  private TreeMap<Integer, JsonNode> predicted(
      String model, String adapter, Path data, String... more) throws IOException {
    assertThat(run(model, adapter, data, more)).as(err.toString()).isEqualTo(Main.OK);
    TreeMap<Integer, JsonNode> rows = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.resolve("classified"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".json")).toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode row = JSON.readTree(line);
          rows.put(row.get("id").asInt(), row);
        }
      }
    }
    return rows;
  }

  private int run(String model, String adapter, Path data, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "predict",
                "--task=sequence-classification",
                "--model=" + model,
                "--adapter=" + adapter,
                "--data=" + data,
                "--format=json",
                "--output=" + folder.resolve("classified"),
                "--output-format=json",
                "--batch-size=3"));
    words.addAll(List.of(more));
    // The command finds this session, and ends it.
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate()) {
      return Main.commandLine()
          .setOut(new PrintWriter(out))
          .setErr(new PrintWriter(err))
          .execute(words.toArray(String[]::new));
    }
  }
}
