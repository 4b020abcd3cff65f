package io.github.sparklorafa.examples;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A piece of Java from a page, as the body of a method that is given a session and a table. */
final class JavaBlock {
  private static final List<String> IMPORTS =
      List.of(
          "io.github.sparklorafa.infer",
          "io.github.sparklorafa.spark.ml",
          "io.github.sparklorafa.spark.stage",
          "io.github.sparklorafa.train",
          "java.util",
          "org.apache.spark.ml",
          "org.apache.spark.ml.evaluation",
          "org.apache.spark.ml.tuning",
          "org.apache.spark.sql");

  private static final Pattern TABLES = Pattern.compile("Dataset<Row> (\\w+) =");

  private JavaBlock() {}

  /**
   * Compiles and runs it.
   *
   * @return the rows of each table that it makes, by name
   * @throws AssertionError with the compiler's messages if it does not compile
   */
  static Map<String, List<Row>> run(
      String code, Path folder, SparkSession spark, Dataset<Row> reviews) throws Exception {
    Path classes = Files.createTempDirectory(folder, "block");
    compile(source(code), classes);
    Map<String, List<Row>> tables = new TreeMap<>();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, JavaBlock.class.getClassLoader())) {
      loader
          .loadClass("Block")
          .getMethod("run", SparkSession.class, Dataset.class, Map.class)
          .invoke(null, spark, reviews, tables);
    } catch (InvocationTargetException e) {
      throw new AssertionError("it fails:\n" + code, e.getCause());
    }
    return tables;
  }

  private static String source(String code) {
    String read =
        TABLES
            .matcher(code)
            .results()
            .map(table -> table.group(1))
            .map(table -> "tables.put(\"%s\", %s.collectAsList());\n".formatted(table, table))
            .collect(Collectors.joining());
    return IMPORTS.stream().map("import %s.*;\n"::formatted).collect(Collectors.joining())
        + "public final class Block {\n"
        + "public static void run(SparkSession spark, Dataset<Row> reviews,"
        + " Map<String, List<Row>> tables) throws Exception {\n"
        + code
        + read
        + "}\n}\n";
  }

  private static void compile(String source, Path classes) throws IOException {
    Path file = Files.writeString(classes.resolve("Block.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-proc:none",
            "-classpath",
            System.getProperty("java.class.path"));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      if (!compiler
          .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
          .call()) {
        throw new AssertionError(messages + "in\n" + source);
      }
    }
  }
}
