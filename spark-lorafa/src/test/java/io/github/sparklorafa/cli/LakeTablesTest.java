package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.train.DataFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of Delta Lake and of Apache Iceberg, which grow by a day. */
@Tag("spark")
class LakeTablesTest {
  private static final String FIRST = "2026-11-21";
  private static final String SECOND = "2026-11-22";
  private static final int FIRST_ROWS = 6;
  private static final int SECOND_ROWS = 5;

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void trainsOnAVersionOrADayOfADeltaTable() {
    Path table = folder.resolve("lake/letters");
    try (SparkSession spark = session()) {
      day(spark, FIRST, FIRST_ROWS).write().format("delta").partitionBy("day").save(uri(table));
      day(spark, SECOND, SECOND_ROWS)
          .write()
          .format("delta")
          .mode("append")
          .partitionBy("day")
          .save(uri(table));
    }
    String read = "The rows are those of delta table " + uri(table) + ", version ";

    assertThat(train("--format=delta", "--data=" + table, "--options=versionAsOf=0"))
        .contains(read + "0", "on 6 rows");
    assertThat(train("--format=delta", "--data=" + table, "--where=day = '" + SECOND + "'"))
        .contains(read + "1", "on 5 rows");
    assertThat(
            train(
                "--format=table",
                "--data=delta.`" + table + "`",
                "--eval-data=delta.`" + table + "`",
                "--where=day < '" + SECOND + "'",
                "--eval-where=day = '" + SECOND + "'"))
        .contains(read + "1", "on 6 rows", "evaluation loss")
        .containsOnlyOnce(read);
  }

  @Tag("long")
  @Test
  void trainsOnASnapshotOfAnIcebergTable() {
    String table = "lake.db.letters";
    List<Row> snapshots;
    try (SparkSession spark = session()) {
      spark.sql("create table " + table + " (input_ids array<int>, day string) using iceberg");
      day(spark, FIRST, FIRST_ROWS).write().insertInto(table);
      day(spark, SECOND, SECOND_ROWS).write().insertInto(table);
      snapshots =
          spark
              .sql("select snapshot_id from " + table + ".snapshots order by committed_at")
              .collectAsList();
    }
    String read = "The rows are those of iceberg table " + table + ", snapshot ";
    long first = snapshots.get(0).getLong(0);
    long second = snapshots.get(1).getLong(0);

    assertThat(train("--format=iceberg", "--data=" + table, "--options=snapshot-id=" + first))
        .contains(read + first, "on 6 rows");
    assertThat(train("--format=table", "--data=" + table, "--where=day = '" + SECOND + "'"))
        .contains(read + second, "on 5 rows");
  }

  @Test
  void aConditionOnAPartitionReadsThatPartitionOnly() {
    try (SparkSession spark = session()) {
      String files = uri(folder.resolve("files"));
      day(spark, FIRST, FIRST_ROWS).write().partitionBy("day").parquet(files);
      Dataset<Row> rows = Datasets.read(spark, DataFormat.PARQUET, files, Map.of());

      assertThat(
              Datasets.where(rows, "day = '" + SECOND + "'")
                  .queryExecution()
                  .executedPlan()
                  .toString())
          .containsPattern("PartitionFilters: \\[[^]]*day#\\d+ = ");
    }
  }

  @Test
  void saysWhatIsWrongWithACondition() {
    try (SparkSession spark = session()) {
      day(spark, FIRST, FIRST_ROWS).write().parquet(uri(folder.resolve("files")));
    }

    run("--data=" + folder.resolve("files"), "--where=dai = 1");

    assertThat(err.toString())
        .startsWith("Cannot choose rows: dai = 1 ([UNRESOLVED_COLUMN")
        .contains("over the columns input_ids, day)");
  }

  private String train(String... data) {
    int code = run(data);
    assertThat(code).as(err.toString()).isEqualTo(Main.OK);
    String said = out.toString();
    out.getBuffer().setLength(0);
    return said;
  }

  private int run(String... data) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "train",
                "--model=" + Path.of("src/test/resources/reference/llama-gqa").toAbsolutePath(),
                "--output=" + folder.resolve("adapter-" + System.nanoTime()),
                "--batch-size=2",
                "--max-steps=2",
                "--workers=1",
                "--rank=2"));
    words.addAll(List.of(data));
    // The command finds this session, and ends it.
    try (SparkSession spark = session()) {
      return Main.commandLine()
          .setOut(new PrintWriter(out))
          .setErr(new PrintWriter(err))
          .execute(words.toArray(String[]::new));
    }
  }

  private SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.warehouse.dir", uri(folder.resolve("warehouse")))
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog")
        .config("spark.sql.catalog.lake.type", "hadoop")
        .config("spark.sql.catalog.lake.warehouse", uri(folder.resolve("iceberg")))
        .getOrCreate();
  }

  private static Dataset<Row> day(SparkSession spark, String day, int count) {
    List<Row> rows =
        IntStream.range(0, count)
            .mapToObj(row -> RowFactory.create(List.of(5 + row, 6, 7, 8 + row), day))
            .toList();
    return spark.createDataFrame(rows, StructType.fromDDL("input_ids array<int>, day string"));
  }

  private static String uri(Path path) {
    return "file:" + path;
  }
}
