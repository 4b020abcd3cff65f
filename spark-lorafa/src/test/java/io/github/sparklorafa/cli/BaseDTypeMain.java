package io.github.sparklorafa.cli;

import io.github.sparklorafa.checkpoint.AdaptedModel;
import io.github.sparklorafa.cli.DemoFiles.Letter;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.StepReport;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainInputs;
import io.github.sparklorafa.train.TrainListener;
import io.github.sparklorafa.train.TrainSummary;
import io.github.sparklorafa.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains the demo's task on its base as each base dtype holds it, and prints a line each: mean
 * training loss of the last ten steps, loss of the held-out letters, tickets that are right to the
 * letter on the base as it was held and on the base of the files, as after {@code merge}.
 *
 * <p>Arguments: a folder that does not exist yet, a seed, {@code dtype/base-dtype} pairs.
 */
final class BaseDTypeMain {
  private static final int LAST = 10;

  private BaseDTypeMain() {}

  public static void main(String[] args) throws Exception {
    Natives.load(1);
    Path folder = Files.createDirectories(Path.of(args[0]));
    DemoFiles files = DemoFiles.unpack(folder.toString(), new Configuration());
    Path base = folder.resolve("base");
    TokenStore training = TokenStore.of(rows(base, DemoFiles.letters(DemoFiles.TRAIN)));
    List<Example> heldOut = rows(base, DemoFiles.heldOutLetters());
    TokenStore evaluation = TokenStore.of(heldOut);
    for (String pair : List.of(args).subList(2, args.length)) {
      DType dtype = DType.parse(pair.split("/")[0]);
      BaseDType held = BaseDType.parse(pair.split("/")[1]);
      TrainConfig config = config(files, Long.parseLong(args[1]), dtype, held);
      Path adapter = folder.resolve(args[1] + "-" + pair.replace('/', '-'));
      List<Double> losses = new ArrayList<>();
      TrainListener listener =
          new TrainListener() {
            @Override
            public void onStep(StepReport report) {
              losses.add(report.loss());
            }
          };
      TrainInputs inputs =
          new TrainInputs(
              config, base, Optional.empty(), training, Optional.of(evaluation), adapter);
      TrainSummary summary =
          new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(listener)).run();
      double last =
          losses.subList(losses.size() - LAST, losses.size()).stream()
              .mapToDouble(loss -> loss)
              .average()
              .orElseThrow();
      System.out.printf(
          Locale.ROOT,
          "seed %s %-10s last loss %.4f held-out loss %.4f right %d merged %d of %d%n",
          args[1],
          pair,
          last,
          summary.evalLoss(),
          right(base, adapter, dtype, held, heldOut),
          right(base, adapter, dtype, BaseDType.of(dtype), heldOut),
          heldOut.size());
    }
  }

  private static TrainConfig config(DemoFiles files, long seed, DType dtype, BaseDType held) {
    return TrainConfig.builder()
        .model(files.base())
        .data(files.train())
        .evalData("held-out")
        .output("adapter")
        .workers(1)
        .dtype(dtype)
        .baseDtype(held)
        .rank(16)
        .alpha(32)
        .batchSize(32)
        .microBatchSize(16)
        .maxSteps(120)
        .learningRate(1e-2)
        .schedule(Schedule.COSINE)
        .warmupSteps(10)
        .seed(seed)
        .build();
  }

  private static List<Example> rows(Path base, List<Letter> letters) {
    try (TextTokenizer tokenizer = TextTokenizer.open(base)) {
      Examples examples = Examples.limitedTo(512, tokenizer.vocabSize());
      return letters.stream()
          .map(row -> examples.fromPromptAndCompletion(tokenizer, row.prompt(), row.completion()))
          .map(row -> row.example().orElseThrow())
          .toList();
    }
  }

  /** Greedy decoding writes a ticket if, and only if, each of its tokens is the likeliest next. */
  private static int right(
      Path base, Path adapter, DType dtype, BaseDType held, List<Example> letters) {
    int right = 0;
    try (NoGradGuard noGrad = new NoGradGuard();
        AdaptedModel adapted = AdaptedModel.open(base, Optional.of(adapter), dtype, held)) {
      for (Example letter : letters) {
        right += isRight(adapted, letter) ? 1 : 0;
      }
    }
    return right;
  }

  private static boolean isRight(AdaptedModel adapted, Example letter) {
    try (Scope scope = new Scope()) {
      int[] ids = letter.ids();
      Tensor likeliest =
          adapted
              .causal()
              .logits(ids, new Sequences(0, ids.length))
              .argmax(new LongOptional(1), false);
      long[] next = new long[ids.length];
      likeliest.data_ptr_long().get(next);
      return IntStream.range(1, ids.length)
          .filter(token -> letter.labels()[token] != Example.IGNORED)
          .allMatch(token -> next[token - 1] == letter.labels()[token]);
    }
  }
}
