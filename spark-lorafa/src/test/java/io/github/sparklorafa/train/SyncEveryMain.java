package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The demo's task with workers that synchronise less often, or in fewer bits: one line of JSON for
 * each of the arguments, {@code method,rate,H,wire dtype}. The workers are threads.
 */
final class SyncEveryMain {
  private static final Path DEMO =
      Path.of("src/main/resources/io/github/sparklorafa/demo").toAbsolutePath();
  private static final Path BASE = DEMO.resolve("base");
  private static final int LONGEST = 256;
  private static final int WORKERS = Integer.getInteger("workers", 4);
  private static final int STEPS = Integer.getInteger("steps", 120);

  private SyncEveryMain() {}

  public static void main(String[] args) throws IOException {
    Natives.load(1);
    try (TextTokenizer tokenizer = TextTokenizer.open(BASE)) {
      TokenStore data =
          TokenStore.of(QualityTickets.letters(tokenizer, "train.jsonl", Integer.MAX_VALUE));
      List<Example> heldOut = QualityTickets.letters(tokenizer, "held-out.jsonl", 100);
      for (String run : args) {
        System.out.println(line(run, data, heldOut, tokenizer));
      }
    }
  }

  private static String line(
      String run, TokenStore data, List<Example> heldOut, TextTokenizer tokenizer)
      throws IOException {
    String[] parts = run.split(",");
    Path output = Files.createTempDirectory("sync-every").resolve("output");
    TrainConfig config =
        TrainConfig.builder()
            .model("demo")
            .data("train.jsonl")
            .evalData("held-out.jsonl")
            .output(output.toString())
            .method(Method.parse(parts[0]))
            .learningRate(Double.parseDouble(parts[1]))
            .workers(WORKERS)
            .batchSize(32)
            .microBatchSize(8)
            .maxSteps(STEPS)
            .beta2(Double.parseDouble(System.getProperty("beta2", "0.999")))
            .maxLength(LONGEST)
            .schedule(Schedule.COSINE)
            .warmupSteps(10)
            .synchronisation(s -> s.withEvery(Integer.parseInt(parts[2])).withWireDtype(parts[3]))
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config, BASE, Optional.empty(), data, Optional.of(TokenStore.of(heldOut)), output);
    long began = System.nanoTime();
    LocalTraining.Worker worker = LocalTraining.train(WORKERS, rank -> inputs).get(0);
    long sent = worker.steps().stream().mapToLong(StepReport::bucketBytes).sum();
    return String.format(
        Locale.ROOT,
        "{\"run\": \"%s\", \"workers\": %d, \"steps\": %d, \"last_loss\": %.4f, \"eval_loss\": %.4f,"
            + " \"exact_match\": %.3f, \"sent_bytes\": %d, \"seconds\": %.0f}",
        run,
        WORKERS,
        STEPS,
        worker.steps().stream().skip(STEPS - 20L).mapToDouble(StepReport::loss).average().orElse(0),
        worker.summary().evalLoss(),
        exactMatch(output, heldOut, tokenizer),
        sent,
        (System.nanoTime() - began) / 1e9);
  }

  private static double exactMatch(Path output, List<Example> rows, TextTokenizer tokenizer) {
    try (AdaptedModel model = AdaptedModel.open(BASE, Optional.of(output), DType.FP32)) {
      return QualityTickets.exactMatch(model, tokenizer, rows);
    }
  }
}
