package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.param.ParamMap;
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

/** A pipeline from cross validation to a loaded model, on two executor JVMs. */
@Tag("spark")
@Timeout(300)
class ClusterPipelineTest {
  private static final int STEPS = 12;

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark =
        LocalSpark.start(
            "local-cluster[2,1,1024]",
            "spark.executor.memory",
            "1g",
            "spark.executor.extraClassPath",
            System.getProperty("spark-lorafa.jar"));
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void crossValidatesSavesAndLoads() throws Exception {
    LoraFaSequenceClassifier classifier =
        new LoraFaSequenceClassifier()
            .setModel(TinyModel.reference("roberta-mlm").toString())
            .setOutput(folder.resolve("fits").toString())
            .setWorkers(2)
            .setRank(4)
            .setBatchSize(16)
            .setMicroBatchSize(8)
            .setMaxSteps(STEPS)
            .setPredictionBatchSize(3)
            .setPredictedLabelCol("said")
            .setLabelIndexCol("right");
    CrossValidatorModel fitted = validator(classifier).fit(words(48));

    assertThat(fitted.avgMetrics()[1]).isGreaterThan(0.9).isGreaterThan(fitted.avgMetrics()[0]);
    PipelineModel best = (PipelineModel) fitted.bestModel();
    String path = folder.resolve("saved").toString();
    best.write().save(path);
    PipelineModel loaded = PipelineModel.load(path);
    LoraFaSequenceClassifierModel stage = (LoraFaSequenceClassifierModel) loaded.stages()[0];
    assertThat(stage.summary().totalSteps()).isEqualTo(STEPS);
    assertThat(stage.summary().bytesSent()).isPositive();
    assertThat(stage.getLabelNames()).containsExactly("high", "low");
    Dataset<Row> rows = words(25).selectExpr("id", "if(id = 7, null, text) AS text", "label");
    // One for each executor, and no shuffle that may bring rows in another order the next time.
    assertThat(rows.rdd().getNumPartitions()).isEqualTo(2);
    classifies(loaded.transform(rows).collectAsList(), best.transform(rows).collectAsList());
  }

  private static void classifies(List<Row> rows, List<Row> before) {
    assertThat(rows).hasSize(25).isEqualTo(before);
    for (Row row : rows) {
      if (row.getInt(0) == 7) {
        for (String column : List.of("rawPrediction", "probability", "prediction", "said")) {
          assertThat(row.<Object>getAs(column)).as(column).isNull();
        }
      } else {
        assertThat(row.<String>getAs("said")).isEqualTo(row.<String>getAs("label"));
        assertThat(row.<Double>getAs("prediction")).isEqualTo(row.<Double>getAs("right"));
      }
    }
  }

  /** Of two learning rates, with one of which nothing can be learned. */
  private static CrossValidator validator(LoraFaSequenceClassifier classifier) {
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(classifier.learningRate(), new double[] {1e-7, 0.02})
            .build();
    return new CrossValidator()
        .setEstimator(new Pipeline().setStages(new PipelineStage[] {classifier}))
        .setEvaluator(
            new MulticlassClassificationEvaluator().setLabelCol("right").setMetricName("accuracy"))
        .setEstimatorParamMaps(grid)
        .setNumFolds(2)
        .setSeed(1);
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
      rows.add(RowFactory.create(i, text.toString(), high ? "high" : "low"));
    }
    return spark.createDataFrame(rows, StructType.fromDDL("id int, text string, label string"));
  }
}
