package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.lora.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Trains the tiny reference LLaMA with one thread of this process for each worker. */
final class LocalTraining {
  static final Path MODEL = ReferenceRun.folder("llama-gqa");

  private LocalTraining() {}

  /** What one worker saw. */
  record Worker(TrainSummary summary, List<StepReport> steps) {
    double[] losses() {
      return steps.stream().mapToDouble(StepReport::loss).toArray();
    }

    double[] gradNorms() {
      return steps.stream().mapToDouble(StepReport::gradNorm).toArray();
    }
  }

  /** 20 steps of 4 rows, in the data's order. */
  static TrainConfigBuilder config(Method method) {
    return TrainConfig.builder()
        .model("llama-gqa")
        .data("batches.json")
        .output("output")
        .method(method)
        .rank(4)
        .alpha(8)
        .workers(1)
        .batchSize(4)
        .maxSteps(20)
        .learningRate(5e-3)
        .shuffle(false);
  }

  /** Trains on the reference data from a new adapter. */
  static List<Worker> train(TrainConfig config, Path output) {
    TrainInputs inputs =
        new TrainInputs(
            config, MODEL, Optional.empty(), ReferenceRun.data(), Optional.empty(), output);
    return train(config.workers(), rank -> inputs);
  }

  /** Trains with the inputs of each rank; the first failure ends all workers and is thrown. */
  static List<Worker> train(int workers, IntFunction<TrainInputs> inputs) {
    return train(workers, inputs, new TrainListener() {});
  }

  /** The same with a listener of all workers. */
  static List<Worker> train(int workers, IntFunction<TrainInputs> inputs, TrainListener listener) {
    return train(workers, inputs, listener, OptionalLong.empty());
  }

  /** The same with an all-reduce that sends so many numbers at once. */
  static List<Worker> train(
      int workers,
      IntFunction<TrainInputs> inputs,
      TrainListener listener,
      OptionalLong partCount) {
    List<Communicator> group = LocalCommunicator.group(workers);
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try {
      List<Future<Worker>> futures = new ArrayList<>();
      for (Communicator communicator : group) {
        futures.add(
            threads.submit(
                () -> work(inputs.apply(communicator.rank()), communicator, listener, partCount)));
      }
      List<Worker> done = new ArrayList<>();
      for (Future<Worker> future : futures) {
        done.add(future.get());
      }
      return done;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Ends the run after a step, as if the worker had been killed, and collects what it notes. */
  static TrainListener killedAfter(long step, List<String> notes) {
    return new TrainListener() {
      @Override
      public void onStep(StepReport report) {
        if (report.step() == step) {
          throw new IllegalStateException("killed");
        }
      }

      @Override
      public void onNote(String note) {
        notes.add(note);
      }
    };
  }

  private static Worker work(
      TrainInputs inputs, Communicator communicator, TrainListener listener, OptionalLong partCount)
      throws InterruptedException {
    List<StepReport> steps = new ArrayList<>();
    try {
      List<TrainListener> listeners = List.of(collecting(steps), listener);
      return new Worker(new Trainer(inputs, communicator, listeners, partCount).run(), steps);
    } catch (RuntimeException e) {
      communicator.abort(e.getMessage());
      throw e;
    }
  }

  private static TrainListener collecting(List<StepReport> steps) {
    return new TrainListener() {
      @Override
      public void onStep(StepReport report) {
        steps.add(report);
      }
    };
  }
}
