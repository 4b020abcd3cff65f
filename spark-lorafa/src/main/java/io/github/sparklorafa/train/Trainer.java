package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.BatchPrefetcher;
import io.github.sparklorafa.data.RowView;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.GramCorrection;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Model.LossSum;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Buffers;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * One worker's training loop. All workers run it with the same inputs and their own communicator,
 * take the same number of steps and join one all-reduce in each, with rows or without.
 *
 * <p>Runs on the calling thread, which must stay the same, and blocks until training ends. An
 * exception leaves nothing in the output folder; the caller aborts the communicator so that the
 * others do not wait.
 */
public final class Trainer {
  private final TrainInputs inputs;
  private final TrainConfig config;
  private final Communicator communicator;
  private final Listeners listeners;
  private final TokenSequences sequences;
  private final BatchOrder order;
  private final Optional<Evaluation> evaluation;
  private final OptionalLong partCount;
  private final boolean isLocal;
  private final RowView view;
  private final LearningRates rates;
  private final FiniteSteps finiteSteps;
  private final StepClock clock = new StepClock();

  private ModelConfig shape;
  private long tapeBytes;

  /** With listeners beside those that {@link java.util.ServiceLoader} finds. */
  public Trainer(TrainInputs inputs, Communicator communicator, List<TrainListener> listeners) {
    this(inputs, communicator, listeners, OptionalLong.empty());
  }

  /**
   * @param partCount numbers that the all-reduce sends at once, where not the usual
   */
  Trainer(
      TrainInputs inputs,
      Communicator communicator,
      List<TrainListener> listeners,
      OptionalLong partCount) {
    this.partCount = partCount;
    this.isLocal = inputs.config().synchronisation().isLocal(communicator.size());
    this.inputs = inputs;
    this.config = inputs.config();
    this.communicator = communicator;
    this.listeners = new Listeners(listeners);
    this.sequences = StepData.sequences(config, inputs.data());
    this.order = StepData.order(config, sequences, communicator.size());
    this.rates = new LearningRates(config, order);
    this.view = StepData.view(config, inputs.modelFolder());
    this.finiteSteps =
        new FiniteSteps(config, communicator, sequences, order, view, this.listeners::onNote);
    this.evaluation = inputs.evalData().map(data -> new Evaluation(data, inputs, communicator));
  }

  /**
   * Trains, and writes the result on worker 0.
   *
   * @throws TrainingException if it can't go on and starting again would not help
   * @throws InterruptedException if the thread is interrupted between two steps
   */
  public TrainSummary run() throws InterruptedException {
    try (Scope scope = new Scope();
        NoGradGuard noGrad = new NoGradGuard();
        HuggingFaceFolder folder =
            HuggingFaceFolder.open(
                inputs.modelFolder(), config.dtype(), Optional.of(config.objective()));
        TrainedModel trained = trained(folder);
        GramCorrection correction = correction(trained);
        Optimizer optimizer = Optimizers.of(config, trained.trainables(), communicator);
        RunState state =
            new RunState(inputs, communicator, folder.config(), trained, optimizer, listeners);
        GradientSum sum = sum(trained);
        LocalSteps local = new LocalSteps(trained.trainables(), optimizer, communicator, sum)) {
      Run run = new Run(trained, correction, optimizer, state, sum, local);
      shape = folder.config();
      agree(trained);
      long done = state.resume(order.steps());
      if (isLocal) {
        local.begin();
      }
      start(trained, done);
      long began = System.nanoTime();
      try (BatchPrefetcher batches = batches(done)) {
        for (long step = done; step < order.steps() && !state.stops(); step++) {
          step(step, clock.awaited(batches::next), run);
          if (evaluates(step)) {
            evaluate(step, trained, state);
          }
          if (synchronises(step)) {
            state.saveIfDue();
          }
        }
      }
      state.useBest();
      finiteSteps.conclude(state.totals());
      TrainSummary summary = summary(trained, state, secondsSince(began));
      if (communicator.rank() == 0) {
        ResultFiles.write(inputs, trained);
      }
      listeners.onEnd(summary);
      return summary;
    } finally {
      Buffers.trim();
    }
  }

