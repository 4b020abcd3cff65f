package io.github.sparklorafa.cli;

import io.github.sparklorafa.spark.stage.Doctor;
import io.github.sparklorafa.spark.stage.Finding;
import io.github.sparklorafa.spark.stage.Finding.Level;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what would go wrong in a run. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Looks for what would go wrong in a run, on the driver and on each executor, and says what"
            + " to do. Exits with 1 if there is a problem.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      defaultValue = "",
      description = "Checkpoint that all must be able to read; default: none.")
  private String model;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Executors that a run would have. Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Override
  public Integer call() {
    try (SparkSession spark = Sessions.open("doctor")) {
      return print(Doctor.examine(spark, model, workers), spec.commandLine().getOut());
    }
  }

  static int print(List<Finding> findings, PrintWriter out) {
    String place = "";
    for (Finding finding : findings) {
      if (!finding.place().equals(place)) {
        place = finding.place();
        out.println(place);
      }
      String level = finding.level().name().toLowerCase(Locale.ROOT);
      out.println(
          String.format(Locale.ROOT, "  %-8s %-16s %s", level, finding.what(), finding.text()));
    }
    long problems = findings.stream().filter(f -> f.level() == Level.PROBLEM).count();
    out.println(problems == 0 ? "No problem found" : "Problems: " + problems);
    out.flush();
    return problems == 0 ? Main.OK : Main.FAILURE;
  }
}
