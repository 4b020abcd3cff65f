package io.github.sparklorafa.cli;

import java.io.PrintWriter;
import org.apache.spark.SparkUserAppException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The entry point of all commands. */
@Command(
    name = "spark-lorafa",
    description = "Fine-tunes language models with LoRA-FA on Apache Spark.",
    mixinStandardHelpOptions = true,
    version = "spark-lorafa",
    subcommands = {
      TrainCommand.class,
      GenerateCommand.class,
      PredictCommand.class,
      MergeCommand.class,
      InspectCommand.class,
      PlanCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      DemoCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main {
  static final int OK = 0;
  static final int FAILURE = 1;
  static final int BAD_INPUT = 2;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error too.")
  private boolean stackTrace;

  private Exception problem;

  /**
   * Ends the process. Where the cluster manager runs the driver it only returns, or throws what
   * went wrong: YARN's application master takes an exit within {@code main} for a failure whatever
   * the status, and shows a thrown exception as the application's diagnostics.
   */
  public static void main(String[] args) throws Exception {
    Main main = new Main();
    int status = commandLine(main).execute(args);
    if (!System.getProperty("spark.submit.deployMode", "client").equals("cluster")) {
      // Always: in local mode the timer of Spark's barrier tasks is no daemon and keeps the
      // process.
      System.exit(status);
    }
    if (main.problem != null) {
      throw main.problem;
    }
    if (status != OK) {
      throw new SparkUserAppException(status);
    }
  }

  static CommandLine commandLine() {
    return commandLine(new Main());
  }

  private static CommandLine commandLine(Main main) {
    CommandLine commandLine = new CommandLine(main);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setParameterExceptionHandler((e, args) -> main.badCommandLine(e));
    commandLine.setExecutionExceptionHandler((e, command, result) -> main.failed(e, command));
    return commandLine;
  }

  private int badCommandLine(ParameterException e) {
    problem = e;
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(e.getMessage());
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return BAD_INPUT;
  }

  private int failed(Exception e, CommandLine command) {
    problem = e;
    PrintWriter err = command.getErr();
    if (stackTrace) {
      e.printStackTrace(err);
    } else {
      err.println(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return e instanceof IllegalArgumentException ? BAD_INPUT : FAILURE;
  }
}
