package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The classifier in one JVM, on a tiny RoBERTa whose words are w3 to w45. */
@Tag("spark")
@Timeout(300)
class LoraFaSequenceClassifierTest {
  private static final String BASE = TinyModel.reference("roberta-mlm").toString();

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start("local[2]");
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private LoraFaSequenceClassifier estimator() {
    return new LoraFaSequenceClassifier()
        .setModel(BASE)
        .setOutput(folder.resolve("fits").toString())
        .setWorkers(1)
        .setRank(4)
        .setBatchSize(8)
        .setMicroBatchSize(8)
        .setMaxSteps(60)
        .setLearningRate(0.02)
        .setPredictionBatchSize(3);
  }

  /** Words of which some are only in rows of one class, the others only in those of the other. */
  private static Dataset<Row> words(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean high = i % 2 == 1;
      StringBuilder text = new StringBuilder();
      for (int word = 0; word < 2 + i % 6; word++) {
        text.append(" w").append((high ? 25 : 3) + (i + word * 5) % 3);
      }
      rows.add(RowFactory.create(i, text.toString(), high ? "high" : "low", high ? 1.0 : 0.0));
    }
    return spark.createDataFrame(
        rows, StructType.fromDDL("id int, text string, label string, index double"));
  }

  /** Logits that transformers and PEFT gave for the same rows and the same adapter. */
  @Test
  void givesTheLogitsOfTransformers() throws IOException {
    JsonNode json = new ObjectMapper().readTree(TinyModel.reference("roberta-rows.json").toFile());
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : json.get("rows")) {
      List<Integer> ids = new ArrayList<>();
      row.get("input_ids").forEach(id -> ids.add(id.asInt()));
      rows.add(RowFactory.create(ids));
    }
    LoraFaSequenceClassifierModel model =
        LoraFaSequenceClassifierModel.of(
            TinyModel.reference("roberta").toString(),
            TinyModel.reference("runs/roberta-lora/adapter-final").toString());
    List<Row> classified =
        model
            .transform(spark.createDataFrame(rows, StructType.fromDDL("input_ids array<int>")))
            .collectAsList();
    try (Scope scope = new Scope();
        SafetensorsFile file =
            SafetensorsFile.open(TinyModel.reference("runs/roberta-lora/logits.safetensors"))) {
      // The rows that the script wrote down the logits of.
      int[] shown = {10, 6};
      for (int i = 0; i < shown.length; i++) {
        Tensor expected = file.load("after." + i, DType.FP32);
        Row row = classified.get(shown[i]);
        Vector raw = row.getAs("rawPrediction");
        assertThat(raw.size()).isEqualTo(3);
        for (int label = 0; label < 3; label++) {
          assertThat(raw.apply(label))
              .isCloseTo(expected.select(0, label).item_float(), within(1e-4));
        }
        Vector probability = row.getAs("probability");
        assertThat(probability.apply(0) + probability.apply(1) + probability.apply(2))
            .isCloseTo(1, within(1e-9));
        assertThat(row.<Double>getAs("prediction")).isEqualTo(raw.argmax());
      }
    }
  }

  @Test
  void learnsNamesAndKeepsThem() throws IOException {
    LoraFaSequenceClassifierModel model =
        estimator().setPredictedLabelCol("said").setLabelIndexCol("right").fit(words(60));
    assertThat(model.getLabelNames()).containsExactly("high", "low");
    String path = folder.resolve("saved").toString();
    model.write().save(path);
    LoraFaSequenceClassifierModel loaded = LoraFaSequenceClassifierModel.load(path);
    assertThat(loaded.explainParams()).isEqualTo(model.explainParams());

    Dataset<Row> rows =
        words(31)
            .selectExpr("id", "if(id = 4, null, text) AS text", "label")
            .repartition(4)
            .cache();
    Dataset<Row> classified = loaded.transform(rows);

    assertThat(classified.schema().simpleString())
        .isEqualTo(loaded.transformSchema(rows.schema()).simpleString());
    List<Row> all = classified.collectAsList();
    assertThat(all)
        .extracting(row -> row.getInt(0))
        .isEqualTo(rows.collectAsList().stream().map(row -> row.getInt(0)).toList());
    int right = 0;
    for (Row row : all) {
      assertThat(row.<Double>getAs("right"))
          .isEqualTo(row.<String>getAs("label").equals("high") ? 0.0 : 1.0);
      if (row.getInt(0) == 4) {
        assertThat(row.<Object>getAs("prediction")).isNull();
        assertThat(row.<Object>getAs("rawPrediction")).isNull();
        assertThat(row.<Object>getAs("said")).isNull();
      } else {
        right += row.<String>getAs("said").equals(row.<String>getAs("label")) ? 1 : 0;
      }
    }
    assertThat(right).isGreaterThanOrEqualTo(28);
    // Spark finds the names in the column's metadata.
    Dataset<Row> renamed =
        new IndexToString()
            .setInputCol("prediction")
            .setOutputCol("named")
            .transform(classified.where("prediction IS NOT NULL"));
    assertThat(renamed.where("named <> said").count()).isZero();
    rows.unpersist();
  }

  @Test
  void crossValidatesWithSparksEvaluators() throws IOException {
    LoraFaSequenceClassifier estimator = estimator().setLabelIndexCol("right").setMaxSteps(60);
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(estimator.learningRate(), new double[] {1e-7, 0.02}).build();
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(new Pipeline().setStages(new PipelineStage[] {estimator}))
            .setEvaluator(
                new MulticlassClassificationEvaluator()
                    .setLabelCol("right")
                    .setMetricName("accuracy"))
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(1);
    CrossValidatorModel fitted = validator.fit(words(60));
    assertThat(fitted.avgMetrics()[1]).isGreaterThan(0.8).isGreaterThan(fitted.avgMetrics()[0]);
    String path = folder.resolve("validated").toString();
    fitted.write().overwrite().save(path);
    CrossValidatorModel loaded = CrossValidatorModel.load(path);
    assertThat(loaded.transform(words(9)).collectAsList())
        .isEqualTo(fitted.transform(words(9)).collectAsList());
    LoraFaSequenceClassifierModel best =
        (LoraFaSequenceClassifierModel) ((PipelineModel) loaded.bestModel()).stages()[0];
    assertThat(best.summary().totalSteps()).isEqualTo(60);
  }

  @Test
  void validatesOnASplitByTheAreaUnderTheCurve() {
    LoraFaSequenceClassifier estimator =
        estimator().setLabelColumn("index").setNumLabels(2).setMaxSteps(20);
    TrainValidationSplitModel fitted =
        new TrainValidationSplit()
            .setEstimator(estimator)
            .setEvaluator(new BinaryClassificationEvaluator().setLabelCol("index"))
            .setEstimatorParamMaps(
                new ParamGridBuilder().addGrid(estimator.rank(), new int[] {2, 4}).build())
            .setTrainRatio(0.75)
            .fit(words(40).drop("label"));
    assertThat(fitted.validationMetrics()).hasSize(2);
    assertThat(fitted.validationMetrics()[0]).isGreaterThan(0.8);
  }

  @Test
  void regressionAndSeveralLabelsHaveTheirOwnColumns() {
    Dataset<Row> numbers = words(20).selectExpr("text", "index * 2 AS label");
    LoraFaSequenceClassifierModel regression =
        estimator().setProblemType("regression").setNumLabels(1).setMaxSteps(2).fit(numbers);
    Dataset<Row> foretold = regression.transform(numbers);
    assertThat(foretold.schema()).isEqualTo(regression.transformSchema(numbers.schema()));
    assertThat(foretold.columns()).containsExactly("text", "label", "rawPrediction", "prediction");
    Row first = foretold.first();
    assertThat(first.<Double>getAs("prediction"))
        .isEqualTo(first.<Vector>getAs("rawPrediction").apply(0));

    Dataset<Row> several = words(20).selectExpr("text", "array(index, 1 - index) AS label");
    LoraFaSequenceClassifierModel labels =
        estimator().setProblemType("multi-label").setNumLabels(2).setMaxSteps(2).fit(several);
    for (Row row : labels.transform(several).collectAsList()) {
      Vector probability = row.getAs("probability");
      List<Double> chosen = row.getList(row.fieldIndex("prediction"));
      for (int label = 0; label < 2; label++) {
        assertThat(chosen.contains((double) label)).isEqualTo(probability.apply(label) > 0.5);
      }
    }
    assertThatThrownBy(() -> labels.setProblemType("regression").transform(several))
        .hasMessageMatching(
            "Cannot use problem type: regression with .*, which was made for"
                + " multi_label_classification \\(use that\\)");
  }

  @Test
  void refusesRowsAndModelsThatDoNotFit() {
    LoraFaSequenceClassifierModel model =
        LoraFaSequenceClassifierModel.of(TinyModel.reference("llama-gqa").toString(), "");
    assertThatThrownBy(() -> model.transform(words(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot open the tokenizer: .*llama-gqa/tokenizer.json does not exist .*\n"
                + "Cannot classify with: .*llama-gqa, which was made for causal-lm \\(give the"
                + " adapter of a classification\\)");
    assertThatThrownBy(
            () -> model.transformSchema(StructType.fromDDL("body string, prediction double")))
        .hasMessage(
            "Cannot find column to classify: text (use one of body, prediction)\n"
                + "Cannot add column: prediction (the data has it already; rename or drop it, or"
                + " name another column)");
    assertThatThrownBy(
            () ->
                new LoraFaSequenceClassifier()
                    .transformSchema(StructType.fromDDL("text array<int>, label string")))
        .hasMessageStartingWith("Cannot read the dataset: ");
  }
}
