package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Model among other stages and their columns, and where it is saved. */
@Tag("spark")
@Timeout(120)
class ModelInAQueryTest {
  @TempDir static Path bucket;
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark =
        LocalSpark.start(
            "local[2]",
            "spark.hadoop.fs.store.impl",
            ObjectStore.class.getName(),
            "spark.hadoop.test.store.root",
            bucket.toString());
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static LoraFaSequenceClassifierModel model() {
    return LoraFaSequenceClassifierModel.of(
            TinyModel.reference("roberta").toString(),
            TinyModel.reference("runs/roberta-lora/adapter-final").toString())
        .setLabelNames("bad", "fair", "good");
  }

  private static Dataset<Row> rows() {
    return spark.createDataFrame(
        List.of(
            RowFactory.create(List.of(0, 5, 9, 2), "new"),
            RowFactory.create(List.of(0, 31, 2), "old"),
            RowFactory.create(List.of(0, 17, 40, 8, 2), "old")),
        StructType.fromDDL("input_ids array<int>, kind string"));
  }

  /** The names of the indexes that other stages gave, and of those of a Model before. */
  @Test
  void otherColumnsKeepTheirNames() {
    Dataset<Row> indexed =
        new StringIndexer()
            .setInputCol("kind")
            .setOutputCol("kindIndex")
            .fit(rows())
            .transform(rows());
    Dataset<Row> first = model().transform(indexed);
    LoraFaSequenceClassifierModel other =
        model().setPredictionCol("second").setRawPredictionCol("").setProbabilityCol("");
    LoraFaCausalLMModel measuring =
        LoraFaCausalLMModel.of(TinyModel.reference("llama-gqa").toString(), "")
            .setPredictionCol("")
            .setLossCol("loss");

    Dataset<Row> all = measuring.transform(other.transform(first));

    assertThat(all.columns())
        .containsExactly(
            "input_ids",
            "kind",
            "kindIndex",
            "rawPrediction",
            "probability",
            "prediction",
            "second",
            "loss");
    assertThat(named(all, "kindIndex")).isEqualTo(all.select("kind").collectAsList());
    assertThat(named(all, "prediction"))
        .isEqualTo(named(first, "prediction"))
        .isEqualTo(named(all, "second"));
    assertThat(all.filter("loss > 0").count()).isEqualTo(3);
  }

  private static List<Row> named(Dataset<Row> rows, String index) {
    return new IndexToString()
        .setInputCol(index)
        .setOutputCol("name")
        .transform(rows)
        .select("name")
        .collectAsList();
  }

  /** Whether Spark is strict or not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRowWithoutIdsHasNoName(boolean ansi) {
    spark.conf().set("spark.sql.ansi.enabled", ansi);
    try {
      Dataset<Row> some = rows().selectExpr("IF(kind = 'new', null, input_ids) AS input_ids");
      List<Row> named =
          model()
              .setPredictedLabelCol("said")
              .transform(some)
              .select("said", "prediction")
              .collectAsList();
      assertThat(named).extracting(row -> row.isNullAt(0)).containsExactly(true, false, false);
      assertThat(named).extracting(row -> row.isNullAt(1)).containsExactly(true, false, false);
    } finally {
      spark.conf().unset("spark.sql.ansi.enabled");
    }
  }

  @Test
  void savesAndLoadsInAnObjectStore() throws IOException {
    List<Row> expected = model().transform(rows()).collectAsList();
    model().write().overwrite().save("store://bucket/alone");
    LoraFaSequenceClassifierModel alone =
        LoraFaSequenceClassifierModel.load("store://bucket/alone");
    assertThat(alone.folder()).isEqualTo("store://bucket/alone/adapter");
    assertThat(alone.transform(rows()).collectAsList()).isEqualTo(expected);

    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {alone}).fit(rows());
    pipeline.write().overwrite().save("store://bucket/pipeline");
    PipelineModel loaded = PipelineModel.load("store://bucket/pipeline");
    assertThat(((LoraFaSequenceClassifierModel) loaded.stages()[0]).folder())
        .startsWith("store://bucket/pipeline/stages/");
    assertThat(loaded.transform(rows()).collectAsList()).isEqualTo(expected);
  }

  /** Spark empties the folder before it saves. */
  @Test
  void isNotSavedOverItsOwnFiles() throws IOException {
    String path = folder.resolve("models/first").toString();
    model().write().save(path);
    LoraFaSequenceClassifierModel loaded = LoraFaSequenceClassifierModel.load(path);
    List<Row> before = loaded.transform(rows()).collectAsList();
    for (String over : List.of(path, path + "/", folder.resolve("models").toUri().toString())) {
      assertThatThrownBy(() -> loaded.write().overwrite().save(over))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot save over the model's own files: %s has file:%s/adapter (save to another folder)",
              over, path);
    }
    assertThat(LoraFaSequenceClassifierModel.load(path).transform(rows()).collectAsList())
        .isEqualTo(before);
    loaded.write().overwrite().save(folder.resolve("models/first-again").toString());

    String base = folder.resolve("base").toString();
    LoraFaSequenceClassifierModel ofBase = model().setModel(base);
    assertThatThrownBy(() -> ofBase.write().overwrite().save(folder.toString()))
        .hasMessageContaining(" has " + base);
    assertThat(folder.resolve("models")).exists();
  }

  @Test
  void aPipelineOverItsOwnFilesSaysWhatHappened() throws IOException {
    String path = folder.resolve("pipeline").toString();
    new Pipeline().setStages(new PipelineStage[] {model()}).fit(rows()).write().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    assertThatThrownBy(() -> loaded.write().overwrite().save(path))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "Cannot save a model whose files are gone: file:.*/pipeline/stages/0_.*/adapter \\(.*\\)");
  }

  @Test
  void withoutACheckpointItSaysSo() {
    assertThatThrownBy(() -> new LoraFaSequenceClassifierModel("u").transform(rows()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot predict without model: nothing given (");
  }

  /** As rows without a number are. */
  @Test
  void labelsThatAreAllNullAreNoRowsToTrainOn() throws IOException {
    LoraFaSequenceClassifier estimator =
        new LoraFaSequenceClassifier()
            .setModel(TinyModel.reference("roberta-mlm").toString())
            .setOutput(folder.resolve("fits").toString())
            .setNumLabels(2)
            .setWorkers(1);
    Dataset<Row> unlabelled = rows().selectExpr("'w3 w4' AS text", "CAST(null AS string) AS label");
    assertThatThrownBy(() -> estimator.fit(unlabelled))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot train: 0 of 3 rows can be used: ");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.filter(path -> !path.endsWith("fits"))).isEmpty();
    }
  }
}
