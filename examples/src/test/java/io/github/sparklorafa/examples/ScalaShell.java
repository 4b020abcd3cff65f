package io.github.sparklorafa.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import scala.Console;
import scala.collection.JavaConverters;
import scala.tools.nsc.Settings;
import scala.tools.nsc.interpreter.IMain;

/** The Scala interpreter that notebooks and {@code spark-shell} run paragraphs in. */
final class ScalaShell implements AutoCloseable {
  private final StringWriter messages = new StringWriter();
  private final IMain interpreter;

  ScalaShell(SparkSession spark) {
    Settings settings = new Settings();
    settings.embeddedDefaults(ScalaShell.class.getClassLoader());
    settings.classpath().value_$eq(System.getProperty("java.class.path"));
    interpreter = new IMain(settings, new PrintWriter(messages));
    interpreter.initializeSynchronous();
    interpreter.bind(
        "spark",
        SparkSession.class.getName(),
        spark,
        JavaConverters.asScalaBuffer(List.<String>of()).toList());
  }

  /**
   * Runs a paragraph.
   *
   * @return what it printed
   * @throws AssertionError with the interpreter's messages if it does not compile or fails
   */
  String run(String code) {
    messages.getBuffer().setLength(0);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Object result = Console.withOut(printed, () -> interpreter.interpret(code));
    if (!result.toString().equals("Success")) {
      throw new AssertionError(result + " in\n" + code + "\n" + messages);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    interpreter.close();
  }
}
