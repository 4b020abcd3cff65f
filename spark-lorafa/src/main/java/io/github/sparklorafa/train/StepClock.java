package io.github.sparklorafa.train;

import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.model.Model.LossSum;
import io.github.sparklorafa.nn.Tape;
import java.util.List;
import java.util.function.Supplier;

/** Measures where the training thread's time in a step goes. */
final class StepClock {
  private long data;
  private long forward;
  private long backward;

  /** Where the rows of the next step come from. */
  interface Batches {
    List<TokenBatch> next() throws InterruptedException;
  }

  /** The rows of the next step. */
  List<TokenBatch> awaited(Batches batches) throws InterruptedException {
    long began = System.nanoTime();
    List<TokenBatch> next = batches.next();
    data += System.nanoTime() - began;
    return next;
  }

  /** One micro-batch: the backward pass begins when the first tensor is taken off the tape. */
  LossSum passes(Tape tape, Supplier<LossSum> both) {
    long began = System.nanoTime();
    LossSum loss = both.get();
    long ended = System.nanoTime();
    long turned = tape.firstTaken().orElse(ended);
    forward += turned - began;
    backward += ended - turned;
    return loss;
  }

  /** What was measured since the last time. */
  StepTimes take() {
    StepTimes times = new StepTimes(data / 1e9, forward / 1e9, backward / 1e9);
    data = 0;
    forward = 0;
    backward = 0;
    return times;
  }
}
