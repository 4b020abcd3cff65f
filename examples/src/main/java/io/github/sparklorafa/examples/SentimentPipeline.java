package io.github.sparklorafa.examples;

import io.github.sparklorafa.spark.ml.LoraFaSequenceClassifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.RegexTokenizer;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Sentiment of reviews, as any other estimator of Spark ML: in a Pipeline whose learning rate a
 * CrossValidator chooses.
 *
 * <pre>
 * spark-submit --master local[2] --jars spark-lorafa.jar \
 *   --class io.github.sparklorafa.examples.SentimentPipeline examples.jar \
 *   examples/data/sentiment /tmp/sentiment
 * </pre>
 *
 * <p>The held-out reviews praise and blame in words that no review to train on has. A bag of words
 * can only guess there; the base, a tiny RoBERTa, has read all of these words in texts without
 * labels.
 */
public final class SentimentPipeline {
  private static final String LABEL_INDEX = "label_index";

  private static final MulticlassClassificationEvaluator ACCURACY =
      new MulticlassClassificationEvaluator().setLabelCol(LABEL_INDEX).setMetricName("accuracy");

  private SentimentPipeline() {}

  /** Arguments: folder with base, train.csv and held-out.csv; folder for the pipeline. */
  public static void main(String[] args) {
    if (args.length != 2) {
      System.err.println("Usage: SentimentPipeline DATA OUTPUT");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("SentimentPipeline").getOrCreate()) {
      run(spark, args[0], args[1]);
    }
  }

  private static void run(SparkSession spark, String data, String output) {
    Dataset<Row> training = spark.read().option("header", true).csv(data + "/train.csv").cache();
    Dataset<Row> heldOut = spark.read().option("header", true).csv(data + "/held-out.csv").cache();
    System.out.printf("%d reviews to train on, as%n", training.count());
    training.show(4, false);

    double before = ACCURACY.evaluate(bagOfWords().fit(training).transform(heldOut));

    LoraFaSequenceClassifier classifier =
        new LoraFaSequenceClassifier()
            .setModel(data + "/base")
            .setLabelIndexCol(LABEL_INDEX)
            .setPredictedLabelCol("says")
            .setWorkers(2)
            .setRank(8)
            .setBatchSize(32)
            .setMicroBatchSize(16)
            .setMaxSteps(40);
    SQLTransformer cleaned =
        new SQLTransformer().setStatement("SELECT *, trim(review) AS text FROM __THIS__");
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {cleaned, classifier});
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(classifier.learningRate(), new double[] {1e-5, 1e-2})
            .build();
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(pipeline)
            .setEvaluator(ACCURACY)
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(1)
            .fit(training);
    for (int i = 0; i < grid.length; i++) {
      System.out.printf(
          Locale.ROOT,
          "Cross validation, learning rate %s: %.1f %% right%n",
          grid[i].apply(classifier.learningRate()),
          100 * chosen.avgMetrics()[i]);
    }

    PipelineModel best = (PipelineModel) chosen.bestModel();
    double after = ACCURACY.evaluate(best.transform(heldOut));
    System.out.println("\nHeld-out reviews, all of whose praise and blame is new");
    best.transform(heldOut).select("review", "label", "says", "probability").show(6, false);
    System.out.printf(Locale.ROOT, "A bag of words:        %.1f %% right%n", 100 * before);
    System.out.printf(Locale.ROOT, "RoBERTa with LoRA-FA:  %.1f %% right%n", 100 * after);

    String saved = output + "/pipeline";
    double reloaded = ACCURACY.evaluate(saveAndLoad(best, saved).transform(heldOut));
    System.out.printf(Locale.ROOT, "Loaded from %s: %.1f %%%n", saved, 100 * reloaded);
  }

  private static PipelineModel saveAndLoad(PipelineModel model, String folder) {
    try {
      model.write().overwrite().save(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot save the pipeline: " + folder, e);
    }
    return PipelineModel.load(folder);
  }

  /** What Spark itself offers: how often each word occurs, and a weight for it. */
  private static Pipeline bagOfWords() {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new StringIndexer()
                  .setInputCol("label")
                  .setOutputCol(LABEL_INDEX)
                  .setStringOrderType("alphabetAsc"),
              new RegexTokenizer().setInputCol("review").setOutputCol("words").setPattern("\\W+"),
              new HashingTF().setInputCol("words").setOutputCol("features"),
              new LogisticRegression().setLabelCol(LABEL_INDEX).setRegParam(0.01)
            });
  }
}
