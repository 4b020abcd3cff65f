package io.github.sparklorafa.spark.stage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2Relation;
import org.apache.spark.sql.execution.datasources.v2.DataSourceV2ScanRelation;
import scala.collection.Iterator;

/**
 * Which versions of data-lake tables a dataset is read from, so that a run can be made again on the
 * same rows. Delta Lake and Apache Iceberg are asked by reflection: both are the user's choice, and
 * nothing here needs them.
 */
final class TableVersions {
  private static final String DELTA = "org.apache.spark.sql.delta.";
  private static final String ICEBERG = "org.apache.iceberg.";

  private TableVersions() {}

  /**
   * A sentence's part for each table, such as {@code delta table file:/lake/letters, version 3}, in
   * the order of the plan; other sources have none.
   *
   * <p>Looks at the plan that is executed, since tables grow: a later look could see another
   * version than the rows came from.
   */
  static List<String> of(Dataset<Row> data) {
    Set<String> versions = new LinkedHashSet<>();
    for (LogicalPlan leaf : leaves(data.queryExecution().optimizedPlan())) {
      if (leaf instanceof LogicalRelation relation
          && relation.relation() instanceof HadoopFsRelation files) {
        addDelta(files.location(), versions);
      } else if (leaf instanceof DataSourceV2ScanRelation scan) {
        addIceberg(scan.relation().table(), versions);
      } else if (leaf instanceof DataSourceV2Relation relation) {
        addIceberg(relation.table(), versions);
      }
    }
    return List.copyOf(versions);
  }

  private static List<LogicalPlan> leaves(LogicalPlan plan) {
    List<LogicalPlan> leaves = new ArrayList<>();
    for (Iterator<LogicalPlan> all = plan.collectLeaves().iterator(); all.hasNext(); ) {
      leaves.add(all.next());
    }
    return leaves;
  }

  private static void addDelta(FileIndex files, Set<String> versions) {
    if (files.getClass().getName().startsWith(DELTA)) {
      versions.add(
          "delta table %s, version %s".formatted(ask(files, "path"), ask(files, "version")));
    }
  }

  private static void addIceberg(Table table, Set<String> versions) {
    if (!table.getClass().getName().startsWith(ICEBERG)) {
      return;
    }
    Object asked = ask(table, "snapshotId");
    Object current = ask(ask(table, "table"), "currentSnapshot");
    Object snapshot = asked != null || current == null ? asked : ask(current, "snapshotId");
    if (snapshot != null) {
      versions.add("iceberg table %s, snapshot %s".formatted(table.name(), snapshot));
    }
  }

  /** What a method without arguments returns; null if there is none such, or it has nothing. */
  private static Object ask(Object object, String method) {
    if (object == null) {
      return null;
    }
    try {
      Method asked = object.getClass().getMethod(method);
      // A public method of an interface, whose class need not be public.
      return asked.trySetAccessible() ? asked.invoke(object) : null;
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      return null;
    }
  }
}
