package io.github.sparklorafa.spark.stage;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/** Rows with their index in the global order, dealt out in ranges of one length. */
final class NumberedRows {
  /** So that a slow task does not keep the other slots waiting for long. */
  private static final int TASKS_A_SLOT = 4;

  private NumberedRows() {}

  /**
   * Counts and orders the rows; blocks while Spark does that.
   *
   * @param partitions as asked for, or 0
   * @param batchSize rows below which a task is not worth its while
   */
  static JavaRDD<Tuple2<Long, Row>> of(
      SparkSession spark, Dataset<Row> data, int partitions, int batchSize) {
    List<String> columns = Arrays.asList(data.schema().fieldNames());
    long rows = data.count();
    int slots = Math.max(1, spark.sparkContext().defaultParallelism());
    int tasks = partitions > 0 ? partitions : tasks(rows, slots, batchSize);
    return JavaRDD.fromRDD(
        GlobalOrder.of(data, columns)
            .toJavaRDD()
            .zipWithIndex()
            .mapToPair(numbered -> new Tuple2<>(numbered._2(), numbered._1()))
            .repartitionAndSortWithinPartitions(new Ranges(rows, tasks))
            .rdd(),
        scala.reflect.ClassTag$.MODULE$.apply(Tuple2.class));
  }

  /** The rows dealt out anew, and what {@code task} makes of those of a partition. */
  static Dataset<Row> mapped(
      SparkSession spark,
      Dataset<Row> data,
      int partitions,
      int batchSize,
      FlatMapFunction<Iterator<Row>, Row> task,
      StructType schema) {
    return spark.createDataFrame(
        of(spark, data, partitions, batchSize).map(numbered -> numbered._2()).mapPartitions(task),
        schema);
  }

  static int tasks(long rows, int slots, int batchSize) {
    long full = (rows + batchSize - 1) / batchSize;
    long most = Math.min(rows, (long) slots * TASKS_A_SLOT);
    return (int) Math.max(1, Math.min(most, Math.max(slots, full)));
  }

  /** Partition {@code p} has the rows from {@code rows · p / partitions} on. */
  static final class Ranges extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final long rows;
    private final int partitions;

    Ranges(long rows, int partitions) {
      this.rows = Math.max(1, rows);
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object index) {
      return (int) Math.min(partitions - 1L, (Long) index * partitions / rows);
    }
  }
}
