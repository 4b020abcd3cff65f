package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.LlamaConfig;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.ProcessMemory;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Prints the process's peaks in a training step without and with dropout, for {@link
 * MemoryPlanTest}.
 */
final class StepPeakMain {
  static final String PEAK = "peak ";

  static final LlamaConfig WIDE =
      new LlamaConfig(64, 64, 8192, 1, 1, 1, 64, 1e-5, 1e4, false, 2048);

  private StepPeakMain() {}

  public static void main(String[] args) {
    Method method = Method.valueOf(args[0]);
    for (TrainConfigBuilder config : List.of(config(method), dropping(method))) {
      System.out.println(PEAK + peakOfAStep(config.build(), WIDE));
    }
  }

  /** What {@code main} prints in a process of its own. */
  static long[] peaksOf(Class<?> main, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isZero();
    return output
        .lines()
        .filter(line -> line.startsWith(PEAK))
        .mapToLong(line -> Long.parseLong(line.substring(PEAK.length())))
        .toArray();
  }

  static TrainConfigBuilder config(Method method) {
    return TrainConfig.builder()
        .model("m")
        .data("d")
        .output("o")
        .dtype(DType.BF16)
        .rank(16)
        .method(method)
        .targetModules(List.of("down_proj"))
        .microBatchSize(2)
        .maxLength(1024);
  }

  static TrainConfigBuilder dropping(Method method) {
    return config(method).loraDropout(0.1);
  }

  /** Bytes above those before the second step. */
  private static long peakOfAStep(TrainConfig config, LlamaConfig shape) {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        TrainedModel trained = TrainedModel.of(config, shape, new Alike(DType.BF16, 1))) {
      TokenBatch batch =
          MicroBatches.of(
                  TokenStore.of(
                      List.of(
                          Example.of(new int[config.maxLength()]),
                          Example.of(new int[config.maxLength()]))),
                  new long[] {0, 1},
                  2)
              .get(0);
      step(trained, batch);
      Buffers.trim();
      long before = resetPeak();
      step(trained, batch);
      return ProcessMemory.peakBytes() - before;
    }
  }

  private static void step(TrainedModel trained, TokenBatch batch) {
    try (Scope scope = new Scope();
        Tape tape = new Tape()) {
      trained.trainStep(0, batch, tape);
    }
  }

  /** Begins a new peak (Linux), and returns what is resident. */
  static long resetPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ProcessMemory.residentBytes();
  }

  /** Weights that are all alike, where what is measured does not depend on them. */
  record Alike(DType dtype, double value) implements ParameterSource {
    @Override
    public boolean has(String name) {
      return true;
    }

    @Override
    public Tensor load(String name, long... shape) {
      try (Scope scope = new Scope()) {
        return scope.keep(torch.empty(shape, dtype.options(), null).fill_(Scalars.of(value)));
      }
    }
  }
}
