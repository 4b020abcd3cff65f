package io.github.sparklorafa.spark.stage;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnaryNode;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;

/**
 * One order of a dataset's rows that doesn't depend on the cluster, nor on how the rows are
 * partitioned.
 *
 * <p>Rows that come straight from files, through nothing but projections and filters, are ordered
 * by file path and position in the file. All other rows are ordered by a hash of what training
 * reads of them; rows with the same hash are equal, so that their order is no matter.
 */
final class GlobalOrder {
  private static final String PATH = "__lorafa_path";
  private static final String START = "__lorafa_start";
  private static final String POSITION = "__lorafa_position";
  private static final String HASH = "__lorafa_hash";

  private GlobalOrder() {}

  /** The named columns of all rows, in order. */
  static Dataset<Row> of(Dataset<Row> data, List<String> columns) {
    Column[] wanted = columns.stream().map(GlobalOrder::quoted).toArray(Column[]::new);
    return byFile(data, columns).orElseGet(() -> byHash(data, columns)).select(wanted);
  }

  private static Optional<Dataset<Row>> byFile(Dataset<Row> data, List<String> columns) {
    if (!comesStraightFromFiles(data.queryExecution().analyzed())) {
      return Optional.empty();
    }
    List<Column> selected = new ArrayList<>(columns.stream().map(GlobalOrder::quoted).toList());
    selected.add(col("_metadata.file_path").as(PATH));
    selected.add(col("_metadata.file_block_start").as(START));
    // Increases within a partition, and a partition reads each block of a file from start to end.
    selected.add(monotonically_increasing_id().as(POSITION));
    try {
      return Optional.of(
          data.select(selected.toArray(Column[]::new)).orderBy(PATH, START, POSITION));
    } catch (Exception e) {
      // Views hide where rows come from, which only Spark's analysis finds out.
      if (isAnalysisException(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  // Scala doesn't declare it, so that Java can't catch it by name; it is no RuntimeException.
  private static boolean isAnalysisException(Exception e) {
    return AnalysisException.class.isInstance(e);
  }

  private static Dataset<Row> byHash(Dataset<Row> data, List<String> columns) {
    Column[] wanted = columns.stream().map(GlobalOrder::quoted).toArray(Column[]::new);
    Column content = to_json(struct(wanted), Map.of("ignoreNullFields", "false"));
    return data.withColumn(HASH, sha2(content, 256)).orderBy(HASH);
  }

  private static boolean comesStraightFromFiles(LogicalPlan plan) {
    LogicalPlan current = plan;
    while (current instanceof Project
        || current instanceof Filter
        || current instanceof SubqueryAlias
        || current instanceof View) {
      current = ((UnaryNode) current).child();
    }
    return current instanceof LogicalRelation relation
        && relation.relation() instanceof HadoopFsRelation;
  }

  private static Column quoted(String name) {
    return col("`" + name.replace("`", "``") + "`");
  }
}
