package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.Extras;
import io.github.sparklorafa.train.RunSettings;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrainCommandTest {
  private static final List<String> REQUIRED =
      List.of("--model", "m", "--data", "d", "--output", "o");

  /** One for each flag that goes with the others. */
  private static final Map<String, String> TEXTS =
      Map.ofEntries(
          Map.entry("task", "sequence-classification"),
          Map.entry("num-labels", "3"),
          Map.entry("problem-type", "multi-label"),
          Map.entry("freeze-head", "true"),
          Map.entry("mlm-probability", "0.25"),
          Map.entry("max-target-length", "9"),
          Map.entry("format", "csv"),
          Map.entry("eval-data", "e"),
          Map.entry("text-column", "t"),
          Map.entry("prompt-column", "p"),
          Map.entry("completion-column", "c"),
          Map.entry("input-ids-column", "i"),
          Map.entry("attention-mask-column", "a"),
          Map.entry("token-type-ids-column", "ty"),
          Map.entry("labels-column", "l"),
          Map.entry("text-pair-column", "tp"),
          Map.entry("label-column", "la"),
          Map.entry("messages-column", "m"),
          Map.entry("instruction-column", "in"),
          Map.entry("input-column", "ip"),
          Map.entry("output-column", "o"),
          Map.entry("options", "escape=,quote==,sep=;"),
          Map.entry("where", "day = '1'"),
          Map.entry("eval-where", "day = '2'"),
          Map.entry("method", "lora"),
          Map.entry("rank", "3"),
          Map.entry("alpha", "5.5"),
          Map.entry("target-modules", "q_proj,v_proj"),
          Map.entry("exclude-modules", "0.self_attn.q_proj"),
          Map.entry("layers-to-transform", "0,2"),
          Map.entry("rank-pattern", "q_proj=7,layers.(0|1){1,2}.*=3"),
          Map.entry("alpha-pattern", "q_proj=0.5,v_proj=4"),
          Map.entry("lora-dropout", "0.25"),
          Map.entry("modules-to-save", "lm_head"),
          Map.entry("init-a", "normal"),
          Map.entry("init-adapter", "a"),
          Map.entry("use-rslora", "true"),
          Map.entry("workers", "4"),
          Map.entry("device", "cpu"),
          Map.entry("dtype", "bf16"),
          Map.entry("base-dtype", "nf4"),
          Map.entry("batch-size", "12"),
          Map.entry("micro-batch-size", "6"),
          Map.entry("recompute", "mlp"),
          Map.entry("memory", "3g"),
          Map.entry("epochs", "2.5"),
          Map.entry("max-steps", "7"),
          Map.entry("learning-rate", "0.01"),
          Map.entry("schedule", "cosine"),
          Map.entry("warmup-steps", "2"),
          Map.entry("weight-decay", "0.1"),
          Map.entry("beta1", "0.8"),
          Map.entry("beta2", "0.99"),
          Map.entry("epsilon", "1.0E-6"),
          Map.entry("max-grad-norm", "0.5"),
          Map.entry("max-length", "64"),
          Map.entry("shuffle", "false"),
          Map.entry("seed", "9"),
          Map.entry("eval-every", "3"),
          Map.entry("metrics", "x.jsonl"),
          Map.entry("head-learning-rate", "0.02"),
          Map.entry("checkpoint-dir", "c"),
          Map.entry("checkpoint-every", "11"),
          Map.entry("keep-checkpoints", "3"),
          Map.entry("resume", "r"),
          Map.entry("early-stopping-patience", "1"),
          Map.entry("metric-for-best", "eval_loss"),
          Map.entry("on-nan", "skip"),
          Map.entry("wire-dtype", "bf16"),
          Map.entry("sync-every", "8"),
          Map.entry("transport", "spark"),
          Map.entry("tensorboard", "tb"));

  @TempDir Path folder;

  private static TrainConfig parsed(String... more) {
    CommandLine main = Main.commandLine();
    List<String> words = new ArrayList<>(List.of("train"));
    words.addAll(REQUIRED);
    words.addAll(List.of(more));
    main.parseArgs(words.toArray(String[]::new));
    CommandLine train = main.getSubcommands().get("train");
    return ((TrainCommand) train.getCommand()).config();
  }

  private record Run(int code, String out, String err) {
    static Run of(String... args) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      int code =
          Main.commandLine()
              .setOut(new PrintWriter(out))
              .setErr(new PrintWriter(err))
              .execute(args);
      return new Run(code, out.toString(), err.toString());
    }
  }

  @Test
  void everyFieldHasAFlag() {
    List<String> fields =
        Arrays.stream(TrainConfig.class.getRecordComponents())
            .flatMap(TrainCommandTest::names)
            .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
            .toList();
    assertThat(TrainFlags.ALL).extracting(TrainFlag::name).containsExactlyElementsOf(fields);
  }

  /** Those of a record within the record stand in its place. */
  private static Stream<String> names(RecordComponent field) {
    if (field.getType() == Columns.class) {
      return Arrays.stream(Columns.class.getRecordComponents())
          .map(column -> column.getName() + "Column");
    }
    return field.getType().isRecord()
        ? Arrays.stream(field.getType().getRecordComponents()).flatMap(TrainCommandTest::names)
        : Stream.of(field.getName());
  }

  @Test
  void flagsAreOptional() {
    assertThat(parsed()).isEqualTo(TrainConfig.builder().model("m").data("d").output("o").build());
  }

  @Test
  void everyFlagSetsItsField() {
    String[] words =
        TEXTS.entrySet().stream()
            .flatMap(flag -> Stream.of("--" + flag.getKey(), flag.getValue()))
            .toArray(String[]::new);

    TrainConfig config = parsed(words);

    for (TrainFlag flag : TrainFlags.ALL) {
      if (TEXTS.containsKey(flag.name())) {
        assertThat(flag.shown().apply(config)).as(flag.name()).isEqualTo(TEXTS.get(flag.name()));
      }
    }
    assertThat(parsed("--group-by-length=true").groupByLength()).isTrue();
    assertThat(parsed("--packing=true").packing()).isTrue();
    assertThat(
            parsed("--optimizer=plain:momentum", "--optimizer-options=momentum=0.5, b=c").extras())
        .isEqualTo(new Extras("plain:momentum", Map.of("momentum", "0.5", "b", "c"), ""));
    assertThat(parsed("--gradient-correction=gram").gradientCorrection().text()).isEqualTo("gram");
  }

  /** What the UI and the card of an adapter show, and the command that they name. */
  @Test
  void settingsAreTheFlags() {
    String[] words =
        TEXTS.entrySet().stream()
            .flatMap(flag -> Stream.of("--" + flag.getKey(), flag.getValue()))
            .toArray(String[]::new);
    for (TrainConfig config :
        List.of(
            parsed(words),
            parsed(),
            parsed("--rank-pattern=b=2,a=4", "--options=z=1,b=2", "--group-by-length=true"))) {
      Map<String, String> shown = new LinkedHashMap<>();
      TrainFlags.ALL.forEach(flag -> shown.put(flag.name(), flag.shown().apply(config)));
      assertThat(RunSettings.of(config)).containsExactlyEntriesOf(shown);
      assertThat(TrainFlags.config(RunSettings.chosen(config))).isEqualTo(config);
    }
    assertThat(RunSettings.chosen(parsed())).containsOnlyKeys("model", "data", "output");
  }

  @Test
  void expressionsMayHaveCommas() {
    assertThat(parsed("--target-modules", "regex:.*q{1,2}_proj").targetModules())
        .containsExactly("regex:.*q{1,2}_proj");
    assertThat(parsed("--rank-pattern", "q_proj=7, v_proj=3").rankPattern())
        .containsExactly(entry("q_proj", 7), entry("v_proj", 3));
    assertThat(Run.of("train", "--rank-pattern", "q_proj", "--alpha-pattern", "a=1,a=2").err())
        .contains(
            "Cannot use --rank-pattern: q_proj (write MODULE=NUMBER, comma-separated)",
            "Cannot use --alpha-pattern: a=1,a=2 (write a once)");
  }

  @Test
  void helpShowsDefaults() {
    Run run = Run.of("train", "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("--rank=N")
        .contains("Default: 16.")
        .contains("--learning-rate=X")
        .contains("Default: 0.002.")
        .contains("Seed of A, of the order and of dropout.")
        .contains("(LLaMA and its kin, RoBERTa, BERT, T5)")
        .contains("--config=FILE.yaml");
  }

  @Test
  void reportsAllProblemsAtOnce() {
    Run run =
        Run.of(
            "train", "--rank", "many", "--batch-size", "0", "--format", "xml", "--options", "sep");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err().lines())
        .containsExactly(
            "Cannot use format: xml (use parquet, json, csv, orc, avro, text, delta, iceberg, table)",
            "Cannot use --options: item 1 of 1 has no key (write KEY=VALUE, comma-separated)",
            "Cannot use --rank: many (give a whole number)",
            "Cannot train without model: nothing given (name the folder of a Hugging Face"
                + " checkpoint)",
            "Cannot train without data: nothing given (name a path or table)",
            "Cannot train without output: nothing given (name a folder that does not exist yet)",
            "Cannot use batch size: 0 (use 1 or more)");
  }

  @Test
  void unknownFlagsAreBadInput() {
    Run run = Run.of("train", "--ranks", "3");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--ranks").contains("spark-lorafa train --help");
  }

  @Test
  void stackTraceOnDemand() {
    assertThat(Run.of("train", "--stacktrace").err()).contains("\tat io.github.sparklorafa");
  }

  @Test
  void readsAFileAndTheCommandLineWins() throws IOException {
    Path file = folder.resolve("train.yaml");
    Files.writeString(
        file, "method: full\nrank: 4\nlearning-rate: 1e-3\ntarget-modules: [q_proj, v_proj]\n");

    TrainConfig config = parsed("--config", file.toString(), "--rank", "5");

    assertThat(config.method()).isEqualTo(Method.FULL);
    assertThat(config.rank()).isEqualTo(5);
    assertThat(config.learningRate()).isEqualTo(1e-3);
    assertThat(config.targetModules()).containsExactly("q_proj", "v_proj");
  }

  @Test
  void refusesKeysThatAreNoFlags() throws IOException {
    Path file = folder.resolve("train.yaml");
    Files.writeString(file, "ranks: 4\ntask:\n  name: x\n");

    assertThatThrownBy(() -> parsed("--config", file.toString()))
        .hasMessage(
            "Cannot use ranks in %s (train has no flag --ranks)\nCannot use task in %s (write one value, or a list)",
            file, file);
  }

  @Test
  void saysNothingOfWhatMayBeAPassword() throws IOException {
    Path file = folder.resolve("train.yaml");
    Files.writeString(file, "rank: 4\noptions: [password=hidden, \"user\n");

    assertThatThrownBy(() -> parsed("--config", file.toString()))
        .hasMessageStartingWith("Cannot read --config: " + file + " (line 3: ")
        .hasMessageNotContaining("hidden");
    assertThat(Run.of("train", "--options", "user=me,password=hid,den").err())
        .contains("Cannot use --options: item 3 of 3 has no key (")
        .doesNotContain("hid")
        .doesNotContain("den ");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    assertThatThrownBy(() -> parsed("--config", folder.resolve("none.yaml").toString()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read --config: ");
  }
}
