package io.github.sparklorafa.spark.transport;

import com.sun.management.OperatingSystemMXBean;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Endpoint;
import io.github.sparklorafa.collective.GlooEndpoint;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Natives;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Times the transports against each other, between processes of this machine.
 *
 * <p>Arguments: number of workers, largest buffer in bytes, file for the JSON. Every transport
 * takes its turn for each sum, so that noise meets all alike; the figure is the median of the
 * turns. In the end, what a message costs by itself.
 */
public final class TransportBenchmark {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final long SMALLEST = 1 << 10;
  private static final long WARM_UP = 1 << 18;
  private static final int SMALL_SUMS = 10_000;
  private static final long BYTES_PER_SIZE = 256L << 20;

  private TransportBenchmark() {}

  /** What is compared. */
  private enum Kind {
    GLOO(WireDType.FP32),
    SPARK(WireDType.FP32),
    SPARK_BF16(WireDType.BF16),
    SPARK_ENCRYPTED(WireDType.FP32);

    private final WireDType wire;

    Kind(WireDType wire) {
      this.wire = wire;
    }

    Endpoint open(int rank, int size) {
      SparkConf conf = this == SPARK_ENCRYPTED ? SparkGroup.encrypted() : SparkGroup.plain();
      return this == GLOO
          ? GlooEndpoint.open("127.0.0.1", rank, size, TIMEOUT)
          : SparkGroup.endpoint(rank, size, TIMEOUT, conf);
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("worker")) {
      work(
          Integer.parseInt(arguments[1]),
          Integer.parseInt(arguments[2]),
          Long.parseLong(arguments[3]));
    } else {
      Files.writeString(Path.of(arguments[2]), run(Integer.parseInt(arguments[0]), arguments[1]));
    }
  }

  /** Starts the workers, introduces them to each other, and passes on what rank 0 says. */
  private static String run(int size, String largest) throws IOException, InterruptedException {
    List<Process> workers = new ArrayList<>();
    List<BufferedReader> readers = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      Process worker =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  TransportBenchmark.class.getName(),
                  "worker",
                  "" + rank,
                  "" + size,
                  largest)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      workers.add(worker);
      readers.add(
          new BufferedReader(
              new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8)));
    }
    List<String> offers = new ArrayList<>();
    for (BufferedReader reader : readers) {
      offers.add(reader.readLine());
    }
    for (Process worker : workers) {
      new PrintWriter(worker.getOutputStream(), true, StandardCharsets.UTF_8)
          .println(String.join(" ", offers));
    }
    StringJoiner json = new StringJoiner(",\n", "[\n", "\n]\n");
    String line = readers.get(0).readLine();
    while (line != null) {
      if (line.startsWith("{")) {
        json.add(line);
      } else {
        System.out.println(line);
      }
      line = readers.get(0).readLine();
    }
    for (Process worker : workers) {
      worker.waitFor();
    }
    return json.toString();
  }

  private static void work(int rank, int size, long largest) throws IOException {
    Natives.ensureLoaded();
    List<Endpoint> endpoints =
        Arrays.stream(Kind.values()).map(kind -> kind.open(rank, size)).toList();
    System.out.println(String.join("|", endpoints.stream().map(Endpoint::offer).toList()));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String[] offers = in.readLine().split(" ");
    List<String> names = IntStream.range(0, size).mapToObj(peer -> "rank " + peer).toList();
    List<Communicator> group = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      int kind = i;
      group.add(
          endpoints
              .get(i)
              .connect(
                  Arrays.stream(offers).map(offer -> offer.split("\\|")[kind]).toList(), names));
    }
    if (rank == 0) {
      System.out.printf("%11s", "bytes");
      Arrays.stream(Kind.values()).forEach(kind -> System.out.printf("%26s", kind));
      System.out.println();
    }
    times(group, WARM_UP); // until the compiler has done the most of its work
    for (long bytes = SMALLEST; bytes <= largest; bytes *= 4) {
      double[][] times = times(group, bytes);
      if (rank == 0) {
        report(size, bytes, times);
      }
    }
    for (int kind = 0; kind < group.size(); kind++) {
      messages(Kind.values()[kind], group.get(kind));
    }
    group.forEach(Communicator::close);
  }

  /** What small sums alone take, of the clock and of the processor, for each message sent. */
  private static void messages(Kind kind, Communicator communicator) {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (FloatPointer memory = new FloatPointer(SMALLEST / Float.BYTES)) {
      memory.zero();
      NativeFloats floats = new NativeFloats(memory.address(), SMALLEST / Float.BYTES);
      long start = System.nanoTime();
      long processor = process.getProcessCpuTime();
      for (int sum = 0; sum < SMALL_SUMS; sum++) {
        communicator.sum(floats, kind.wire);
      }
      double messages = SMALL_SUMS * 2.0 * (communicator.size() - 1);
      double clock = (System.nanoTime() - start) / 1e3 / messages;
      double cpu = (process.getProcessCpuTime() - processor) / 1e3 / messages;
      if (communicator.rank() == 0) {
        System.out.printf(
            Locale.ROOT, "%s: a message takes %.1f us, %.1f us of processor%n", kind, clock, cpu);
      }
    }
  }

  /** Microseconds of each turn of each kind. */
  private static double[][] times(List<Communicator> group, long bytes) {
    int turns = (int) Math.max(9, Math.min(200, BYTES_PER_SIZE / bytes));
    double[][] times = new double[group.size()][turns];
    try (FloatPointer memory = new FloatPointer(bytes / Float.BYTES)) {
      memory.zero(); // whatever was there before may be numbers that are slow to add
      NativeFloats all = new NativeFloats(memory.address(), bytes / Float.BYTES);
      NativeFloats one = new NativeFloats(memory.address(), 1);
      for (int turn = -2; turn < turns; turn++) {
        for (int kind = 0; kind < times.length; kind++) {
          Communicator communicator = group.get(kind);
          communicator.sum(one); // all begin together
          long start = System.nanoTime();
          communicator.sum(all, Kind.values()[kind].wire);
          if (turn >= 0) {
            times[kind][turn] = (System.nanoTime() - start) / 1e3;
          }
        }
      }
    }
    return times;
  }

  private static void report(int size, long bytes, double[][] times) {
    StringBuilder row = new StringBuilder(String.format("%11d", bytes));
    for (int kind = 0; kind < times.length; kind++) {
      double[] sorted = times[kind].clone();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      row.append(String.format(Locale.ROOT, "%12.0f us %6.0f MB/s", median, bytes / median));
      System.out.printf(
          Locale.ROOT,
          "{\"workers\": %d, \"bytes\": %d, \"transport\": \"%s\", \"turns\": %d,"
              + " \"median_us\": %.1f, \"least_us\": %.1f}%n",
          size,
          bytes,
          Kind.values()[kind],
          sorted.length,
          median,
          sorted[0]);
    }
    System.out.println(row);
  }
}
