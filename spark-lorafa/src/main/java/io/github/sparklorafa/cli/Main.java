package io.github.sparklorafa.cli;

import java.io.PrintWriter;
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

  public static void main(String[] args) {
    // Always: in local mode the timer of Spark's barrier tasks is no daemon and keeps the process.
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setParameterExceptionHandler((e, args) -> badCommandLine(e));
    commandLine.setExecutionExceptionHandler((e, command, result) -> main.failed(e, command));
    return commandLine;
  }

  private static int badCommandLine(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(e.getMessage());
    err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return BAD_INPUT;
  }

  private int failed(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    if (stackTrace) {
      e.printStackTrace(err);
    } else {
      err.println(e.getMessage() == null ? e.toString() : e.getMessage());
    }
    return e instanceof IllegalArgumentException ? BAD_INPUT : FAILURE;
  }
}
