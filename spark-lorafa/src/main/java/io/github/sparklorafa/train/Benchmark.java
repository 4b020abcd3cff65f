package io.github.sparklorafa.train;

import com.sun.management.OperatingSystemMXBean;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Labels;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.ProcessMemory;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Steps of one method on a LLaMA of random weights: forward, backward, clipping and AdamW, on the
 * calling thread. The usual shape is that of {@code src/test/reference/benchmark_peft.py}, which
 * measures PEFT.
 */
public final class Benchmark {
  /** 134 million parameters. */
  public static final LlamaConfig SHAPE = shape(12);

  private static final double DEVIATION = 0.02;

  private Benchmark() {}

  private static LlamaConfig shape(int layers) {
    return new LlamaConfig(32_000, 768, 2048, layers, 12, 12, 64, 1e-5, 10_000, false, 1 << 16);
  }

  /**
   * Runs what the arguments say, each as {@code name=value} ({@link Setting#parse}), and prints one
   * line of JSON: {@code java -Xmx32m -Xmn2m -cp spark-lorafa.jar
   * io.github.sparklorafa.train.Benchmark method=lora-fa rounds=3}.
   */
  public static void main(String[] args) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      values.put(arg.substring(0, Math.max(0, equals)), arg.substring(equals + 1));
    }
    Setting setting = Setting.parse(values);
    Natives.load(setting.threads());
    Result result = run(setting);
    System.out.printf(
        "{\"method\": \"%s\", \"dtype\": \"%s\", \"base_dtype\": \"%s\", \"recompute\": \"%s\","
            + " \"rank\": %d, \"layers\": %d, \"sequences\": %d, \"length\": %d, \"threads\": %d,"
            + " \"tokens_per_second\": %s, \"processor_seconds\": %s, \"tape_bytes\": %d, \"peak_rss_bytes\": %d, \"losses\":"
            + " %s}%n",
        setting.method().text(),
        setting.dtype().text(),
        setting.baseDtype().text(),
        setting.recompute().text(),
        setting.rank(),
        setting.layers(),
        setting.sequences(),
        setting.length(),
        setting.threads(),
        result.tokensPerSecond(),
        result.processorSeconds(),
        result.tapeBytes(),
        result.peakResidentBytes(),
        result.losses());
  }

  /**
   * What is run.
   *
   * @param sequences of a step
   * @param length of each, in tokens
   * @param rounds that are counted, after one that is not
   * @param steps of a round
   */
  public record Setting(
      Method method,
      DType dtype,
      BaseDType baseDtype,
      Recompute recompute,
      int rank,
      int layers,
      int sequences,
      int length,
      int threads,
      int rounds,
      int steps) {

    /**
     * Reads {@code method}, {@code dtype}, {@code base-dtype}, {@code recompute}, {@code rank},
     * {@code layers}, {@code sequences}, {@code length}, {@code threads}, {@code rounds} and {@code
     * steps}, each of which may be left out.
     *
     * @throws IllegalArgumentException for a value or a name that is none of these
     */
    public static Setting parse(Map<String, String> values) {
      Map<String, String> left = new LinkedHashMap<>(values);
      String dtype = taken(left, "dtype", "bf16");
      Setting setting =
          new Setting(
              Method.parse(taken(left, "method", "lora-fa")),
              DType.parse(dtype),
              BaseDType.parse(taken(left, "base-dtype", dtype)),
              Recompute.parse(taken(left, "recompute", "none")),
              count(left, "rank", 8),
              count(left, "layers", 12),
              count(left, "sequences", 2),
              count(left, "length", 512),
              count(left, "threads", 2),
              count(left, "rounds", 1),
              count(left, "steps", 5));
      if (!left.isEmpty()) {
        throw new IllegalArgumentException(
            "Cannot measure with: %s (use the names that the bench command has)"
                .formatted(left.keySet()));
      }
      return setting;
    }

    private static String taken(Map<String, String> values, String name, String usual) {
      String value = values.remove(name);
      return value == null ? usual : value;
    }

    private static int count(Map<String, String> values, String name, int usual) {
      String text = taken(values, name, Integer.toString(usual));
      if (!text.matches("[1-9]\\d{0,5}")) {
        throw new IllegalArgumentException(
            "Cannot measure with %s: %s (use a whole number from 1)".formatted(name, text));
      }
      return Integer.parseInt(text);
    }

    private TrainConfig config() {
      return TrainConfig.builder()
          .model("random")
          .data("random")
          .output("none")
          .method(method)
          .dtype(dtype)
          .baseDtype(method == Method.FULL ? BaseDType.of(dtype) : baseDtype)
          .recompute(recompute)
          .rank(rank)
          .alpha(2 * rank)
          .microBatchSize(sequences)
          .maxLength(length)
          .build();
    }

    /** What the run was planned to take, in bytes, but for Spark's share. */
    public long plannedBytes() {
      MemoryPlan plan = MemoryPlan.of(config(), shape(layers));
      return plan.bytesOutsideHeap() - plan.spark();
    }
  }

  /**
   * What one process measured.
   *
   * @param tokensPerSecond of each round
   * @param processorSeconds that the process took for a step of each round, in all its threads
   * @param tapeBytes kept at most
   * @param peakResidentBytes of the whole process, the Java heap included
   * @param losses of the first and the last step
   */
  public record Result(
      List<Double> tokensPerSecond,
      List<Double> processorSeconds,
      long tapeBytes,
      long peakResidentBytes,
      List<Double> losses) {}

  private static Result run(Setting setting) {
    TrainConfig config = setting.config();
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained =
            TrainedModel.of(config, shape(setting.layers()), new RandomWeights(setting.dtype()));
        AdamW optimizer =
            new AdamW(config, trained.trainables().flat(), trained.trainables().ranges())) {
      MicroBatch batch = randomBatch(setting.sequences(), setting.length());
      List<Double> rates = new ArrayList<>();
      List<Double> processor = new ArrayList<>();
      List<Double> losses = new ArrayList<>();
      long tapeBytes = 0;
      for (int round = 0; round <= setting.rounds(); round++) {
        long began = System.nanoTime();
        long ran = processorNanos();
        for (int step = 0; step < setting.steps(); step++) {
          try (Tape tape = new Tape(setting.recompute())) {
            losses.add(step(trained, optimizer, batch, tape));
            tapeBytes = tape.peakBytes();
          }
        }
        if (round > 0) {
          double tokens = (double) setting.sequences() * setting.length() * setting.steps();
          rates.add(tokens / ((System.nanoTime() - began) / 1e9));
          processor.add((processorNanos() - ran) / 1e9 / setting.steps());
        }
      }
      return new Result(
          rates,
          processor,
          tapeBytes,
          ProcessMemory.peakBytes(),
          List.of(losses.get(0), losses.get(losses.size() - 1)));
    }
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
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
  record RandomWeights(DType dtype) implements ParameterSource {
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
