package io.github.sparklorafa.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.infer.TextMetric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("spark")
class TextEvaluatorTest {
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

  private static Dataset<Row> table(List<Row> rows) {
    return spark.createDataFrame(rows, StructType.fromDDL("prediction string, label string"));
  }

  /** As in one process, however the rows are dealt out. */
  @Test
  void countsOverAllPartitions() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      rows.add(
          RowFactory.create(
              i % 7 == 0 ? null : "the cat sat on mat " + i % 3,
              "the cat sat on the mat " + i % 2));
    }
    rows.add(RowFactory.create("quite the same", "quite the same "));
    for (TextMetric metric : TextMetric.values()) {
      long[] sums = metric.none();
      rows.forEach(row -> metric.add(sums, row.getString(0), row.getString(1)));
      TextEvaluator evaluator = new TextEvaluator().setMetricName(metric.text());
      for (int partitions : new int[] {1, 5}) {
        assertThat(evaluator.evaluate(table(rows).repartition(partitions)))
            .as(metric.text())
            .isEqualTo(metric.value(sums))
            .isPositive();
      }
    }
  }

  @Test
  void nothingRightIsNothing() {
    Dataset<Row> wrong = table(List.of(RowFactory.create("a", "b"), RowFactory.create(null, "c")));
    assertThat(new TextEvaluator().setMetricName("exact_match").evaluate(wrong)).isZero();
    assertThat(new TextEvaluator().setMetricName("rouge_l").evaluate(table(List.of()))).isNaN();
  }

  /** Three rows of 1, 2 and 5 tokens, and one that has none. */
  @Test
  void perplexityIsThatOfAllTokens() {
    Dataset<Row> losses =
        spark.createDataFrame(
            List.of(
                RowFactory.create(4.0, 1L),
                RowFactory.create(0.5, 2L),
                RowFactory.create(1.25, 5L),
                RowFactory.create(null, 0L)),
            StructType.fromDDL("loss double, lossTokens bigint"));
    TextEvaluator evaluator = new TextEvaluator().setMetricName("loss");
    double mean = (4.0 + 2 * 0.5 + 5 * 1.25) / 8;
    for (int partitions : new int[] {1, 3}) {
      assertThat(evaluator.evaluate(losses.repartition(partitions))).isEqualTo(mean);
      assertThat(evaluator.isLargerBetter()).isFalse();
    }
    evaluator.setMetricName("perplexity").setLossCol("nats per token").setLossTokensCol("a.b");
    assertThat(evaluator.evaluate(losses.toDF("nats per token", "a.b"))).isEqualTo(Math.exp(mean));
    assertThat(evaluator.isLargerBetter()).isFalse();
    assertThat(evaluator.setMetricName("bleu").isLargerBetter()).isTrue();
    assertThat(new TextEvaluator().setMetricName("perplexity").evaluate(losses.where("false")))
        .isNaN();
    assertThatThrownBy(
            () -> evaluator.setMetricName("loss").evaluate(losses.selectExpr("'1' AS `a.b`")))
        .hasMessage(
            "Cannot find loss column: nats per token (use one of a.b)\n"
                + "Cannot read loss tokens column: a.b of type string (use a column of numbers)");
  }

  @Test
  void refusesOtherColumns() {
    Dataset<Row> rows = table(List.of()).selectExpr("1 AS prediction");
    assertThatThrownBy(() -> new TextEvaluator().evaluate(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot read prediction column: prediction of type int (use a column of strings)\n"
                + "Cannot find label column: label (use one of prediction)");
    assertThatThrownBy(() -> new TextEvaluator("u").setMetricName("bleurt"))
        .hasMessageContaining("u parameter metricName given invalid value bleurt");
  }

  @Test
  void savesAndLoads() throws IOException {
    TextEvaluator evaluator = new TextEvaluator().setMetricName("rouge_l").setLabelCol("truth");
    evaluator.write().overwrite().save(folder.resolve("evaluator").toString());
    TextEvaluator loaded = TextEvaluator.load(folder.resolve("evaluator").toString());
    assertThat(loaded.explainParams()).isEqualTo(evaluator.explainParams());
    assertThat(loaded.uid()).isEqualTo(evaluator.uid());
    assertThat(loaded.isLargerBetter()).isTrue();
  }
}
