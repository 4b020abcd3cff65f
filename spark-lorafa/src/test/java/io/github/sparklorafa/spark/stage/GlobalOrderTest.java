package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of rows is the same whatever reads them: local mode with other numbers of threads. */
@Tag("spark")
class GlobalOrderTest {
  private static final List<String> COLUMNS = List.of("text");

  @TempDir static Path folder;

  @Test
  void dependsOnTheDataOnly() {
    Set<List<String>> csv = new HashSet<>();
    Set<List<String>> filtered = new HashSet<>();
    Set<List<String>> hashed = new HashSet<>();
    for (int threads : new int[] {1, 4, 3}) {
      try (SparkSession spark = session(threads)) {
        if (threads == 1) {
          write(spark);
        }
        csv.add(order(spark, rows -> rows));
        filtered.add(order(spark, rows -> rows.where("id % 7 = 3").select("text")));
        hashed.add(order(spark, rows -> rows.repartition(threads + 4)));
        hashed.add(order(spark, rows -> rows.coalesce(1).orderBy("id")));
        hashed.add(order(spark, rows -> rows.limit(10_000)));
        hashed.add(order(spark, GlobalOrderTest::throughView));
      }
    }

    assertThat(csv).containsExactly(texts(1));
    assertThat(filtered).containsExactly(texts(7));
    assertThat(hashed).hasSize(1);
    List<String> byHash = hashed.iterator().next();
    assertThat(byHash).containsExactlyInAnyOrderElementsOf(texts(1)).isNotEqualTo(texts(1));
  }

  private static SparkSession session(int threads) {
    return SparkSession.builder()
        .master("local[" + threads + "]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", threads + 1)
        // So small that a file is read in several blocks, and by several tasks.
        .config("spark.sql.files.maxPartitionBytes", 900 * threads)
        .config("spark.sql.files.openCostInBytes", 0)
        .getOrCreate();
  }

  /** Five files; the fourth row of each hundred is there twice. */
  private static void write(SparkSession spark) {
    for (int file = 0; file < 5; file++) {
      spark
          .range(file * 100, file * 100 + 100, 1, 1)
          .selectExpr("id", "concat('row ', if(id % 100 = 3, 3, id)) as text")
          .write()
          .option("header", true)
          .mode("append")
          .csv(folder.resolve("part=" + (char) ('a' + file)).toString());
    }
  }

  private static List<String> texts(int step) {
    return IntStream.range(0, 500)
        .filter(id -> step == 1 || id % step == 3)
        .mapToObj(id -> "row " + (id % 100 == 3 ? 3 : id))
        .toList();
  }

  /** As SQLTransformer does; a view hides which files rows come from. */
  private static Dataset<Row> throughView(Dataset<Row> rows) {
    rows.createOrReplaceTempView("given");
    return rows.sparkSession().sql("SELECT * FROM given");
  }

  private static List<String> order(
      SparkSession spark, Function<Dataset<Row>, Dataset<Row>> change) {
    Dataset<Row> rows =
        spark.read().option("header", true).schema("id long, text string").csv(folder.toString());
    return GlobalOrder.of(change.apply(rows), COLUMNS)
        .toJavaRDD()
        .map(row -> row.getString(0))
        .collect();
  }
}