  private GradientSum sum(TrainedModel trained) {
    return new GradientSum(
        trained.trainables(),
        communicator,
        listeners::onFailure,
        config.synchronisation().gradientDtype(),
        isLocal ? OptionalLong.of(trained.trainables().count()) : partCount);
  }

  private BatchPrefetcher batches(long firstStep) {
    return new BatchPrefetcher(
        sequences, order, communicator.rank(), config.microBatchSize(), firstStep, view);
  }

  /** What a run works with, beside the trainer itself. */
  private record Run(
      TrainedModel trained,
      GramCorrection correction,
      Optimizer optimizer,
      RunState state,
      GradientSum sum,
      LocalSteps local) {
    Trainables trainables() {
      return trained.trainables();
    }
  }

  private void step(long step, List<TokenBatch> batches, Run run) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(
          "Cannot go on after step %d: the thread was interrupted (start again)".formatted(step));
    }
    long began = System.nanoTime();
    run.trainables().clear();
    Own own = accumulate(step, batches, run);
    if (isLocal) {
      stepAlone(step, own, run, began);
    } else {
      stepTogether(step, own, run, began);
    }
  }

  /** By the gradients of all workers. */
  private void stepTogether(long step, Own own, Run run, long began) throws InterruptedException {
    Trainables trainables = run.trainables();
    trainables.putLoss(0, own.lossSum(), own.terms());
    GradientSum.Time time = run.sum().finish();
    long terms = trainables.lossTerms(0);
    double loss = trainables.lossSum(0) / terms;
    double norm = trainables.averageAndNorm(Math.max(1, terms));
    long stepTokens = tokens(step);
    if (finiteSteps.takes(
        new FiniteSteps.Outcome(step, loss, norm, terms), run.trained(), run.state().totals())) {
      update(step, norm, run);
      run.state().afterStep(loss, stepTokens);
    } else {
      run.state().afterSkip(stepTokens);
    }
    tell(
        report(step, norm, stepTokens, own.tapeBytes(), secondsSince(began) - time.exposed())
            .withLoss(loss)
            .withSum(trainables.bucketBytes(), time));
  }

  /** By this worker's gradients; after the last step of some, all average what they have. */
  private void stepAlone(long step, Own own, Run run, long began) throws InterruptedException {
    double norm = run.trainables().averageAndNorm(Math.max(1, own.terms()));
    FiniteSteps.Outcome outcome =
        new FiniteSteps.Outcome(step, own.lossSum() / own.terms(), norm, own.terms());
    boolean takes = finiteSteps.takesAlone(outcome, run.trained());
    if (takes && own.terms() > 0) {
      run.optimizer().restoreStep(step);
      update(step, norm, run);
    }
    run.local()
        .took(
            report(step, norm, tokens(step), own.tapeBytes(), secondsSince(began)),
            takes ? own.lossSum() : 0,
            takes ? own.terms() : 0);
    if (synchronises(step)) {
      for (StepReport report : run.local().synchronise(saves(step))) {
        // Without loss terms of any worker, none has changed anything.
        if (Double.isNaN(report.loss())) {
          run.state().afterSkip(report.tokens());
        } else {
          run.state().afterStep(report.loss(), report.tokens());
        }
        tell(report);
      }
    }
  }

  private void update(long step, double norm, Run run) {
    run.trainables().clip(norm, config.maxGradNorm());
    run.correction().apply();
    run.trainables().update(run.optimizer(), rates.at(step));
  }

  /** Whether all workers have the same after {@code step}: only then is it evaluated or saved. */
  private boolean synchronises(long step) {
    return !isLocal
        || (step + 1) % config.synchronisation().syncEvery() == 0
        || step + 1 == order.steps()
        || evaluates(step)
        || saves(step);
  }

  private boolean saves(long step) {
    return inputs.checkpoints().isPresent() && config.checkpointing().isDue(step + 1);
  }

  /** What one worker adds to a step. */
  private record Own(double lossSum, long terms, long tapeBytes) {}

  /**
   * Adds up the gradients of this worker's micro-batches, which begin to leave in the last of them.
   */
  private Own accumulate(long step, List<TokenBatch> batches, Run run) {
    double sum = 0;
    long terms = 0;
    long kept = 0;
    for (TokenBatch batch : batches) {
      if (batch == batches.get(batches.size() - 1)) {
        run.sum().begin();
      }
      try (Scope scope = new Scope();
          Tape tape = new Tape(config.recompute())) {
        LossSum loss = clock.passes(tape, () -> run.trained().trainStep(step, batch, tape));
        sum += loss.sum();
        terms += loss.terms();
        kept = Math.max(kept, tape.peakBytes());
      } catch (RuntimeException | Error e) {
        run.sum().abandon(e);
        throw e;
      }
    }
    return new Own(sum, terms, kept);
  }

  /** Of all workers. */
  private long tokens(long step) {
    return LongStream.of(order.rows(step)).map(sequences::tokens).sum();
  }

  /** Without a loss and an all-reduce. */
  private StepReport report(long step, double norm, long tokens, long kept, double seconds) {
    return new StepReport(
        step + 1,
        order.steps(),
        order.epochAfter(step),
        Double.NaN,
        rates.at(step),
        norm,
        tokens,
        0,
        kept,
        seconds,
        0,
        0,
        clock.take());
  }

  private void tell(StepReport report) {
    tapeBytes = Math.max(tapeBytes, report.tapeBytes());
    listeners.onStep(report);
  }

  private boolean evaluates(long step) {
    boolean last = step + 1 == order.steps();
    return evaluation.isPresent()
        && (last || (config.evalEvery() > 0 && (step + 1) % config.evalEvery() == 0));
  }

  private void evaluate(long step, TrainedModel trained, RunState state)
      throws InterruptedException {
    long began = System.nanoTime();
    Evaluated evaluated = evaluation.orElseThrow().run(trained.model(), shape);
    state.afterEvaluation(evaluated);
    EvaluationReport report =
        new EvaluationReport(
            step + 1,
            order.epochAfter(step),
            evaluated.loss(),
            secondsSince(began),
            evaluated.scores());
    listeners.onEvaluation(report);
  }

  private TrainedModel trained(HuggingFaceFolder folder) {
    folder.checkTensors();
    folder.checkNumbers();
    return inputs
        .initAdapter()
        .map(adapter -> TrainedModel.open(config, folder, adapter))
        .orElseGet(() -> TrainedModel.open(config, folder, Map.of()));
  }

  private GramCorrection correction(TrainedModel trained) {
    return config.gradientCorrection() == GradientCorrectionMode.GRAM
        ? trained.gramCorrection()
        : GramCorrection.none();
  }

  private void agree(TrainedModel trained) {
    new Agreement()
        .on("A", trained.frozenAdapter())
        .on("the data", inputs.data().checksum())
        .on("the evaluation data", inputs.evalData().map(TokenStore::checksum))
        .on("the number of steps", order.steps())
        .on("the number of trainable parameters", trained.trainables().count())
        .check(communicator);
  }

  private void start(TrainedModel trained, long stepsDone) {
    TrainStart start =
        new TrainStart(
            order.steps(),
            communicator.rank(),
            communicator.size(),
            trained.trainables().count(),
            trained.totalParameters(),
            trained.trainables().bucketBytes(),
            stepsDone);
    listeners.onStart(start);
    if (communicator.rank() == 0 && !sequences.summary().isEmpty()) {
      listeners.onNote(sequences.summary());
    }
    if (communicator.rank() == 0 && isLocal && config.method() == Method.LORA) {
      listeners.onNote(
          "Every %d steps A and B are averaged, and mean(B) mean(A) is not mean(B A): lora-fa, whose A is frozen, loses nothing there"
              .formatted(config.synchronisation().syncEvery()));
    }
  }

  private TrainSummary summary(TrainedModel trained, RunState state, double seconds) {
    Totals totals = state.totals();
    return new TrainSummary(
        totals.steps(),
        totals.firstLoss(),
        totals.lastLoss(),
        totals.evalLoss(),
        trained.trainables().count(),
        totals.tokens(),
        trained.trainables().bucketBytes(),
        tapeBytes,
        seconds,
        state.best().step(),
        state.best().value(),
        totals.skipped());
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
