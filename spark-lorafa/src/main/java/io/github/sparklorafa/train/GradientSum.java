package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.tensor.NativeFloats;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Sums the bucket over all workers while the backward pass goes on: a thread of its own sends its
 * {@link BucketParts}, each as soon as all gradients in it are final. The last part carries the
 * loss. A worker that has no rows in a step sends zeros, in the same order.
 *
 * <p>How it is cut changes no bit of the result, since each number is summed by itself. A bucket of
 * one part, and that of a worker alone, is summed by the training thread.
 *
 * <p>All methods belong to the training thread. A failure of either thread ends both.
 */
final class GradientSum implements AutoCloseable {
  /** Numbers of 1 MB. */
  private static final long LEAST_PART = 1 << 18;

  /** Numbers of 4 MB. */
  private static final long LARGEST_PART = 1 << 20;

  private static final int USUAL_PARTS = 32;

  /** Numbers of 64 KB for each worker to add up: fewer take less time than their messages. */
  private static final long LEAST_CHUNK = 1 << 14;

  private final Trainables trainables;
  private final Communicator communicator;
  private final Consumer<Throwable> beforeAbort;
  private final WireDType wire;
  private final BucketParts parts;
  private final PartSender sender;

  /** Of each part, what is not final yet: gradients, and in the last one the loss too. */
  private final int[] missing;

  private int released;

  /**
   * What the sum of one step took.
   *
   * @param seconds of the sum itself, in which slower workers are waited for
   * @param exposed seconds of them for which the training thread waited; the others were hidden
   */
  record Time(double seconds, double exposed) {}

  /**
   * @param beforeAbort told why this worker gives up, before the others learn that it does
   * @param wire numbers in which gradients travel; the loss travels in fp32 in any case
   * @param partCount gradients of a part; if it is not given, these are 1 to 4 MB, and more among
   *     many workers
   */
  GradientSum(
      Trainables trainables,
      Communicator communicator,
      Consumer<Throwable> beforeAbort,
      WireDType wire,
      OptionalLong partCount) {
    this.trainables = trainables;
    this.communicator = communicator;
    this.beforeAbort = beforeAbort;
    this.wire = wire;
    NativeFloats bucket = trainables.bucket();
    long usual = usualPart(bucket.count(), communicator.size());
    long size = communicator.size() == 1 ? bucket.count() : partCount.orElse(usual);
    this.parts = new BucketParts(bucket, trainables.losses(), trainables.places(), size);
    this.missing = new int[parts.count()];
    this.sender = new PartSender("gradient-sum-" + communicator.rank(), this::sum);
  }

  /** Gradients of a part, out of so many in all. */
  static long usualPart(long gradients, int workers) {
    long usual = Math.min(LARGEST_PART, Math.max(LEAST_PART, gradients / USUAL_PARTS));
    return Math.max(usual, workers * LEAST_CHUNK);
  }

  /** Before the last backward pass of a step: what is final from now on leaves. */
  void begin() {
    if (missing.length == 1) {
      return;
    }
    released = 0;
    Arrays.fill(missing, 0);
    missing[missing.length - 1] = 1;
    for (Parameter parameter : trainables.parameters()) {
      List<Integer> holding = parts.of(parameter);
      holding.forEach(part -> missing[part]++);
      parameter.whenFinal(() -> areFinal(holding));
    }
  }

  private void areFinal(List<Integer> holding) {
    holding.forEach(part -> missing[part]--);
    int before = released;
    while (missing[released] == 0) {
      released++;
    }
    if (released > before) {
      sender.releaseUpTo(released);
    }
  }

  /**
   * Sends what is left, with the loss, and blocks until all is summed.
   *
   * @throws InterruptedException if the thread is interrupted; the other workers fail then
   */
  Time finish() throws InterruptedException {
    long began = System.nanoTime();
    if (missing.length == 1) {
      sum(0);
      double seconds = secondsSince(began);
      return new Time(seconds, seconds);
    }
    trainables.parameters().forEach(Parameter::reopen);
    sender.releaseUpTo(missing.length);
    try {
      double seconds = sender.await();
      return new Time(seconds, Math.min(seconds, secondsSince(began)));
    } catch (InterruptedException e) {
      communicator.abort("its thread was interrupted");
      throw e;
    }
  }

  private void sum(int part) {
    NativeFloats floats = parts.part(part);
    if (wire == WireDType.FP32 || part < parts.count() - 1) {
      communicator.sum(floats, wire);
      return;
    }
    long losses = trainables.losses();
    communicator.sum(new NativeFloats(floats.address(), losses));
    long start = floats.address() + losses * Float.BYTES;
    communicator.sum(new NativeFloats(start, floats.count() - losses), wire);
  }

  /**
   * Gives up a step for {@code cause}: if a part is under way, the other workers fail.
   *
   * @throws RuntimeException that of the sum, if that failed before
   */
  void abandon(Throwable cause) {
    sender.throwIfFailed();
    if (sender.isSending()) {
      beforeAbort.accept(cause);
      communicator.abort(String.valueOf(cause.getMessage()));
    }
  }

  /** Ends the sender's thread, and waits for that. */
  @Override
  public void close() {
    sender.close();
  }

  private static double secondsSince(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
