package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.RowView;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.model.Model.LossSum;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Sees to it that no step changes the model by a loss or a gradient that is no finite number, and
 * finds the rows that it came from: each worker takes its sequences of that step once more, one by
 * one, and a sum tells all of them what each found.
 *
 * <p>What decides is the same on all workers, the sums, so all of them stop, or leave the step out.
 */
final class FiniteSteps {
  /** So many steps left out in a row mean that it is not for a few rows. */
  static final int MOST_IN_A_ROW = 10;

  /** Rows that a message names. */
  private static final int NAMED = 10;

  private final TrainConfig config;
  private final Communicator communicator;
  private final TokenSequences sequences;
  private final BatchOrder order;
  private final RowView view;
  private final Consumer<String> notes;
  private int leftOutAlone;

  /**
   * @param view of the rows in training
   * @param notes told by worker 0 of what is left out
   */
  FiniteSteps(
      TrainConfig config,
      Communicator communicator,
      TokenSequences sequences,
      BatchOrder order,
      RowView view,
      Consumer<String> notes) {
    this.config = config;
    this.communicator = communicator;
    this.sequences = sequences;
    this.order = order;
    this.view = view;
    this.notes = notes;
  }

  /** A step before anything is changed by it, over all workers. */
  record Outcome(long step, double loss, double norm, long terms) {
    boolean isFinite() {
      return terms == 0 || (Double.isFinite(loss) && Double.isFinite(norm));
    }

    @Override
    public String toString() {
      return "loss %s, gradient norm %s".formatted(loss, norm);
    }
  }

  /**
   * Whether the step is to be taken. Blocks for one more sum if something is not finite, after
   * which the gradients are zero.
   *
   * @param standing before it
   * @throws TrainingException if the run is to stop
   */
  boolean takes(Outcome outcome, TrainedModel trained, Totals standing) {
    if (outcome.isFinite()) {
      return true;
    }
    leaveOut(
        outcome,
        rows(outcome.step(), trained),
        standing.skippedInARow() + 1,
        communicator.rank() == 0);
    return false;
  }

  /**
   * Whether this worker takes a step by itself. The other workers are not asked.
   *
   * @throws TrainingException if the run is to stop
   */
  boolean takesAlone(Outcome outcome, TrainedModel trained) {
    if (outcome.isFinite()) {
      leftOutAlone = 0;
      return true;
    }
    List<String> named = new ArrayList<>();
    for (long sequence : order.rows(outcome.step(), communicator.rank())) {
      if (!isFinite(sequence, outcome.step(), trained)) {
        named.add(names(sequence));
      }
    }
    String rows =
        "%s (worker %d)"
            .formatted(
                named.isEmpty() ? "none of its rows alone" : text(named), communicator.rank());
    leaveOut(outcome, rows, ++leftOutAlone, true);
    return false;
  }

  /**
   * Leaves the step out, where the run is to go on without it.
   *
   * @param rows that it came from, in words
   * @param inARow steps left out, with this one
   * @param tells whether this worker notes it
   */
  private void leaveOut(Outcome outcome, String rows, int inARow, boolean tells) {
    long step = outcome.step() + 1;
    if (config.stopping().onNan() == OnNan.STOP) {
      throw new TrainingException(
          "Cannot go on after step %d: %s, from %s (look for damaged rows and weights, lower the learning rate, or leave such steps out: on NaN skip)"
              .formatted(step, outcome, rows));
    }
    if (inARow >= MOST_IN_A_ROW) {
      throw new TrainingException(
          "Cannot go on after step %d: %s, from %s, and it is the %dth step in a row to be left out (look for damaged weights, or lower the learning rate)"
              .formatted(step, outcome, rows, inARow));
    }
    if (tells) {
      notes.accept("Left out step %d: %s, from %s".formatted(step, outcome, rows));
    }
  }

  /** Notes how many steps of the whole run were left out, if any were. */
  void conclude(Totals totals) {
    if (totals.skipped() > 0 && communicator.rank() == 0) {
      notes.accept(
          "Left out %d of %d steps, whose loss or gradient was not finite"
              .formatted(totals.skipped(), totals.steps()));
    }
  }

  /** The rows whose own loss or gradient is not finite, in words, the same on all workers. */
  private String rows(long step, TrainedModel trained) {
    long[] all = order.rows(step);
    float[] marks = new float[all.length];
    int position = order.start(step, communicator.rank());
    for (long sequence : order.rows(step, communicator.rank())) {
      marks[position++] = isFinite(sequence, step, trained) ? 0 : 1;
    }
    float[] found = Agreement.sum(marks, communicator);
    List<String> named = new ArrayList<>();
    for (int rank = 0; rank < communicator.size(); rank++) {
      int first = order.start(step, rank);
      for (int i = first; i < order.start(step, rank + 1); i++) {
        if (found[i] != 0) {
          int microBatch = (i - first) / config.microBatchSize() + 1;
          named.add("%s (worker %d, micro-batch %d)".formatted(names(all[i]), rank, microBatch));
        }
      }
    }
    if (named.isEmpty()) {
      return "none of its rows alone, but all together: "
          + text(Arrays.stream(all).mapToObj(this::names).toList());
    }
    return named.size() == all.length
        ? "each of its rows, so that the weights are suspect: " + text(named)
        : text(named);
  }

  /** Takes one sequence through the model, forward and backward, by itself. */
  private boolean isFinite(long sequence, long step, TrainedModel trained) {
    Trainables trainables = trained.trainables();
    trainables.clear();
    boolean finite = true;
    for (TokenBatch batch : MicroBatches.of(sequences, new long[] {sequence}, 1, view, step)) {
      try (Scope scope = new Scope();
          Tape tape = new Tape(config.recompute())) {
        LossSum loss = trained.trainStep(step, batch, tape);
        finite &= Double.isFinite(loss.sum());
      }
    }
    finite &= Double.isFinite(trainables.averageAndNorm(1));
    trainables.clear();
    return finite;
  }

  private String names(long sequence) {
    String numbers =
        LongStream.of(sequences.rows(sequence))
            .mapToObj(Long::toString)
            .collect(Collectors.joining(" and "));
    return "row " + numbers;
  }

  private static String text(List<String> names) {
    String listed = names.stream().limit(NAMED).collect(Collectors.joining(", "));
    return names.size() <= NAMED ? listed : listed + " and " + (names.size() - NAMED) + " more";
  }
}
