package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.cli.DemoFiles.Letter;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.spark.stage.TrainingResult;
import io.github.sparklorafa.train.MethodCosts;
import io.github.sparklorafa.train.StepReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What the demo prints, one method for each of its steps; plain text, wherever it goes. */
final class DemoText {
  private static final int WIDTH = 100;

  private final PrintWriter out;

  DemoText(PrintWriter out) {
    this.out = out;
  }

  void introduce(LlamaConfig shape, long parameters, DemoFiles files, int heldOut) {
    heading("1. The base model and the letters");
    print(
        "base      a LLaMA of %d layers and %,d parameters that has read letters and stories",
        shape.numHiddenLayers(), parameters);
    print("          %s", files.base());
    print(
        "letters   %,d with their tickets to train on, %d held out",
        DemoFiles.letters(DemoFiles.TRAIN).size(), heldOut);
    print("          no customer, city or article of a held-out letter occurs in the others");
  }

  void before(DemoScore score, List<Letter> letters) {
    heading("2. Before: the base model is asked for the tickets of the held-out letters");
    for (int i = 0; i < letters.size(); i++) {
      letter(letters.get(i));
      wrapped("writes    ", score.answers().get(i));
    }
    out.println();
    print("Exactly right: %s, in %.0f s", score.text(), score.seconds());
  }

  void training(int workers) {
    heading(
        "3. Fine-tuning with LoRA-FA on %d %s"
            .formatted(workers, workers == 1 ? "executor" : "executors"));
  }

  void trained(TrainingResult result, LossCurve curve) {
    out.println();
    print(
        "%,d steps on %,d letters in %.0f s; the loss of",
        result.summary().steps(), result.rows(), result.summary().seconds());
    print("%s", curve.text());
    long kept = curve.steps().stream().mapToLong(StepReport::tapeBytes).max().orElse(0);
    print(
        "Kept for a backward pass: at most %,d bytes on one executor; gradients summed: %,d bytes a"
            + " step",
        kept, result.summary().bucketBytes());
  }

  void after(DemoScore before, DemoScore after, List<Letter> letters) {
    heading("4. After: the same letters, with the adapter");
    for (int i = 0; i < letters.size(); i++) {
      letter(letters.get(i));
      wrapped("writes    ", after.answers().get(i));
    }
    out.println();
    print("Exactly right before: %s", before.text());
    print("Exactly right after:  %s", after.text());
  }

  void costs(List<MethodCosts> costs, int workers, int rank) {
    heading("5. What each method trains, keeps and sends on this model (rank %d)".formatted(rank));
    String row = "%-29s %12s %14s %14s %14s";
    print(row, "", "trained", "kept a token", "kept a token", "sent a step");
    print(row, "", "numbers", "formula, bytes", "measured", "per executor");
    for (MethodCosts cost : costs) {
      print(
          row,
          name(cost),
          number(cost.trainableParameters()),
          number(cost.plannedBytesPerToken()),
          number(cost.measuredBytesPerToken()),
          number(cost.sentBytes(workers)));
    }
    print(
        "Measured in one step each, in this process. The third row computes norms and activations");
    print("again (--recompute elementwise).");
  }

  void files(Path base, Path adapter, Letter letter) {
    heading("6. The adapter");
    print("%s", adapter.resolve(AdapterFiles.MODEL));
    out.println();
    print("Python loads it:");
    print("  from peft import PeftModel");
    print("  from transformers import AutoModelForCausalLM, AutoTokenizer");
    print("  tokenizer = AutoTokenizer.from_pretrained(\"%s\")", base);
    print("  model = AutoModelForCausalLM.from_pretrained(\"%s\", dtype=\"float32\")", base);
    print("  model = PeftModel.from_pretrained(model, \"%s\")", adapter);
    print("  letter = tokenizer(%s, return_tensors=\"pt\")", quoted(letter.prompt()));
    print("  print(tokenizer.decode(model.generate(**letter, max_new_tokens=40)[0]))");
  }

  private static String name(MethodCosts cost) {
    if (cost.method() == Method.FULL) {
      return "full fine-tuning";
    }
    String name = cost.method() == Method.LORA ? "LoRA" : "LoRA-FA (this run)";
    return cost.recomputes() ? name + ", elementwise recompute" : name;
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  private void letter(Letter letter) {
    out.println();
    wrapped("letter    ", letter.prompt().replace('\n', ' '));
  }

  private void heading(String text) {
    out.println();
    out.println(text);
    out.println("-".repeat(text.length()));
    out.flush();
  }

  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  /** Breaks between words; later lines are indented as far as the label is long. */
  private void wrapped(String label, String text) {
    StringBuilder line = new StringBuilder(label);
    for (String word : text.strip().split("\\s+")) {
      if (line.length() + word.length() >= WIDTH) {
        out.println(line.toString().stripTrailing());
        line = new StringBuilder(" ".repeat(label.length()));
      }
      line.append(word).append(' ');
    }
    out.println(line.toString().stripTrailing());
  }
}
