package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Steps that each worker takes by itself, and the average over workers after them (local SGD;
 * Stich, 2019). With {@code T_q} the loss terms of worker q since the last synchronisation:
 *
 * <pre>
 *   B ← B₀ + Σ_q T_q (B_q − B₀) / Σ_q T_q
 * </pre>
 *
 * where B₀ is what all had then. A is frozen, so the average of the adapters is the adapter of the
 * averages: {@code mean(B_q) A = mean(B_q A)}. A worker without terms counts for nothing; if none
 * has any, nothing has changed.
 *
 * <p>The changes take the gradients' place in the bucket, which has room for the losses of all
 * steps since, so that a step by itself sends nothing. AdamW's moments stay where they are, except
 * for a checkpoint, which must be the same for all: then they are averaged too, and all go on from
 * that, whether the run is interrupted or not.
 */
final class LocalSteps implements AutoCloseable {
  private final Trainables trainables;
  private final Optimizer optimizer;
  private final Communicator communicator;
  private final GradientSum sum;
  private Tensor before;
  private final List<Step> steps = new ArrayList<>();

  /** A step since the last synchronisation, of which only this worker's loss is known. */
  private record Step(StepReport report, double lossSum, long terms) {}

  /**
   * @param sum of the whole bucket at once
   */
  LocalSteps(
      Trainables trainables, Optimizer optimizer, Communicator communicator, GradientSum sum) {
    this.trainables = trainables;
    this.optimizer = optimizer;
    this.communicator = communicator;
    this.sum = sum;
  }

  /** Takes what is trained now for what all workers have; before the first step by themselves. */
  void begin() {
    try (Scope scope = new Scope()) {
      before = scope.release(trainables.flat().clone());
    }
  }

  /**
   * Remembers a step.
   *
   * @param report without the loss of all workers
   * @param lossSum of this worker
   * @param terms of this worker; 0 if it has not changed anything
   */
  void took(StepReport report, double lossSum, long terms) {
    steps.add(new Step(report, lossSum, terms));
  }

  /**
   * Averages what is trained, and blocks until all workers have come here.
   *
   * @param withMoments whether the moments become the same on all workers too
   * @return the steps since the last time, with the losses of all workers
   */
  List<StepReport> synchronise(boolean withMoments) throws InterruptedException {
    long own = steps.stream().mapToLong(Step::terms).sum();
    try (Scope scope = new Scope()) {
      Tensor changes = trainables.gradients();
      torch.sub_out(changes, trainables.flat(), before);
      changes.mul_(new Scalar((double) own));
      for (int i = 0; i < steps.size(); i++) {
        trainables.putLoss(i, steps.get(i).lossSum(), steps.get(i).terms());
      }
      GradientSum.Time time = sum.finish();
      long all = 0;
      for (int i = 0; i < steps.size(); i++) {
        all += trainables.lossTerms(i);
      }
      if (all > 0) {
        trainables.flat().copy_(before.add_(changes.div_(new Scalar((double) all))));
        trainables.publish();
      }
      List<StepReport> reports = reports(time, withMoments);
      if (withMoments) {
        for (int slot = 0; slot < optimizer.slots().size(); slot++) {
          average(slot, own, all);
        }
      }
      steps.clear();
      return reports;
    }
  }

  private List<StepReport> reports(GradientSum.Time time, boolean withMoments) {
    List<StepReport> reports = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      reports.add(steps.get(i).report().withLoss(trainables.lossSum(i) / trainables.lossTerms(i)));
    }
    int last = reports.size() - 1;
    long moments = withMoments ? 2 * trainables.count() * Float.BYTES : 0;
    reports.set(last, reports.get(last).withSum(trainables.bucketBytes() + moments, time));
    return reports;
  }

  /** With the weights of the terms, or with equal ones where there are none. */
  private void average(int slot, long own, long all) {
    double weight = all > 0 ? own : 1;
    double weights = all > 0 ? all : communicator.size();
    try (Scope scope = new Scope()) {
      Tensor room = trainables.gradients();
      optimizer.read(slot, Optional.of(room));
      room.mul_(new Scalar(weight));
      communicator.sum(new NativeFloats(room.data_ptr().address(), trainables.count()));
      optimizer.write(slot, room.div_(new Scalar(weights)));
    }
  }

  @Override
  public void close() {
    if (before != null) {
      before.close();
    }
  }
}
