package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.stage.Finding.Level;
import io.github.sparklorafa.tensor.NativesCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** Looks at the machine and the process that it runs in. */
final class MachineCheck {
  private static final int OLDEST_JAVA = 17;
  private static final long MIB = 1 << 20;
  private static final long LEAST_DISK = 2048 * MIB;
  private static final long LEAST_OUTSIDE_HEAP = 512 * MIB;

  private MachineCheck() {}

  /**
   * Blocks while libtorch loads.
   *
   * @param threads that a task computes with
   * @param model folder that must be readable, or empty
   */
  static void run(int threads, String model, Configuration hadoop, Findings findings) {
    findings.check("Java", MachineCheck::java);
    findings.check("libtorch", () -> NativesCheck.run(threads));
    processor(findings);
    findings.check("memory", MachineCheck::memory);
    findings.check("local disk", MachineCheck::disk);
    gpus(findings);
    if (!model.isEmpty()) {
      findings.check("model", () -> model(model, hadoop));
    }
  }

  private static String java() {
    int version = Runtime.version().feature();
    if (version < OLDEST_JAVA) {
      throw new IllegalArgumentException(
          "Cannot run on Java: %d (install Java 17 or 21 and set JAVA_HOME there)"
              .formatted(version));
    }
    return "%s, %s %s"
        .formatted(Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  private static void processor(Findings findings) {
    List<String> flags =
        lines(Path.of("/proc/cpuinfo"))
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> List.of(line.split("\\s+")))
            .orElse(List.of());
    List<String> useful =
        Stream.of("avx2", "avx512f", "avx512_bf16", "amx_bf16").filter(flags::contains).toList();
    String text =
        "%d cores, %s"
            .formatted(
                Runtime.getRuntime().availableProcessors(),
                useful.isEmpty() ? "no AVX2" : String.join(" ", useful));
    findings.add(
        "processor",
        useful.isEmpty() ? Level.NOTE : Level.OK,
        useful.isEmpty() ? text + ": it works, but slowly" : text);
  }

  /** Bytes that this host could give to processes now. */
  static long availableBytes() {
    return lines(Path.of("/proc/meminfo"))
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  private static String memory() {
    long heap = Runtime.getRuntime().maxMemory();
    long available = availableBytes();
    long container = ContainerLimit.bytes(Path.of("/")).orElse(Long.MAX_VALUE);
    long outside = Math.min(available, container - heap);
    if (outside < LEAST_OUTSIDE_HEAP) {
      throw new IllegalArgumentException(
          "Cannot fit tensors: %d MiB are left outside the heap of %d MiB (raise spark.executor.memoryOverhead, or run fewer executors on the host; the plan command says how much is needed)"
              .formatted(outside / MIB, heap / MIB));
    }
    return String.format(
        Locale.ROOT,
        "heap %,d MiB, %,d MiB available on the host, container limit %s",
        heap / MIB,
        available / MIB,
        container == Long.MAX_VALUE ? "none" : container / MIB + " MiB");
  }

  private static String disk() {
    Path folder = ExecutorFiles.folder("doctor");
    try {
      Files.delete(Files.write(Files.createTempFile(folder, "probe", ""), new byte[1 << 16]));
      long free = Files.getFileStore(folder).getUsableSpace();
      if (free < LEAST_DISK) {
        throw new IllegalArgumentException(
            "Cannot copy checkpoints to local disk: %d MiB are free in %s (make room, or set spark.local.dir)"
                .formatted(free / MIB, folder));
      }
      return String.format(Locale.ROOT, "%,d MiB free in spark.local.dir", free / MIB);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write to local disk: " + folder + " (set spark.local.dir to a writable folder)",
          e);
    }
  }

  private static void gpus(Findings findings) {
    boolean driver = Files.exists(Path.of("/proc/driver/nvidia/version"));
    findings.add(
        "GPUs",
        driver ? Level.NOTE : Level.OK,
        driver ? "an NVIDIA driver is there, but this build computes on the CPU" : "none");
  }

  private static String model(String model, Configuration hadoop) {
    Locations.read(model, Locations.MODEL_CONFIG, hadoop);
    return model + " can be read";
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).stream() : Stream.of();
    } catch (IOException e) {
      return Stream.of();
    }
  }
}
