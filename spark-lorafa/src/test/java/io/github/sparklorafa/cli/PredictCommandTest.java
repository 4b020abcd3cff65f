package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.infer.BeamSearch;
import io.github.sparklorafa.infer.GenerationConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class PredictCommandTest {
  private static final List<String> REQUIRED =
      List.of("predict", "--model", "m", "--data", "d", "--output", "o");

  private static PredictCommand parsed(String... more) {
    CommandLine main = Main.commandLine();
    main.parseArgs(words(more));
    return main.getSubcommands().get("predict").getCommand();
  }

  private static String[] words(String... more) {
    List<String> words = new ArrayList<>(REQUIRED);
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  @Test
  void isGreedyUnlessAskedOtherwise() {
    assertThat(parsed().generation.config()).isEqualTo(GenerationConfig.greedy(64));
  }

  @Test
  void flagsSetTheirFields() {
    PredictCommand command =
        parsed(
            "--max-new-tokens=9",
            "--temperature=0.7",
            "--top-k=5",
            "--top-p=0.9",
            "--repetition-penalty=1.1",
            "--stop=a",
            "--stop=b c",
            "--seed=4");
    assertThat(command.generation.config())
        .isEqualTo(new GenerationConfig(9, 0.7, 5, 0.9, 1.1, List.of("a", "b c"), 4));
  }

  @Test
  void flagsSetTheSearch() {
    PredictCommand command =
        parsed("--num-beams=4", "--length-penalty=0.5", "--early-stopping=never");
    assertThat(command.generation.config())
        .isEqualTo(
            GenerationConfig.greedy(64)
                .with(new BeamSearch(4, 0.5, BeamSearch.EarlyStopping.NEVER)));
  }

  @Test
  void reportsAllBadFlagsAtOnce() {
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setErr(new PrintWriter(err))
            .execute(
                words(
                    "--task=x",
                    "--output-format=csv",
                    "--dtype=int8",
                    "--base-dtype=nf8",
                    "--max-new-tokens=0"));
    assertThat(code).isEqualTo(Main.BAD_INPUT);
    assertThat(err.toString())
        .isEqualToNormalizingNewlines(
            """
            Cannot use task: x (use completion or sequence-classification or perplexity)
            Cannot use output format: csv (use parquet or json)
            Cannot use dtype: int8 (use fp32 or bf16)
            Cannot use base dtype: nf8 (use fp32, bf16, int8, nf4)
            Cannot use max new tokens: 0 (use 1 or more)
            """);
  }

  @Test
  void findsOurMessageInSparks() {
    Exception spark =
        new Exception(
            "Job aborted: Task 0 in stage 3.0 failed 4 times: java.lang.IllegalArgumentException:"
                + " Cannot read prompt of row 1: id 280 (use another)\n\tat a.b.C");
    assertThat(TaskFailure.firstCause(spark))
        .isEqualTo("Cannot read prompt of row 1: id 280 (use another)");
    assertThat(TaskFailure.firstCause(new Exception("other\nlines"))).isEqualTo("other");
  }
}
