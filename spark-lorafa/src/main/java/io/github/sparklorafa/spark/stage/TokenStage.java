package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowTally;
import io.github.sparklorafa.data.ShardSummary;
import io.github.sparklorafa.data.TokenStoreManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Tokenises a dataset in an ordinary Spark stage and stores the rows in their global order, once
 * and durably, so that a lost executor can't bring another order about.
 */
final class TokenStage {
  private final SparkSession spark;
  private final JobPlan plan;
  private final Consumer<String> notes;
  private final Set<String> tables = new LinkedHashSet<>();

  TokenStage(SparkSession spark, JobPlan plan, Consumer<String> notes) {
    this.spark = spark;
    this.plan = plan;
    this.notes = notes;
  }

  /**
   * Stores the dataset in {@code folder}; blocks while Spark runs the stage.
   *
   * @throws IllegalArgumentException for rows that can't be trained on, with their number and the
   *     first of each problem, or if no row is left
   */
  TokenStoreManifest store(Dataset<Row> data, String folder) {
    return store(data, folder, RowTally::check);
  }

  /** The same for rows to evaluate on. */
  TokenStoreManifest storeToEvaluate(Dataset<Row> data, String folder) {
    return store(data, folder, RowTally::checkToEvaluate);
  }

  /** The versions of the data-lake tables that rows were read from, in words. */
  List<String> tables() {
    return List.copyOf(tables);
  }

  private TokenStoreManifest store(Dataset<Row> data, String folder, Consumer<RowTally> check) {
    RowShape shape =
        RowColumns.shape(data, plan.config().columns(), RowRules.kind(plan.config().task()));
    TokenizeTask task =
        new TokenizeTask(
            shape,
            plan.model(),
            RowRules.of(plan.config(), plan.shape()),
            folder,
            new SerializableConfiguration(plan.hadoop()));
    spark.sparkContext().setJobDescription("spark-lorafa: tokenise and store the rows");
    Dataset<Row> ordered = GlobalOrder.of(data, shape.columns());
    tables.addAll(TableVersions.of(ordered));
    List<String> shards =
        ordered.toJavaRDD().zipWithIndex().mapPartitionsWithIndex(task, true).collect();
    spark.sparkContext().setJobDescription(null);
    return complete(shards, folder, check);
  }

  private TokenStoreManifest complete(
      List<String> shards, String folder, Consumer<RowTally> check) {
    RowTally tally = new RowTally();
    List<ShardSummary> summaries = new ArrayList<>();
    for (String json : shards) {
      TokenizeTask.Shard shard = StageJson.read(json, TokenizeTask.Shard.class);
      if (!shard.problem().isEmpty()) {
        throw new IllegalArgumentException(shard.problem());
      }
      tally.add(RowTally.fromJson(shard.tally()));
      if (!shard.summary().isEmpty()) {
        summaries.add(ShardSummary.fromJson(shard.summary()));
      }
    }
    check.accept(tally);
    tally.sentences().forEach(notes);
    TokenStoreManifest manifest = TokenStoreManifest.of(summaries);
    try {
      manifest.write(plan.hadoop(), folder);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot store the tokenised rows: "
              + folder
              + " (check permissions, quota and the connection)",
          e);
    }
    return manifest;
  }
}
