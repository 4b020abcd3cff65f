package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.data.TokenStoreManifest;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts become the same stored rows that the tokenizer gives here, whatever tokenises them. */
@Tag("spark")
class TokenStageTest {
  private static final int MAX_LENGTH = 12;
  private static final int VOCABULARY = 5000;

  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();
  private Columns columns = Columns.USUAL;
  private SparkSession spark;

  @BeforeEach
  void start() {
    spark =
        SparkSession.builder()
            .master("local[3]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 4)
            .getOrCreate();
  }

  @AfterEach
  void stop() {
    spark.stop();
  }

  @Test
  void storesWhatTheTokenizerGives() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      lines.add(
          "{\"prompt\": \"Order "
              + i
              + ":\", \"completion\": \" ship it"
              + " now".repeat(i % 9)
              + "\"}");
    }
    lines.add(7, "{\"prompt\": \"Order\", \"completion\": \"\"}");
    Path file = Files.write(folder.resolve("rows.json"), lines);
    Dataset<Row> rows = spark.read().json(file.toString());

    TokenStoreManifest manifest = stage().store(rows, folder.resolve("tokens").toString());

    TokenStore store = TokenStore.open(folder.resolve("tokens"));
    assertThat(store.rows()).isEqualTo(40);
    Examples examples = Examples.limitedTo(MAX_LENGTH, VOCABULARY);
    try (TextTokenizer tokenizer = TextTokenizer.open(TrainingCluster.reference("tokenizer"))) {
      for (int i = 0; i < 40; i++) {
        Example expected =
            examples
                .fromPromptAndCompletion(
                    tokenizer, "Order " + i + ":", " ship it" + " now".repeat(i % 9))
                .example()
                .orElseThrow();
        assertThat(store.example(i)).isEqualTo(expected);
      }
    }
    assertThat(notes)
        .anyMatch(note -> note.startsWith("Skipped 1 row"))
        .anyMatch(note -> note.startsWith("Cut "));

    TokenStoreManifest shuffled =
        stage().store(rows.repartition(5), folder.resolve("shuffled").toString());
    TokenStoreManifest again =
        stage().store(rows.repartition(2), folder.resolve("again").toString());
    assertThat(shuffled.checksum()).isEqualTo(again.checksum()).isNotEqualTo(manifest.checksum());
  }

  @Test
  void refusesADatasetWithoutUsableRows() {
    Dataset<Row> rows = spark.range(3).selectExpr("'' as text");
    assertThatThrownBy(() -> stage().store(rows, folder.resolve("tokens").toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot train: 0 of 3 rows can be used: Skipped 3 rows empty, the first is row 0: text"
                + " \"\" (see that the dataset has rows with something to predict)");
    Dataset<Row> none = spark.range(0).selectExpr("'a' as text");
    assertThatThrownBy(() -> stage().store(none, folder.resolve("none").toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot train: the dataset has 0 rows (see that it is the one meant)");
  }

  @Test
  void refusesWrongRowsOfAllTasksTogether() {
    Dataset<Row> rows =
        spark.range(0, 40, 1, 4).selectExpr("array(1, if(id % 10 = 7, 5000, 3)) as input_ids");
    assertThatThrownBy(() -> stage().store(rows, folder.resolve("tokens").toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot train on 4 rows with ids outside the vocabulary, the first is row \\d+: input_ids"
                + " has 5000 at position 1, outside the model's vocabulary of 5000 .*");
    assertThat(folder.resolve("tokens/manifest.json")).doesNotExist();
  }

  @Test
  void readsColumnsByTheNamesGiven() throws IOException {
    Dataset<Row> rows =
        spark
            .range(1)
            .selectExpr("'not this' as text", "array(5, 6, 7) as t", "array(0, 1, 1) as m");
    columns = Columns.USUAL.withInputIds("t").withAttentionMask("m");

    stage().store(rows, folder.resolve("tokens").toString());

    assertThat(TokenStore.open(folder.resolve("tokens")).example(0)).isEqualTo(Example.of(6, 7));
  }

  private TokenStage stage() {
    TrainConfig config =
        TrainConfig.builder()
            .model("m")
            .data("d")
            .output("o")
            .columns(columns)
            .maxLength(MAX_LENGTH)
            .build();
    LlamaConfig shape =
        new LlamaConfig(VOCABULARY, 8, 8, 1, 1, 1, 8, 1e-5, 10000, false, MAX_LENGTH);
    JobPlan plan =
        new JobPlan(
            config,
            TrainingCluster.reference("tokenizer").toString(),
            Optional.empty(),
            "o",
            Optional.empty(),
            Optional.empty(),
            shape,
            Cluster.of(spark.sparkContext(), 1),
            Transport.GLOO,
            spark.sessionState().newHadoopConf());
    return new TokenStage(spark, plan, notes::add);
  }
}
