package io.github.sparklorafa.cli;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import io.github.sparklorafa.spark.stage.PredictJob;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;

/** Counts what was stored, and says so: a task that ran twice counts once. */
final class PredictReport {
  /** So many are named. */
  private static final int CLASSES = 10;

  private final PrintWriter out;
  private final Dataset<Row> written;
  private final double seconds;

  PredictReport(PrintWriter out, Dataset<Row> written, double seconds) {
    this.out = out;
    this.written = written;
    this.seconds = seconds;
  }

  void completions() {
    List<Row> reasons =
        written
            .groupBy(PredictJob.FINISH_REASON)
            .agg(count(lit(1)), sum(PredictJob.TOKENS))
            .orderBy(PredictJob.FINISH_REASON)
            .collectAsList();
    long rows = reasons.stream().mapToLong(row -> row.getLong(1)).sum();
    long tokens = reasons.stream().mapToLong(row -> row.getLong(2)).sum();
    print(
        "Completed %,d rows in %.1f s: %,d tokens, %,.0f tokens/s",
        rows, seconds, tokens, tokens / seconds);
    print(
        "Finished by %s",
        reasons.stream()
            .map(row -> String.format(Locale.ROOT, "%s %,d", row.getString(0), row.getLong(1)))
            .collect(Collectors.joining(", ")));
  }

  /**
   * @param names of the classes, by their index; none where they have none
   */
  void classes(List<String> names) {
    Row counts = written.agg(count(lit(1)), count(PredictJob.LOGITS)).first();
    long rows = counts.getLong(1);
    print("Classified %,d rows in %.1f s: %,.1f rows/s", rows, seconds, rows / seconds);
    if (rows < counts.getLong(0)) {
      print("Passed over %,d rows without a text", counts.getLong(0) - rows);
    }
    if (rows == 0) {
      return;
    }
    Column prediction = col(PredictJob.PREDICTION);
    if (!List.of(written.columns()).contains(PredictJob.PROBABILITIES)) {
      print("The mean prediction is %.4f", written.agg(avg(prediction)).first().getDouble(0));
      return;
    }
    boolean several = written.schema().apply(PredictJob.PREDICTION).dataType() instanceof ArrayType;
    List<Row> classes =
        written
            .select((several ? explode(prediction) : prediction).as(PredictJob.PREDICTION))
            .where(prediction.isNotNull())
            .groupBy(prediction)
            .count()
            .orderBy(col("count").desc(), prediction)
            .limit(CLASSES)
            .collectAsList();
    print(
        "Predicted%s %s",
        classes.size() == CLASSES ? " most often" : "",
        classes.stream()
            .map(
                row ->
                    String.format(
                        Locale.ROOT, "%s: %,d", name(names, row.getDouble(0)), row.getLong(1)))
            .collect(Collectors.joining(", ")));
  }

  private static String name(List<String> names, double index) {
    return names.isEmpty() ? String.format(Locale.ROOT, "%.0f", index) : names.get((int) index);
  }

  void perplexity() {
    Row all =
        written
            .agg(
                count(lit(1)),
                count(PredictJob.LOSS),
                sum(PredictJob.TOKENS),
                sum(col(PredictJob.LOSS).multiply(col(PredictJob.TOKENS))),
                first(col(PredictJob.PROBLEM), true))
            .first();
    long skipped = all.getLong(0) - all.getLong(1);
    if (skipped > 0) {
      print("Skipped %,d rows, one of them: %s", skipped, all.getString(4));
    }
    if (all.getLong(1) == 0) {
      print("No row of %,d could be measured", all.getLong(0));
      return;
    }
    double loss = all.getDouble(3) / all.getLong(2);
    print(
        "Measured %,d rows in %.1f s: loss %.4f, perplexity %.4f over %,d tokens",
        all.getLong(1), seconds, loss, Math.exp(loss), all.getLong(2));
  }

  void place(String output) {
    print("The table is in %s", output);
  }

  @SuppressWarnings("AnnotateFormatMethod") // no annotations of Error Prone at run time
  private void print(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
    out.flush();
  }
}
