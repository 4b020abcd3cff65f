package io.github.sparklorafa.spark.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.infer.Generator;
import io.github.sparklorafa.spark.stage.PerplexityConfig;
import io.github.sparklorafa.spark.stage.PredictJob;
import io.github.sparklorafa.spark.stage.Predictor;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
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

/** The estimator and its model in one JVM. */
@Tag("spark")
@Timeout(240)
class LoraFaCausalLMTest {
  @TempDir static Path base;
  private static SparkSession spark;
  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    TinyModel.write(base);
    spark = LocalSpark.start("local[2]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private LoraFaCausalLM estimator() {
    return new LoraFaCausalLM()
        .setModel(base.toString())
        .setOutput(folder.resolve("fits").toString())
        .setWorkers(2)
        .setRank(4)
        .setBatchSize(5)
        .setMaxSteps(6)
        .setLearningRate(0.02)
        .setMaxNewTokens(8);
  }

  /** Letters; each fourth row is held out. */
  private static Dataset<Row> letters(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String letter = Character.toString('A' + i % 7);
      rows.add(RowFactory.create(i, letter.repeat(1 + i % 3), letter + "Z", i % 4 == 3));
    }
    return spark.createDataFrame(
        rows, StructType.fromDDL("id int, prompt string, completion string, held_out boolean"));
  }

  @Test
  void fitsAndPredictsWhatTheAdapterSays() {
    LoraFaCausalLMModel model =
        estimator().setValidationIndicatorCol("held_out").setEvalEvery(2).fit(letters(40));

    assertThat(model.hasParent()).isTrue();
    assertThat(Path.of(model.folder().replace("file:", "")))
        .exists()
        .hasParent(folder.resolve("fits"));
    LoraFaTrainingSummary summary = model.summary();
    assertThat(summary.rows()).isEqualTo(30);
    assertThat(summary.totalSteps()).isEqualTo(6);
    assertThat(summary.lossHistory()).hasSize(6).doesNotContain(Double.NaN);
    assertThat(summary.lossHistory()[5]).isLessThan(summary.lossHistory()[0]);
    assertThat(summary.evaluationLossHistory()).hasSize(3).endsWith(summary.evaluationLoss());
    assertThat(summary.bytesSent()).isEqualTo(4 * (summary.trainableParameters() + 2));
    assertThat(summary.bytesKept()).isPositive();
    assertThat(summary.tokensPerSecond()).isPositive();
    assertThat(summary.steps().select("loss").collectAsList())
        .extracting(row -> row.getDouble(0))
        .containsExactly(Arrays.stream(summary.lossHistory()).boxed().toArray(Double[]::new));
    assertThat(summary.evaluations().select("step", "eval_loss").collectAsList())
        .extracting(row -> row.getLong(0))
        .containsExactly(2L, 4L, 6L);

    List<Row> predicted = model.setFinishReasonCol("why").transform(letters(9)).collectAsList();
    try (AdaptedModel adapted =
            AdaptedModel.open(
                base, Optional.of(Path.of(model.folder().replace("file:", ""))), DType.FP32);
        TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Generator generator = new Generator(adapted.causal(), tokenizer);
      for (Row row : predicted) {
        assertThat(row.<String>getAs("prediction"))
            .isEqualTo(generator.complete(row.getString(1), 8));
        assertThat(row.<String>getAs("why")).isIn("eos", "length");
      }
    }
  }

  @Test
  void transformIsLazyAndKeepsPartitionsAndOrder() {
    LoraFaCausalLMModel model =
        LoraFaCausalLMModel.of(base.toString(), TinyModel.reference("adapter-nonzero").toString())
            .setMaxNewTokens(3)
            .setPredictionBatchSize(2);
    Dataset<Row> rows =
        letters(11)
            .withColumn("prompt", expr("if(id % 5 = 2, null, prompt)"))
            .repartition(3, col("id"))
            .cache();
    List<Row> before = rows.collectAsList();
    spark.sparkContext().setJobGroup("transform", "", false);

    Dataset<Row> predicted = model.transform(rows);

    assertThat(spark.sparkContext().statusTracker().getJobIdsForGroup("transform")).isEmpty();
    spark.sparkContext().clearJobGroup();
    assertThat(predicted.rdd().getNumPartitions()).isEqualTo(3);
    List<Row> after = predicted.collectAsList();
    assertThat(after)
        .extracting(row -> row.getInt(0))
        .isEqualTo(before.stream().map(row -> row.getInt(0)).toList());
    for (Row row : after) {
      assertThat(row.isNullAt(row.fieldIndex("prediction"))).isEqualTo(row.isNullAt(1));
    }
    rows.unpersist();
  }

  /** Both in the same tasks, on one base whose numbers are converted. */
  @Test
  void twoAdaptersOfOneBaseWriteSideBySide() {
    List<LoraFaCausalLMModel> models = new ArrayList<>();
    for (String adapter : List.of("adapter-nonzero", "adapter-down")) {
      models.add(
          LoraFaCausalLMModel.of(base.toString(), TinyModel.reference(adapter).toString())
              .setDtype("bf16")
              .setPredictionCol(adapter)
              .setMaxNewTokens(6));
    }
    Dataset<Row> rows = letters(9).repartition(2);
    List<Row> both = models.get(1).transform(models.get(0).transform(rows)).collectAsList();
    for (LoraFaCausalLMModel model : models) {
      assertThat(both)
          .extracting(row -> row.<String>getAs(model.getPredictionCol()))
          .isEqualTo(
              model.transform(rows).collectAsList().stream()
                  .map(row -> row.<String>getAs(model.getPredictionCol()))
                  .toList());
    }
    assertThat(both).anyMatch(row -> !row.get(4).equals(row.get(5)));
  }

  /** The loss of a row is what predict measures, and that of all rows what training evaluated. */
  @Test
  void measuresWhatTrainingEvaluatedAndPredictMeasures() {
    LoraFaCausalLMModel model =
        estimator()
            .setValidationIndicatorCol("held_out")
            .setEvalEvery(6)
            .setMaxLength(5)
            .setLossCol("loss")
            .setPerplexityCol("ppl")
            .setLossTokensCol("lossTokens")
            .setPredictionCol("")
            .setPredictionBatchSize(3)
            .fit(letters(40));
    Dataset<Row> heldOut = letters(40).where("held_out");
    Dataset<Row> measured = model.transform(heldOut).cache();

    assertThat(measured.columns())
        .containsExactly("id", "prompt", "completion", "held_out", "loss", "ppl", "lossTokens");
    TextEvaluator perplexity = new TextEvaluator().setMetricName("perplexity");
    assertThat(perplexity.evaluate(measured))
        .isCloseTo(Math.exp(model.summary().evaluationLoss()), within(1e-4));
    List<Row> predicted =
        PredictJob.perplexity(
                spark,
                heldOut,
                new PerplexityConfig(
                    new Predictor(base.toString(), model.folder(), DType.FP32),
                    Columns.USUAL,
                    5,
                    0,
                    1),
                1)
            .orderBy("id")
            .collectAsList();
    List<Row> ours = measured.orderBy("id").collectAsList();
    for (int i = 0; i < predicted.size(); i++) {
      assertThat(ours.get(i).getDouble(4)).isCloseTo(predicted.get(i).getDouble(4), within(1e-5));
      assertThat(ours.get(i).getDouble(5)).isEqualTo(Math.exp(ours.get(i).getDouble(4)));
      assertThat(ours.get(i).getLong(6)).isEqualTo(predicted.get(i).getLong(6)).isPositive();
    }
    assertThat(ours.stream().map(row -> row.getLong(6)).distinct().count())
        .as("rows of several lengths")
        .isGreaterThan(1);
    measured.unpersist();
  }

  @Test
  void aRowWithoutATextHasNoLossAndDoesNotCount() {
    LoraFaCausalLMModel model =
        LoraFaCausalLMModel.of(base.toString(), "")
            .setLossCol("loss")
            .setLossTokensCol("lossTokens")
            .setMaxNewTokens(2);
    Dataset<Row> rows = letters(9);
    Dataset<Row> gaps =
        rows.withColumn("completion", expr("if(id % 4 = 1, null, completion)"))
            .withColumn("prompt", expr("if(id = 6, null, prompt)"));
    List<Row> measured = model.transform(gaps.repartition(2)).orderBy("id").collectAsList();
    assertThat(measured.stream().filter(row -> row.isNullAt(4)).map(row -> row.getInt(0)))
        .containsExactly(1, 5, 6);
    assertThat(measured).allMatch(row -> row.isNullAt(4) == (row.getLong(5) == 0));
    assertThat(measured.stream().filter(row -> row.isNullAt(6)).map(row -> row.getInt(0)))
        .as("what is written needs a prompt alone")
        .containsExactly(6);
    TextEvaluator loss = new TextEvaluator().setMetricName("loss");
    assertThat(loss.evaluate(model.transform(gaps)))
        .isCloseTo(loss.evaluate(model.transform(rows.where("id NOT IN (1, 5, 6)"))), within(1e-6));
  }

  @Test
  void crossValidationTakesTheLeastPerplexity() {
    LoraFaCausalLM tuning =
        estimator()
            .setLossCol("loss")
            .setLossTokensCol("lossTokens")
            .setPredictionCol("")
            .setMaxSteps(10);
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(tuning)
            .setEvaluator(new TextEvaluator().setMetricName("perplexity"))
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(tuning.learningRate(), new double[] {1e-6, 0.05})
                    .build())
            .setNumFolds(2)
            .setSeed(4)
            .fit(letters(24));
    assertThat(chosen.avgMetrics()[1]).isLessThan(0.8 * chosen.avgMetrics()[0]);
    assertThat(((LoraFaCausalLMModel) chosen.bestModel()).summary().totalSteps()).isEqualTo(10);
    assertThat(((LoraFaCausalLM) chosen.bestModel().parent()).getLearningRate()).isEqualTo(0.05);
  }

  /** Looked for when the query is made, not by its tasks. */
  @Test
  void aFolderWithoutATokenizerIsRefusedBeforeTheFirstTask() throws IOException {
    Path bare = Files.createDirectory(folder.resolve("bare"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(base.resolve(name), bare.resolve(name));
    }
    LoraFaCausalLMModel writes = LoraFaCausalLMModel.of(bare.toString(), "");
    assertThatThrownBy(() -> writes.transform(letters(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot open the tokenizer: " + bare);
    LoraFaCausalLMModel measures = writes.setPredictionCol("").setLossCol("loss");
    assertThatThrownBy(() -> measures.transform(letters(1)))
        .hasMessageStartingWith("Cannot open the tokenizer: " + bare);
    Dataset<Row> ids =
        spark.sql("SELECT array(5, 6, 7) AS input_ids UNION ALL SELECT NULL AS input_ids");
    assertThat(measures.transform(ids).collectAsList())
        .as("which need none")
        .extracting(row -> row.isNullAt(1))
        .containsExactly(false, true);
    LoraFaSeq2SeqModel other = LoraFaSeq2SeqModel.of(base.toString(), "").setLossCol("loss");
    assertThatThrownBy(() -> other.transform(letters(1)))
        .hasMessage(
            "Cannot measure losses with: %s, which was made for causal-lm (use a model that was made"
                + " for seq2seq)",
            base);
  }

  @Test
  void aSavedModelIsTheSameModel() throws IOException {
    LoraFaCausalLMModel model = estimator().setStop("Z").fit(letters(20));
    String path = folder.resolve("saved/model").toUri().toString();
    model.write().overwrite().save(path);
    model.write().overwrite().save(path);

    LoraFaCausalLMModel loaded = LoraFaCausalLMModel.load(path);

    assertThat(loaded.uid()).isEqualTo(model.uid());
    assertThat(loaded.explainParams()).isEqualTo(model.explainParams());
    assertThat(loaded.folder()).startsWith("file:").endsWith("saved/model/adapter");
    assertThat(loaded.summary().lossHistory()).isEqualTo(model.summary().lossHistory());
    assertThat(loaded.summary().bytesKept()).isEqualTo(model.summary().bytesKept());
    assertThat(loaded.getModel())
        .isEqualTo(base.toUri().toString().replaceAll("/+", "/").replaceAll("/$", ""));
    assertThat(loaded.transform(letters(5)).collectAsList())
        .isEqualTo(model.transform(letters(5)).collectAsList());
    assertThat(
            Files.mismatch(
                folder.resolve("saved/model/adapter/adapter_model.safetensors"),
                Path.of(model.folder().replace("file:", "")).resolve("adapter_model.safetensors")))
        .isEqualTo(-1);
    assertThatThrownBy(() -> model.write().save(path)).isInstanceOf(IOException.class);
  }

  @Test
  void savedFilesAreJsonSafetensorsAndTheCard() throws IOException {
    LoraFaCausalLMModel model = estimator().fit(letters(20));
    Path path = folder.resolve("model");
    model.write().save(path.toString());
    try (Stream<Path> files = Files.walk(path)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> path.relativize(file).toString()))
          .filteredOn(name -> !name.endsWith(".crc"))
          .containsExactlyInAnyOrder(
              "adapter/adapter_config.json",
              "adapter/adapter_model.safetensors",
              "adapter/README.md",
              "adapter/loss.svg",
              "summary.json",
              "metadata/part-00000",
              "metadata/_SUCCESS");
    }
    JsonNode metadata = new ObjectMapper().readTree(path.resolve("metadata/part-00000").toFile());
    assertThat(metadata.fieldNames())
        .toIterable()
        .containsExactly(
            "class", "timestamp", "sparkVersion", "uid", "paramMap", "defaultParamMap");
    assertThat(metadata.at("/paramMap/maxNewTokens").intValue()).isEqualTo(8);
    assertThat(metadata.at("/defaultParamMap/temperature").doubleValue()).isZero();
  }

  @Test
  void savesAndLoadsWithinAPipeline() throws IOException {
    SQLTransformer letters =
        new SQLTransformer()
            .setStatement("SELECT id, upper(prompt) AS prompt, completion FROM __THIS__");
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {letters, estimator()});
    String pipelinePath = folder.resolve("pipeline").toString();
    pipeline.write().overwrite().save(pipelinePath);
    PipelineModel fitted = Pipeline.load(pipelinePath).fit(letters(20));
    String path = folder.resolve("fitted").toString();
    fitted.write().overwrite().save(path);

    PipelineModel loaded = PipelineModel.load(path);

    assertThat(loaded.transform(letters(6)).collectAsList())
        .isEqualTo(fitted.transform(letters(6)).collectAsList());
    assertThat(((LoraFaCausalLMModel) loaded.stages()[1]).summary().totalSteps()).isEqualTo(6);
    assertThatThrownBy(() -> LoraFaCausalLMModel.load(path))
        .hasMessageContaining(
            "(it was saved as org.apache.spark.ml.PipelineModel: load it as that)");
  }

  @Test
  void fullFineTuningSavesAWholeCheckpoint() throws IOException {
    LoraFaCausalLMModel model = estimator().setMethod("full").setMaxSteps(2).fit(letters(20));
    String path = folder.resolve("full").toString();
    model.write().save(path);
    assertThat(folder.resolve("full/checkpoint/model.safetensors")).isNotEmptyFile();
    LoraFaCausalLMModel loaded = LoraFaCausalLMModel.load(path).setModel("gone");
    assertThat(loaded.transform(letters(3)).collectAsList())
        .isEqualTo(model.transform(letters(3)).collectAsList());
  }

  @Test
  void aTemporaryFolderIsFoundWithoutAnOutput() {
    LoraFaCausalLMModel model = estimator().setOutput("").setMaxSteps(1).fit(letters(10));
    assertThat(Path.of(model.folder().replace("file:", "")))
        .isDirectoryContaining("glob:**adapter_model.safetensors");
  }
}
