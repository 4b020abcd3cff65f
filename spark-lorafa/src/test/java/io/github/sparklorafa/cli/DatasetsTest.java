package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.train.DataFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same two rows, one with quotes and a line break, in every format. */
@Tag("spark")
class DatasetsTest {
  private static final List<String> ROWS = List.of("Say hi:| \"hi\",\nyou", "Order 7:| ship, now");

  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void start(@TempDir Path warehouse) {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.warehouse.dir", warehouse.toString())
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataFormat.class,
      names = {"PARQUET", "ORC", "AVRO", "JSON", "CSV"})
  void readsWhatSparkWrites(DataFormat format) {
    String path = folder.resolve("rows").toString();
    rows()
        .write()
        .option("header", true)
        .option("escape", "\"")
        .option("ignoreLeadingWhiteSpace", false) // Spark's CSV writer strips without it
        .format(format.text())
        .save(path);

    assertThat(texts(Datasets.read(spark, format, path))).isEqualTo(ROWS);
  }

  @Test
  void readsATableOfTheCatalog() {
    rows().write().saveAsTable("given_rows");

    assertThat(texts(Datasets.read(spark, DataFormat.TABLE, "default.given_rows"))).isEqualTo(ROWS);
  }

  @Test
  void readsLinesOfText() throws IOException {
    Path file = Files.writeString(folder.resolve("lines.txt"), "one\n\ntwo\n");

    Dataset<Row> rows = Datasets.read(spark, DataFormat.TEXT, file.toString());

    assertThat(rows.columns()).containsExactly("text");
    assertThat(rows.as(Encoders.STRING()).collectAsList()).containsExactly("one", "", "two");
  }

  @Test
  void readsAJsonArrayOverManyLines() throws IOException {
    String array =
        """

          [
            {
              "prompt": "Say hi:", "input": "",
              "completion": " \\"hi\\",\\nyou"
            },
            {
              "prompt": "Order 7:", "input": "",
              "completion": " ship, now"
            }
          ]
        """;
    Path plain = Files.writeString(folder.resolve("alpaca.json"), array);
    Path packed = folder.resolve("alpaca.json.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(array.getBytes(StandardCharsets.UTF_8));
    }

    assertThat(texts(Datasets.read(spark, DataFormat.JSON, plain.toString()))).isEqualTo(ROWS);
    assertThat(texts(Datasets.read(spark, DataFormat.JSON, packed.toString()))).isEqualTo(ROWS);
  }

  @Test
  void looksForAnArrayInTheFilesThatAreReadAndNotInOthers() throws IOException {
    String row = "{\"prompt\": \"Order 7:\", \"input\": \"\", \"completion\": \" ship, now\"}";
    Path mixed = Files.createDirectory(folder.resolve("with space"));
    Files.writeString(mixed.resolve("0.json"), " \n\n");
    Files.writeString(mixed.resolve("1.json"), "\uFEFF[\n" + row + "\n]");
    Files.writeString(mixed.resolve("2.lines"), row + "\n" + row + "\n");

    assertThat(prompts(mixed, "*.json")).containsExactly("Order 7:");
    assertThat(prompts(mixed, "*.lines")).containsExactly("Order 7:", "Order 7:");
  }

  private static List<String> prompts(Path path, String files) {
    return Datasets.read(spark, DataFormat.JSON, path.toString(), Map.of("pathGlobFilter", files))
        .select("prompt")
        .as(Encoders.STRING())
        .collectAsList();
  }

  @Test
  void readsCsvOfOtherHands() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("rows.csv"),
            "prompt,completion\r\nSay hi:,\" \"\"hi\"\",\nyou\"\r\nOrder 7:,\" ship, now\"\r\n");

    assertThat(texts(Datasets.read(spark, DataFormat.CSV, file.toString()))).isEqualTo(ROWS);
  }

  @Test
  void optionsWin() throws IOException {
    Path file = Files.writeString(folder.resolve("rows.tsv"), "Order 7:\t ship, now\n");

    Dataset<Row> rows =
        Datasets.read(
            spark, DataFormat.CSV, file.toString(), Map.of("sep", "\\t", "header", "false"));

    assertThat(texts(rows.toDF("prompt", "completion"))).containsExactly(ROWS.get(1));
  }

  @Test
  void tellsWhatCannotBeRead() {
    assertThatThrownBy(() -> Datasets.read(spark, DataFormat.PARQUET, "/no/such/rows"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read data: /no/such/rows as parquet ([PATH_NOT_FOUND]");
    assertThatThrownBy(() -> Datasets.read(spark, DataFormat.TABLE, "no_such_table"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read data: no_such_table as table ([TABLE_OR_VIEW_NOT_F");
  }

  @Test
  void tellsHowToReadAvro() {
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(new URLClassLoader(new URL[0], null));
    try {
      assertThatThrownBy(() -> Datasets.read(spark, DataFormat.AVRO, "/rows"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot read avro: /rows (add --packages org.apache.spark:spark-avro_2.12:"
                  + spark.version()
                  + ")");
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  private static Dataset<Row> rows() {
    return spark
        .createDataset(ROWS, Encoders.STRING())
        .selectExpr("split(value, '[|]')[0] as prompt", "split(value, '[|]')[1] as completion")
        .coalesce(1);
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.collectAsList().stream()
        .map(row -> row.<String>getAs("prompt") + "|" + row.<String>getAs("completion"))
        .toList();
  }
}
