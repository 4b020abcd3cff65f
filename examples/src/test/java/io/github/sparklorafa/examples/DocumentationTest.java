package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.cli.DemoFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the Java and Scala of the pages as it stands there, but for smaller clusters: its models are
 * tiny ones in a local folder, its tables a few rows.
 */
@Tag("spark")
class DocumentationTest {
  private static final Path REPOSITORY = Path.of(System.getProperty("spark-lorafa.repository"));

  @TempDir static Path folder;
  private static SparkSession spark;
  private static Dataset<Row> reviews;

  @BeforeAll
  static void start() throws IOException {
    spark = LocalSpark.open(folder);
    Path models = Files.createDirectory(folder.resolve("models"));
    DemoFiles demo =
        DemoFiles.unpack(
            folder.resolve("demo").toString(), spark.sparkContext().hadoopConfiguration());
    copy(folder.resolve("demo/base"), models.resolve("llama-3.2-1b"));
    copy(folder.resolve("demo/base"), models.resolve("llama-3.2-1b-instruct"));
    Files.writeString(
        models.resolve("llama-3.2-1b-instruct/chat_template.jinja"),
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
            + "{% if add_generation_prompt %}assistant: {% endif %}");
    copy(REPOSITORY.resolve("examples/data/sentiment/base"), models.resolve("roberta-base"));
    spark.sql("CREATE DATABASE support");
    Dataset<Row> letters = spark.read().json(demo.train()).limit(18).cache();
    letters.write().saveAsTable("support.answered");
    letters.select("prompt").limit(2).write().saveAsTable("support.open");
    letters
        .selectExpr(
            "array(named_struct('role', 'user', 'content', prompt),"
                + " named_struct('role', 'assistant', 'content', completion)) AS messages",
            "false AS closed")
        .limit(6)
        .write()
        .saveAsTable("support.chats");
    reviews =
        spark
            .read()
            .option("header", true)
            .csv(REPOSITORY.resolve("examples/data/sentiment/train.csv").toString())
            .selectExpr("review AS text", "label")
            .limit(40)
            .cache();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  /** The blocks of a language, for this machine. */
  private static List<String> blocks(String page, String language) throws IOException {
    String text = Files.readString(REPOSITORY.resolve(page));
    List<String> blocks = new ArrayList<>();
    Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
        .matcher(text)
        .results()
        .forEach(block -> blocks.add(forThisMachine(block.group(1))));
    return blocks;
  }

  private static String forThisMachine(String code) {
    return code.replace("hdfs:///", folder.toUri().toString())
        .replace("orkers(4)", "orkers(2)")
        .replace("setNumFolds(3)", "setNumFolds(2)");
  }

  private static List<Map<String, List<Row>>> run(String page) throws Exception {
    List<Map<String, List<Row>>> tables = new ArrayList<>();
    for (String code : blocks(page, "java")) {
      tables.add(JavaBlock.run(code, folder, spark, reviews));
    }
    return tables;
  }

  private static void assertDrafts(Map<String, List<Row>> tables, String column) {
    assertThat(tables).containsOnlyKeys("drafts");
    assertThat(tables.get("drafts"))
        .hasSize(2)
        .allSatisfy(row -> assertThat(row.<String>getAs(column)).isNotNull());
  }

  /** The page on prediction uses the adapter that the first page trains. */
  @Test
  void theFirstPageAndPrediction() throws Exception {
    List<Map<String, List<Row>>> first = run("README.md");
    assertThat(first).hasSize(2);
    assertThat(folder.resolve("models/support-adapter/adapter_model.safetensors")).isNotEmptyFile();
    assertThat(first.get(0)).isEmpty();
    assertDrafts(first.get(1), "prediction");

    List<Map<String, List<Row>>> prediction = run("docs/predict.md");
    assertThat(prediction).hasSize(1);
    assertDrafts(prediction.get(0), "completion");
  }

  @Test
  void sparkMl() throws Exception {
    List<Map<String, List<Row>>> tables = run("docs/spark-ml.md");
    assertThat(tables).hasSize(4);
    assertDrafts(tables.get(0), "prediction");
    assertThat(tables.get(3).get("replies"))
        .hasSize(6)
        .allSatisfy(row -> assertThat(row.<String>getAs("prediction")).isNotNull());
    assertThat(folder.resolve("models/support/v1/adapter/adapter_model.safetensors"))
        .isNotEmptyFile();

    List<String> scala = blocks("docs/spark-ml.md", "scala");
    assertThat(scala).hasSize(1);
    try (ScalaShell shell = new ScalaShell(spark)) {
      assertThat(shell.run(scala.get(0))).contains("prediction|");
    }
    assertThat(folder.resolve("models/support/v2/adapter/adapter_model.safetensors"))
        .isNotEmptyFile();
  }

  /** Or nothing above would notice that a page is wrong. */
  @Test
  void codeThatIsWrongIsNoticed() {
    assertThatThrownBy(
            () -> JavaBlock.run("new LoraFaCausalLM().setSpeed(9);\n", folder, spark, reviews))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("cannot find symbol");
    assertThatThrownBy(
            () ->
                JavaBlock.run(
                    "Dataset<Row> lost = spark.table(\"no.where\");\n", folder, spark, reviews))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("it fails:");
  }
}
