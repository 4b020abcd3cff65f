package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.optim.SGD;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.SliceOptimizer;
import io.github.sparklorafa.train.TrainConfig;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import scala.Console;

/**
 * BigDL's learning-rate schedules, for any optimizer: the option {@code schedule} and those of the
 * schedule itself. BigDL ties them to its SGD, so one that changes nothing counts the steps here.
 */
final class Schedules implements SliceOptimizer.Rates {
  private static final String NAMES =
      "default, epoch-step, exponential, multi-step, natural-exp, poly, step";
  private static final int FOREVER = Integer.MAX_VALUE / 2;

  private final TrainConfig config;
  private final Options options;
  private final String name;
  private final double[] settings;
  private final int[] steps;
  private final int warmup;
  private final double delta;
  private SGD<Object> counter;
  private long next;
  private double current;

  static {
    // Some of BigDL's schedules print each step.
    Console.setOut(new PrintStream(OutputStream.nullOutputStream()));
  }

  private Schedules(TrainConfig config, Options options, String name) {
    this.config = config;
    this.options = options;
    this.name = name;
    this.settings = new double[2];
    this.steps = name.equals("multi-step") ? options.counts("step-sizes") : new int[0];
    read();
    this.warmup = options.countOrNone("warmup-iteration");
    this.delta = warmup > 0 ? options.real("warmup-delta") : 0;
    restart();
  }

  /** What the options ask for; empty without the option {@code schedule}. */
  static Optional<SliceOptimizer.Rates> of(TrainConfig config, Options options) {
    String name = options.text("schedule", "");
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (config.schedule() != Schedule.LINEAR || config.warmupSteps() != 0) {
      throw new IllegalArgumentException(
          "Cannot use optimizer options: schedule=%s with schedule %s and warmup steps %d (leave these two out: BigDL's takes their place)"
              .formatted(name, config.schedule().text(), config.warmupSteps()));
    }
    return Optional.of(new Schedules(config, options, name));
  }

  private void read() {
    switch (name) {
      case "default" -> settings[0] = options.real("learning-rate-decay");
      case "epoch-step", "step" -> set(options.count("step-size"), options.real("gamma"));
      case "exponential" -> set(options.count("decay-step"), options.real("decay-rate"));
      case "multi-step" -> settings[0] = options.real("gamma");
      case "natural-exp" -> set(options.count("decay-step"), options.real("gamma"));
      case "poly" -> set(options.real("power"), options.count("max-iteration"));
      default ->
          throw new IllegalArgumentException(
              "Cannot use optimizer options: schedule=%s (use %s)".formatted(name, NAMES));
    }
  }

  private void set(double first, double second) {
    settings[0] = first;
    settings[1] = second;
  }

  private SGD.LearningRateSchedule schedule() {
    return switch (name) {
      case "epoch-step" -> new SGD.EpochStep((int) settings[0], settings[1]);
      case "exponential" -> new SGD.Exponential((int) settings[0], settings[1], false);
      case "multi-step" -> new SGD.MultiStep(steps, settings[0]);
      case "natural-exp" -> new SGD.NaturalExp((int) settings[0], settings[1]);
      case "poly" -> new SGD.Poly(settings[0], (int) settings[1]);
      case "step" -> new SGD.Step((int) settings[0], settings[1]);
      default -> new SGD.Default();
    };
  }

  private void restart() {
    SGD.LearningRateSchedule schedule = schedule();
    if (warmup > 0) {
      schedule =
          new SGD.SequentialSchedule(FOREVER)
              .add(new SGD.Warmup(delta), warmup)
              .add(schedule, FOREVER);
    }
    double decay = name.equals("default") ? settings[0] : 0;
    counter =
        new SGD<>(
            config.learningRate(),
            decay,
            0,
            0,
            0,
            false,
            schedule,
            null,
            null,
            Tensors.FLOAT,
            Tensors.NUMERIC);
    next = 0;
  }

  /** Some schedules know only the step after the one before: what lies between is gone through. */
  @Override
  public double at(long step, int epoch) {
    if (step < next - 1) {
      restart();
    }
    while (next <= step) {
      counter.state().update("epoch", epoch);
      counter.state().update("evalCounter", Math.toIntExact(next));
      counter.learningRateSchedule().updateHyperParameter(counter);
      current = -counter.learningRateSchedule().currentRate();
      next++;
    }
    return current;
  }
}
