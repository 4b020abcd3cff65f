package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Recompute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a way to train a model costs: by formula, and measured in one step on this process.
 *
 * @param method what is trained
 * @param recomputes whether norm outputs and activations are computed again and not kept
 * @param plannedBytesPerToken kept for the backward pass, after {@link TapePlan}
 * @param measuredBytesPerToken what the tape held in the step
 * @param trainableParameters numbers that are trained
 * @param bucketBytes of each all-reduce
 */
public record MethodCosts(
    Method method,
    boolean recomputes,
    long plannedBytesPerToken,
    long measuredBytesPerToken,
    long trainableParameters,
    long bucketBytes) {

  /** What one step of a method showed. */
  private static final class Observed implements TrainListener {
    private TrainStart start;
    private StepReport step;

    @Override
    public void onStart(TrainStart start) {
      this.start = start;
    }

    @Override
    public void onStep(StepReport report) {
      this.step = report;
    }
  }

  /**
   * Costs of full fine-tuning, LoRA, LoRA with elementwise recompute and LoRA-FA, in this order.
   *
   * <p>Blocks while it trains one step in each of these ways, on the calling thread and with one
   * micro-batch of all {@code rows}; what it trained is thrown away.
   *
   * @param config whose model, adapter and number format are compared
   * @param modelFolder of the base checkpoint
   * @throws InterruptedException if the thread is interrupted
   */
  public static List<MethodCosts> compare(TrainConfig config, Path modelFolder, List<Example> rows)
      throws InterruptedException {
    return List.of(
        of(config, Method.FULL, Recompute.NONE, modelFolder, rows),
        of(config, Method.LORA, Recompute.NONE, modelFolder, rows),
        of(config, Method.LORA, Recompute.ELEMENTWISE, modelFolder, rows),
        of(config, Method.LORA_FA, Recompute.NONE, modelFolder, rows));
  }

  private static MethodCosts of(
      TrainConfig config, Method method, Recompute recompute, Path modelFolder, List<Example> rows)
      throws InterruptedException {
    Observed observed = oneStep(config, method, recompute, modelFolder, rows);
    return new MethodCosts(
        method,
        recompute == Recompute.ELEMENTWISE,
        planned(config, method, recompute, modelFolder),
        observed.step.tapeBytes() / observed.step.tokens(),
        observed.start.trainableParameters(),
        observed.start.bucketBytes());
  }

  /** Bytes that each of {@code workers} sends a step, in a ring. */
  public long sentBytes(int workers) {
    return 2 * (workers - 1) * bucketBytes / workers;
  }

  private static long planned(
      TrainConfig config, Method method, Recompute recompute, Path modelFolder) {
    try (HuggingFaceFolder folder =
        HuggingFaceFolder.open(modelFolder, config.dtype(), Optional.of(config.objective()))) {
      return TapePlan.of(folder.config(), method, config.adapter(), config.dtype(), recompute)
          .bytesPerToken();
    }
  }

  private static Observed oneStep(
      TrainConfig config, Method method, Recompute recompute, Path modelFolder, List<Example> rows)
      throws InterruptedException {
    Observed observed = new Observed();
    try {
      Path thrownAway = Files.createTempDirectory("method-costs");
      TrainConfig step =
          TrainConfig.builder()
              .task(config.task())
              .taskSettings(settings -> config.taskSettings())
              .model(config.model())
              .data(config.data())
              .output(thrownAway.toString())
              .method(method)
              .rank(config.rank())
              .alpha(config.alpha())
              .targetModules(config.targetModules())
              .rankPattern(config.rankPattern())
              .alphaPattern(config.alphaPattern())
              .layersToTransform(config.layersToTransform())
              .excludeModules(config.excludeModules())
              .useRslora(config.useRslora())
              .modulesToSave(method == Method.FULL ? List.of() : config.modulesToSave())
              .dtype(config.dtype())
              .workers(1)
              .batchSize(rows.size())
              .microBatchSize(rows.size())
              .recompute(recompute)
              .maxSteps(1)
              .build();
      TrainInputs inputs =
          new TrainInputs(
              step,
              modelFolder,
              Optional.empty(),
              TokenStore.of(rows),
              Optional.empty(),
              thrownAway.resolve("result"));
      try {
        new Trainer(inputs, LocalCommunicator.group(1).get(0), List.of(observed)).run();
      } finally {
        delete(thrownAway);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use the folder for temporary files (choose another with -Djava.io.tmpdir)", e);
    }
    return observed;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
