package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The encoder-decoder in one JVM, on a tiny T5 that reads letters. */
@Tag("spark")
@Timeout(240)
class LoraFaSeq2SeqTest {
  private static final int VOCABULARY = 97;

  @TempDir static Path base;
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(TinyModel.reference("t5-relu").resolve(name), base.resolve(name));
    }
    TinyModel.tokenizer(base, VOCABULARY);
    spark = LocalSpark.start("local[2]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Dataset<Row> letters(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String letter = Character.toString('A' + i % 5);
      rows.add(RowFactory.create(i % 6 == 5 ? null : letter.repeat(1 + i % 3), letter + "Z"));
    }
    return spark.createDataFrame(rows, StructType.fromDDL("prompt string, completion string"));
  }

  @Test
  void learnsWritesAndIsSaved() throws IOException {
    LoraFaSeq2SeqModel model =
        new LoraFaSeq2Seq()
            .setModel(base.toString())
            .setOutput(folder.resolve("fits").toString())
            .setWorkers(1)
            .setRank(4)
            .setBatchSize(6)
            .setMaxSteps(12)
            .setLearningRate(0.02)
            .setMaxTargetLength(4)
            .setMaxNewTokens(6)
            .fit(letters(30).where("prompt IS NOT NULL"));
    double[] losses = model.summary().lossHistory();
    assertThat(losses).hasSize(12);
    assertThat(losses[11]).isLessThan(losses[0]);
    String path = folder.resolve("saved").toString();
    model.write().save(path);

    LoraFaSeq2SeqModel loaded = LoraFaSeq2SeqModel.load(path);
    List<Row> written = loaded.transform(letters(11)).collectAsList();

    assertThat(written).isEqualTo(model.transform(letters(11)).collectAsList()).hasSize(11);
    try (AdaptedModel adapted =
            AdaptedModel.open(base, Optional.of(folder.resolve("saved/adapter")), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Generator generator = new Generator(adapted.writer(), tokenizer);
      for (Row row : written) {
        assertThat(row.getString(2))
            .isEqualTo(row.isNullAt(0) ? null : generator.complete(row.getString(0), 6));
      }
    }
    assertThat(loaded.setNumBeams(3).transform(letters(5)).collectAsList())
        .allMatch(row -> !row.isNullAt(2) || row.isNullAt(0));
  }

  /** Of what the decoder writes, cut as in training. */
  @Test
  void measuresWhatTrainingEvaluated() {
    Dataset<Row> rows =
        letters(24)
            .where("prompt IS NOT NULL")
            .selectExpr("*", "rand(3) < 0.4 AS held_out")
            .cache();
    LoraFaSeq2SeqModel model =
        new LoraFaSeq2Seq()
            .setModel(base.toString())
            .setWorkers(1)
            .setRank(4)
            .setBatchSize(6)
            .setMaxSteps(4)
            .setMaxTargetLength(2)
            .setValidationIndicatorCol("held_out")
            .setEvalEvery(4)
            .setLossCol("loss")
            .setLossTokensCol("lossTokens")
            .setPredictionCol("")
            .fit(rows);
    assertThat(model.getMaxTargetLength()).isEqualTo(2);
    Dataset<Row> measured = model.transform(rows.where("held_out"));
    assertThat(measured.select("lossTokens").distinct().collectAsList())
        .singleElement()
        .satisfies(row -> assertThat(row.getLong(0)).isEqualTo(2));
    TextEvaluator perplexity = new TextEvaluator().setMetricName("perplexity");
    assertThat(perplexity.evaluate(measured))
        .isCloseTo(Math.exp(model.summary().evaluationLoss()), within(1e-3));
    rows.unpersist();
  }

  @Test
  void whatWasNeverSavedIsRefused() {
    assertThatThrownBy(() -> LoraFaCausalLMModel.load(folder.toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot load: .* \\(there is no metadata/part-00000; name a folder that a stage was"
                + " saved to\\)");
    assertThatThrownBy(() -> new LoraFaCausalLMModel("u").summary())
        .hasMessage("Cannot find a training summary: u was not trained by fit (ask hasSummary)");
  }
}
