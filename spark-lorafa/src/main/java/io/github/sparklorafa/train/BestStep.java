package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.checkpoint.SafetensorsWriter;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Finds the best of the steps at which the model is evaluated, keeps its values in a local file,
 * and says when to stop. All workers are given the same values and so decide the same; only worker
 * 0, which writes the result, keeps values.
 */
final class BestStep {
  private final Stopping stopping;
  private final Path file;
  private final boolean keepsValues;
  private Standing standing = Standing.NONE;

  /**
   * How the run stands.
   *
   * @param metric that {@code value} is of
   * @param step the best one, or 0
   * @param value the best so far
   * @param withoutImprovement evaluations since
   * @param lossSum of the steps since the last evaluation
   * @param lossSteps the number of those steps
   */
  record Standing(
      MetricForBest metric,
      long step,
      double value,
      int withoutImprovement,
      double lossSum,
      long lossSteps) {
    static final Standing NONE = new Standing(MetricForBest.NONE, 0, Double.NaN, 0, 0, 0);
  }

  /**
   * @param file where worker 0 keeps the values
   */
  BestStep(Stopping stopping, Path file, int workerRank) {
    this.stopping = stopping;
    this.file = file;
    this.keepsValues = workerRank == 0;
  }

  void afterStep(double loss) {
    if (Double.isFinite(loss)) {
      standing =
          new Standing(
              stopping.metric(),
              standing.step(),
              standing.value(),
              standing.withoutImprovement(),
              standing.lossSum() + loss,
              standing.lossSteps() + 1);
    }
  }

  /** After {@code step} steps, counting from 1. */
  void afterEvaluation(long step, Evaluated evaluated, Trainables trainables) {
    if (!stopping.keepsBest()) {
      return;
    }
    double value =
        stopping.metric() == MetricForBest.LOSS
            ? standing.lossSum() / standing.lossSteps()
            : evaluated.value(stopping.metric());
    boolean better =
        stopping.metric().isBetter(value, standing.value())
            || (standing.step() == 0 && Double.isFinite(value));
    standing =
        better
            ? new Standing(stopping.metric(), step, value, 0, 0, 0)
            : new Standing(
                stopping.metric(),
                standing.step(),
                standing.value(),
                standing.withoutImprovement() + 1,
                0,
                0);
    if (better && keepsValues) {
      try (Scope scope = new Scope()) {
        SafetensorsWriter.write(
            file, SafetensorsWriter.entries(trainables.named(trainables.flat()), DType.FP32));
      }
    }
  }

  /** Whether there were so many evaluations without improvement that training ends. */
  boolean stops() {
    return stopping.earlyStoppingPatience() > 0
        && standing.withoutImprovement() >= stopping.earlyStoppingPatience();
  }

  Standing standing() {
    return standing;
  }

  /** The file with the best values, on the worker that keeps them. */
  Optional<Path> values() {
    return Optional.of(file).filter(kept -> keepsValues && standing.step() > 0);
  }

  /** Goes on from where another attempt stood. */
  void restore(Standing stored, Optional<Path> values) {
    if (!stopping.keepsBest()) {
      return;
    }
    standing = stored;
    if (keepsValues && values.isPresent()) {
      try {
        Files.move(values.get(), file, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot keep the best step: " + file + " (free space)", e);
      }
    }
  }

  /** Makes the best values the trained ones, unless they are. */
  void use(Trainables trainables, long steps) {
    if (values().isPresent() && standing.step() != steps) {
      try (Scope scope = new Scope();
          SafetensorsFile best = SafetensorsFile.open(file)) {
        trainables
            .named(trainables.flat())
            .forEach((name, value) -> value.copy_(best.load(name, DType.FP32)));
      }
    }
  }
}
