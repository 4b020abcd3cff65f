package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.TokenStoreManifest;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.markup.LineChart;
import io.github.sparklorafa.markup.LineChart.Point;
import io.github.sparklorafa.markup.Markdown;
import io.github.sparklorafa.train.EvaluationReport;
import io.github.sparklorafa.train.MethodPlan;
import io.github.sparklorafa.train.RunSettings;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainSummary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The card beside a result: {@value #README}, a model card as the Hugging Face hub reads it, and
 * {@value #CURVE}. Secrets in options and paths are left out.
 */
final class ResultCard {
  static final String README = "README.md";
  static final String CURVE = "loss.svg";

  private final JobPlan plan;
  private final TrainConfig config;
  private final Map<String, String> settings;
  private final Map<String, String> chosen;
  private final Made made;

  /**
   * What is known in the end.
   *
   * @param rows that were trained on
   * @param evalRows that were evaluated on
   * @param tables that were read, and in which version
   * @param history of the steps
   * @param summary of worker 0
   * @param attempts that training took
   * @param versions of what trained, by name
   */
  record Made(
      TokenStoreManifest rows,
      Optional<TokenStoreManifest> evalRows,
      List<String> tables,
      RunHistory history,
      TrainSummary summary,
      int attempts,
      Map<String, String> versions) {}

  private ResultCard(JobPlan plan, Made made) {
    this.plan = plan;
    this.config = plan.config();
    this.made = made;
    this.settings = RunTexts.redacted(RunSettings.of(config), config, plan.cluster().conf());
    this.chosen = RunTexts.redacted(RunSettings.chosen(config), config, plan.cluster().conf());
  }

  /** The card's files, by name. */
  static Map<String, String> files(JobPlan plan, Made made) {
    ResultCard card = new ResultCard(plan, made);
    Map<String, String> files = new LinkedHashMap<>();
    files.put(README, card.readme());
    files.put(CURVE, card.curve());
    return files;
  }

  private String curve() {
    return new LineChart("Loss")
            .line("training", made.history().losses())
            .marks(
                "evaluation",
                made.history().evaluations().stream()
                    .map(report -> new Point(report.step(), report.evalLoss()))
                    .toList())
            .svg()
        + "\n";
  }

  private String readme() {
    Markdown out = new Markdown();
    out.say(frontMatter());
    String kind = config.method() == Method.FULL ? "Fine-tuned " : "Adapter for ";
    out.say("\n# ").say(kind).text(name(settings.get("model"))).paragraph();
    out.say(
            config.method() == Method.LORA_FA
                ? "Trained with [LoRA-FA](https://arxiv.org/abs/2308.03303): the base and A are"
                    + " frozen, B is trained."
                : "Trained with method " + config.method().text() + ".")
        .paragraph();
    out.say("![Loss over steps](" + CURVE + ")").paragraph();
    use(out);
    results(out);
    data(out);
    settings(out);
    memory(out);
    command(out);
    return out.toString();
  }

  /** JSON strings are YAML too, whatever they hold. */
  private String frontMatter() {
    return "---\nbase_model: %s\nlibrary_name: %s\npipeline_tag: %s\ntags:\n- spark-lorafa\n- %s\ndatasets:\n- %s\n---\n"
        .formatted(
            StageJson.write(settings.get("model")),
            config.method() == Method.FULL ? "transformers" : "peft",
            pipeline(),
            config.method().text(),
            StageJson.write(settings.get("data")));
  }

  private String pipeline() {
    return switch (config.task()) {
      case CAUSAL_LM -> "text-generation";
      case MASKED_LM -> "fill-mask";
      case SEQUENCE_CLASSIFICATION -> "text-classification";
      case SEQ2SEQ -> "text2text-generation";
    };
  }

  private static String name(String folder) {
    String trimmed = folder.replaceAll("/+$", "");
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  private void use(Markdown out) {
    String type =
        switch (config.task()) {
          case CAUSAL_LM -> "AutoModelForCausalLM";
          case MASKED_LM -> "AutoModelForMaskedLM";
          case SEQUENCE_CLASSIFICATION -> "AutoModelForSequenceClassification";
          case SEQ2SEQ -> "AutoModelForSeq2SeqLM";
        };
    String output = StageJson.write(settings.get("output"));
    if (config.method() == Method.FULL) {
      out.code(
          "python",
          "from transformers import %s\nmodel = %s.from_pretrained(%s)"
              .formatted(type, type, output));
      return;
    }
    String labels =
        config.task() == Task.SEQUENCE_CLASSIFICATION && config.taskSettings().numLabels() > 0
            ? ", num_labels=" + config.taskSettings().numLabels()
            : "";
    out.code(
        "python",
        "from peft import PeftModel\nfrom transformers import %s\nbase = %s.from_pretrained(%s%s)\nmodel = PeftModel.from_pretrained(base, %s)"
            .formatted(type, type, StageJson.write(settings.get("model")), labels, output));
  }

  private void results(Markdown out) {
    TrainSummary summary = made.summary();
    out.say("\n## Results\n").table("", "");
    out.row("steps", count(summary.steps()));
    out.row("loss of the first step", number(summary.firstLoss()));
    out.row("loss of the last step", number(summary.lastLoss()));
    if (summary.bestStep() > 0) {
      out.row("step of these values", count(summary.bestStep()));
      out.row(
          "its " + config.stopping().metric().text() + ", the best", number(summary.bestValue()));
    }
    List<EvaluationReport> evaluations = made.history().evaluations();
    if (!evaluations.isEmpty()) {
      EvaluationReport last = evaluations.get(evaluations.size() - 1);
      out.row("evaluation loss after step " + last.step(), number(last.evalLoss()));
      last.scores().forEach((score, value) -> out.row(score, number(value)));
    }
    if (summary.skippedSteps() > 0) {
      out.row("steps left out, not finite", count(summary.skippedSteps()));
    }
    long before = made.history().start().map(start -> start.stepsDone()).orElse(0L);
    if (before > 0 && made.history().losses().stream().noneMatch(point -> point.x() <= before)) {
      out.row("the curve begins after step", count(before));
    }
  }

  private void data(Markdown out) {
    out.say("\n## Data\n").table("", "trained on", "evaluated on");
    Optional<TokenStoreManifest> eval = made.evalRows();
    out.row("where", settings.get("data"), settings.get("eval-data"));
    out.row("format", settings.get("format"), eval.isPresent() ? settings.get("format") : "");
    out.row("rows", count(made.rows().rows()), eval.map(e -> count(e.rows())).orElse(""));
    out.row("tokens", count(made.rows().tokens()), eval.map(e -> count(e.tokens())).orElse(""));
    made.tables().forEach(table -> out.row("version", table, ""));
    out.row(
        "checksum of the tokenised rows",
        made.rows().checksum(),
        eval.map(TokenStoreManifest::checksum).orElse(""));
  }

  private void settings(Markdown out) {
    out.say("\n## Settings\n").table("", "");
    List.of(
            "task",
            "method",
            "rank",
            "alpha",
            "target-modules",
            "modules-to-save",
            "gradient-correction",
            "dtype",
            "base-dtype",
            "workers",
            "batch-size",
            "micro-batch-size",
            "max-length",
            "learning-rate",
            "schedule",
            "warmup-steps",
            "weight-decay",
            "seed")
        .stream()
        .filter(name -> !settings.get(name).isEmpty())
        .forEach(name -> out.row(name, settings.get(name)));
  }

  private void memory(Markdown out) {
    out.say("\n## Memory and traffic of one worker\n").table("", "");
    made.history()
        .start()
        .ifPresent(
            start ->
                out.row(
                    "trained numbers",
                    count(start.trainableParameters()) + " of " + count(start.totalParameters())));
    made.history()
        .last()
        .map(StepReport::tapeBytes)
        .ifPresent(kept -> out.row("kept for the backward pass, bytes", count(kept)));
    out.row(
        "sent " + config.synchronisation().often() + ", bytes",
        count(made.summary().bucketBytes()));
    out.row("sent in this run, bytes", count(made.history().sentBytes()));
    out.row(
        "tokens by the second, all workers", count(Math.round(made.history().tokensPerSecond())));
    out.row("attempts", count(made.attempts()));
    out.say("\nWhat was planned for it, and what other methods would need for the same run:\n");
    out.table(
        "method", "kept for the backward pass, bytes", "outside the heap, bytes", "sent, bytes");
    for (MethodPlan way : MethodPlan.compare(config, plan.shape(), 0)) {
      out.row(
          way.name(),
          count(way.memory().tape()),
          count(way.memory().bytesOutsideHeap()),
          count(way.sentBytes()));
    }
  }

  private void command(Markdown out) {
    out.say("\n## Made by\n").table("", "");
    made.versions().forEach(out::row);
    out.say("\nThe same from the command line:\n");
    String flags =
        chosen.entrySet().stream()
            .map(flag -> " \\\n  --" + flag.getKey() + " " + quoted(flag.getValue()))
            .collect(Collectors.joining());
    out.code("", "bin/spark-lorafa train" + flags);
  }

  /** For a shell. */
  private static String quoted(String value) {
    return value.matches("[A-Za-z0-9_./:=,@%+-]+")
        ? value
        : "'" + value.replace("'", "'\\''") + "'";
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "-";
  }
}
