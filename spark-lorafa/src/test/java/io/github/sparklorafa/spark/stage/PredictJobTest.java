package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.GenerationConfig;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.infer.Scorer;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Prediction on two executor JVMs, with Kryo. */
@Tag("spark")
@Timeout(240)
class PredictJobTest {
  private static final String ADAPTER = TrainingCluster.reference("adapter-nonzero").toString();

  private static final int VOCABULARY = 97;

  @TempDir static Path model;
  private static TrainingCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(TrainingCluster.reference("llama-gqa").resolve(name), model.resolve(name));
    }
    ObjectMapper json = new ObjectMapper();
    JsonNode tokenizer =
        json.readTree(TrainingCluster.reference("tokenizer/tokenizer.json").toFile());
    // Letters only, so that the tiny model has an embedding for each id.
    ((ObjectNode) tokenizer.get("model")).putArray("merges");
    Iterator<JsonNode> ids = tokenizer.get("model").get("vocab").elements();
    while (ids.hasNext()) {
      if (ids.next().asInt() >= VOCABULARY) {
        ids.remove();
      }
    }
    json.writeValue(model.resolve("tokenizer.json").toFile(), tokenizer);
    cluster =
        TrainingCluster.start(
            "local-cluster[2,1,1024]",
            "spark.serializer",
            "org.apache.spark.serializer.KryoSerializer");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void writesOnAllExecutorsWhatOneProcessWrites() {
    Dataset<Row> prompts = prompts(23).repartition(7);
    PredictConfig config =
        PredictConfig.of(model.toString(), GenerationConfig.greedy(20)).withAdapter(ADAPTER);

    Dataset<Row> result = PredictJob.complete(cluster.spark(), prompts, config);

    assertThat(result.schema().simpleString())
        .isEqualTo(
            "struct<prompt:string,number:int,completion:string,finish_reason:string,tokens:int>");
    List<Row> rows = result.collectAsList();
    assertThat(rows).hasSize(24);
    try (AdaptedModel adapted =
            AdaptedModel.open(model, Optional.of(Path.of(ADAPTER)), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(model)) {
      Generator generator = new Generator(adapted.causal(), tokenizer);
      for (Row row : rows) {
        if (row.isNullAt(0)) {
          assertThat(row.isNullAt(2)).isTrue();
          assertThat(row.getString(3)).isEqualTo("empty-prompt");
          assertThat(row.getInt(4)).isZero();
        } else {
          assertThat(row.getString(0)).isEqualTo(prompt(row.getInt(1)));
          assertThat(row.getString(2)).isEqualTo(generator.complete(row.getString(0), 20));
          assertThat(row.getString(3)).isIn("eos", "length");
        }
      }
    }
  }

  @Test
  void drawsTheSameWhateverThePartitions() {
    GenerationConfig sampling = new GenerationConfig(12, 1, 0, 0.95, 1, List.of(), 11);
    List<List<Row>> results = new ArrayList<>();
    for (int partitions : new int[] {1, 5}) {
      PredictConfig config =
          new PredictConfig(
              Predictor.of(model.toString()),
              Columns.USUAL,
              "answer",
              partitions + 1,
              partitions,
              sampling);
      Dataset<Row> prompts = prompts(9).repartition(partitions + 2);
      Dataset<Row> result = PredictJob.complete(cluster.spark(), prompts, config);
      assertThat(result.rdd().getNumPartitions()).isEqualTo(partitions);
      results.add(result.collectAsList());
    }
    assertThat(results.get(1)).hasSize(10).isEqualTo(results.get(0));
  }

  @Test
  void measuresThePerplexityOfEachRow() {
    Dataset<Row> rows = cluster.rows(6);
    PerplexityConfig config =
        new PerplexityConfig(
            new Predictor(model.toString(), ADAPTER, DType.FP32), Columns.USUAL, 12, 0, 2);

    List<Row> scored = PredictJob.perplexity(cluster.spark(), rows, config, 3).collectAsList();

    assertThat(scored).hasSize(6);
    try (AdaptedModel adapted =
        AdaptedModel.open(model, Optional.of(Path.of(ADAPTER)), DType.FP32)) {
      for (Row row : scored) {
        int[] ids = row.<Integer>getList(0).stream().limit(12).mapToInt(i -> i).toArray();
        double loss = new Scorer(adapted.causal()).score(Example.of(ids)).mean();
        assertThat(row.<Double>getAs("loss")).isCloseTo(loss, within(1e-5));
        assertThat(row.<Double>getAs("perplexity")).isEqualTo(Math.exp(row.<Double>getAs("loss")));
        assertThat(row.<Long>getAs("tokens")).isEqualTo(ids.length - 1L);
        assertThat(row.<String>getAs("problem")).isNull();
      }
    }
  }

  @Test
  void saysWhyARowHasNoPerplexity() {
    Dataset<Row> rows =
        cluster
            .spark()
            .createDataFrame(
                List.of(RowFactory.create((String) null), RowFactory.create("!")),
                StructType.fromDDL("text string"));
    PerplexityConfig config =
        new PerplexityConfig(Predictor.of(model.toString()), Columns.USUAL, 12, 0, 16);
    Dataset<Row> scored = PredictJob.perplexity(cluster.spark(), rows, config, 0);
    assertThat(scored.where("loss is null").collectAsList())
        .singleElement()
        .satisfies(row -> assertThat(row.<String>getAs("problem")).isEqualTo("empty: text null"));
  }

  @Test
  void reportsAllProblemsAtOnce() {
    PredictConfig config =
        new PredictConfig(
            Predictor.of(model.resolve("nowhere").toString()),
            Columns.USUAL.withPrompt("question"),
            "number",
            0,
            0,
            GenerationConfig.greedy(1));
    assertThatThrownBy(() -> PredictJob.complete(cluster.spark(), prompts(1), config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot read folder: .*nowhere \\(there is no such folder; download a model of the Hugging"
                + " Face hub first\\)\n"
                + "Cannot find what to answer: there is no question; its columns are \\[prompt"
                + " string, number int\\] \\(.*\\)\n"
                + "Cannot use batch size: 0 \\(use 1 or more\\)\n"
                + "Cannot add column: number \\(the data has it already; rename or drop it, or name"
                + " another column\\)");
  }

  /** So many prompts, some of them equal, and one row without any. */
  private static Dataset<Row> prompts(int count) {
    List<Row> rows = new ArrayList<>();
    IntStream.range(0, count).forEach(i -> rows.add(RowFactory.create(prompt(i), i)));
    rows.add(RowFactory.create(null, -1));
    return cluster.spark().createDataFrame(rows, StructType.fromDDL("prompt string, number int"));
  }

  /** Of letters that the tokenizer does not join. */
  private static String prompt(int number) {
    return "QXZ".substring(number % 3) + "!".repeat(1 + number % 5);
  }
}
