package io.github.sparklorafa.train;

import java.util.List;
import java.util.Locale;

/**
 * What a step costs on many workers, for docs/scaling.md: prints the tables there.
 *
 * <p>A step of {@code c} seconds of computing ends its backward pass, the second half, while the
 * bucket leaves in parts. Each of the {@code N} workers sends {@code 2 (N - 1) / N} of the bucket
 * over a link of its own; each piece of a part costs two messages to each other worker too. What
 * the backward pass does not hide, and at least the last part, is waited for.
 */
final class ScalingModel {
  /**
   * What sending one message and taking another costs a worker: the processor time that {@code
   * TransportBenchmark} measured with Gloo (94, 83 and 76 us with two to four workers; over Spark's
   * network layer 90, 54 and 54).
   */
  static final double MESSAGE_SECONDS = 84e-6;

  private ScalingModel() {}

  /**
   * What carries the bucket.
   *
   * @param bytesPerSecond of one worker's link
   * @param messageSeconds that sending and taking one message costs a worker
   */
  record Network(double bytesPerSecond, double messageSeconds) {
    static Network gigabits(double rate) {
      return new Network(rate * 1e9 / 8, MESSAGE_SECONDS);
    }

    /** Seconds of one sum of so many bytes in so many pieces for each worker. */
    double sum(long bytes, long pieces, int workers) {
      double wire = 2.0 * (workers - 1) / workers * bytes / bytesPerSecond;
      return wire + pieces * 2.0 * (workers - 1) * messageSeconds;
    }
  }

  /** In how many parts a bucket of fp32 numbers leaves, as {@link GradientSum} cuts it. */
  static long parts(long numbers, int workers) {
    long size = GradientSum.usualPart(numbers, workers);
    return Math.max(1, (numbers + size - 1) / size);
  }

  /** In how many pieces a worker's chunks of all parts travel, as the all-reduce cuts them. */
  static long pieces(long numbers, int workers) {
    long chunk = Math.max(1, numbers / parts(numbers, workers) / workers);
    int window = Math.max(2, Math.min(8, 64 / (workers - 1)));
    long fitting = Long.highestOneBit((1 << 24) / window / (workers - 1));
    long piece = Math.max(1 << 10, Math.min(1 << 17, fitting));
    return parts(numbers, workers) * ((chunk + piece - 1) / piece);
  }

  /**
   * Seconds of one step.
   *
   * @param computing seconds of forward and backward pass
   * @param backward seconds of the backward pass alone
   * @param numbers that are trained
   * @param wireBytes of one of them
   * @param every steps between two sums
   */
  static double step(
      double computing,
      double backward,
      long numbers,
      int wireBytes,
      int every,
      Network network,
      int workers) {
    if (workers == 1) {
      return computing;
    }
    long parts = parts(numbers, workers);
    double sum = network.sum(numbers * wireBytes, pieces(numbers, workers), workers);
    // With local steps the average leaves after the last of them, and nothing hides it.
    double hidden = every > 1 ? 0 : Math.min(sum, backward) * (parts - 1) / parts;
    return computing + (sum - hidden) / every;
  }

  /**
   * A model that is trained with a replica on each worker.
   *
   * @param tokensPerSecond of one GPU
   * @param loraFa numbers of B, all linear layers, rank 16
   * @param lora numbers of A and B
   * @param full all numbers
   */
  private record Replica(String name, double tokensPerSecond, long loraFa, long lora, long full) {}

  /** NeMo's rate for LoRA of the first on one H100; half of such a card's peak for the second. */
  private static final List<Replica> REPLICAS =
      List.of(
          new Replica("Llama-3-8B", 12_473, 32L * 43_008 * 16, 32L * 81_920 * 16, 8_030_261_248L),
          new Replica(
              "Llama-3-70B", 1_750, 80L * 83_968 * 16, 80L * 161_792 * 16, 70_553_706_496L));

  /** Prints the tables. */
  public static void main(String[] args) {
    int tokens = 8 * 2048;
    for (Replica replica : REPLICAS) {
      double computing = tokens / replica.tokensPerSecond();
      System.out.printf(
          Locale.ROOT,
          "%n%s, %,d tokens a step and GPU, which take %.1f s%n%n",
          replica.name(),
          tokens,
          computing);
      System.out.println("| each link | | 8 | 64 | 512 | 4,096 |\n|---|---|---|---|---|---|");
      for (double rate : new double[] {10, 100, 400}) {
        row(rate, "`lora-fa`", computing, replica.loraFa(), 4, 1);
        row(rate, "`lora-fa`, `--wire-dtype bf16`", computing, replica.loraFa(), 2, 1);
        row(rate, "`lora-fa`, `--sync-every 8`", computing, replica.loraFa(), 4, 8);
        row(rate, "`lora`", computing, replica.lora(), 4, 1);
        row(rate, "`full`", computing, replica.full(), 4, 1);
      }
    }
  }

  private static void row(
      double rate, String name, double computing, long numbers, int wireBytes, int every) {
    StringBuilder line =
        new StringBuilder(String.format(Locale.ROOT, "| %.0f Gbit/s | %s |", rate, name));
    Network network = Network.gigabits(rate);
    for (int workers : new int[] {8, 64, 512, 4096}) {
      double step = step(computing, computing / 2, numbers, wireBytes, every, network, workers);
      line.append(String.format(Locale.ROOT, " %.0f %% |", 100 * computing / step));
    }
    System.out.println(line);
  }
}
