package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Labels;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.ProcessMemory;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Steps of one method on a LLaMA of random weights: forward, backward, clipping and AdamW, on the
 * calling thread. The shape is that of {@code src/test/reference/benchmark_peft.py}, which measures
 * PEFT.
 */
public final class Benchmark {
  /** 134 million parameters. */
  public static final LlamaConfig SHAPE =
      new LlamaConfig(32_000, 768, 2048, 12, 12, 12, 64, 1e-5, 10_000, false, 2048);

  private static final double DEVIATION = 0.02;

  private Benchmark() {}

  /**
   * Prints one line of JSON: {@code java -Xmx64m -Xmn8m -cp spark-lorafa.jar
   * io.github.sparklorafa.train.Benchmark lora-fa bf16 3 4} takes three rounds of four steps on two
   * threads, with rank 8 and two sequences of 512 tokens.
   */
  public static void main(String[] args) {
    Natives.load(2);
    Method method = Method.parse(args[0]);
    DType dtype = DType.parse(args[1]);
    Result result =
        run(method, dtype, 8, 2, 512, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    System.out.printf(
        "{\"method\": \"%s\", \"dtype\": \"%s\", \"tokens_per_second\": %s, \"tape_bytes\": %d,"
            + " \"peak_rss_bytes\": %d, \"losses\": %s}%n",
        method.text(),
        dtype.text(),
        result.tokensPerSecond(),
        result.tapeBytes(),
        result.peakResidentBytes(),
        result.losses());
  }

  /**
   * What one process measured.
   *
   * @param tokensPerSecond of each round
   * @param tapeBytes kept at most
   * @param peakResidentBytes of the whole process, the Java heap included
   * @param losses of the first and the last step
   */
  public record Result(
      List<Double> tokensPerSecond, long tapeBytes, long peakResidentBytes, List<Double> losses) {}

  /**
   * Runs {@code rounds} rounds of {@code steps} steps after one round that is not counted.
   *
   * @param sequences in a step
   * @param length of each, in tokens
   */
  public static Result run(
      Method method, DType dtype, int rank, int sequences, int length, int rounds, int steps) {
    TrainConfig config =
        TrainConfig.builder()
            .model("random")
            .data("random")
            .output("none")
            .method(method)
            .dtype(dtype)
            .rank(rank)
            .alpha(2 * rank)
            .build();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained = TrainedModel.of(config, SHAPE, new RandomWeights(dtype));
        AdamW optimizer =
            new AdamW(config, trained.trainables().flat(), trained.trainables().ranges())) {
      MicroBatch batch = randomBatch(sequences, length);
      List<Double> rates = new ArrayList<>();
      List<Double> losses = new ArrayList<>();
      long tapeBytes = 0;
      for (int round = 0; round <= rounds; round++) {
        long began = System.nanoTime();
        for (int step = 0; step < steps; step++) {
          try (Tape tape = new Tape()) {
            losses.add(step(trained, optimizer, batch, tape));
            tapeBytes = tape.peakBytes();
          }
        }
        if (round > 0) {
          rates.add((double) sequences * length * steps / ((System.nanoTime() - began) / 1e9));
        }
      }
      return new Result(
          rates,
          tapeBytes,
          ProcessMemory.peakBytes(),
          List.of(losses.get(0), losses.get(losses.size() - 1)));
    }
  }

  private static double step(TrainedModel trained, AdamW optimizer, MicroBatch batch, Tape tape) {
    Trainables trainables = trained.trainables();
    trainables.clear();
    Model.LossSum loss = trained.model().trainStep(batch, tape);
    double norm = trainables.averageAndNorm(loss.terms());
    trainables.clip(norm, 1);
    trainables.update(optimizer, 1e-4);
    return loss.mean();
  }

  /** One batch of random ids, the same in every step. */
  private static MicroBatch randomBatch(int sequences, int length) {
    Random random = new Random(0);
    int[] ids = random.ints((long) sequences * length, 0, SHAPE.vocabSize()).toArray();
    int[] targets = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      targets[i] = (i + 1) % length == 0 ? Labels.IGNORED : ids[i + 1];
    }
    return MicroBatch.of(
        ids,
        targets,
        new Sequences(IntStream.rangeClosed(0, sequences).map(i -> i * length).toArray()));
  }

  /** Normal numbers for matrices, ones for norms. */
  private record RandomWeights(DType dtype) implements ParameterSource {
    @Override
    public boolean has(String name) {
      return true;
    }

    @Override
    public Tensor load(String name, long... shape) {
      try (Scope scope = new Scope()) {
        Tensor value = torch.empty(shape, dtype.options(), null);
        return scope.keep(
            shape.length == 1
                ? value.fill_(Scalars.of(1))
                : value.normal_(0, DEVIATION, new GeneratorOptional()));
      }
    }
  }
}
