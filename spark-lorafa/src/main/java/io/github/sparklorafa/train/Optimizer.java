package io.github.sparklorafa.train;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * Changes what is trained by its gradients, and remembers some numbers for each of them.
 *
 * <p>Where the workers divide the work, all call {@link #step} and {@link #read} in the same order,
 * and both block until all have done so.
 */
interface Optimizer extends AutoCloseable {
  /**
   * One step.
   *
   * @param parameters {@code [n]}, changed in place
   * @param gradients {@code [n]}; what they hold afterwards is of no use
   */
  void step(Tensor parameters, Tensor gradients, double learningRate);

  /** What it remembers, by the names that checkpoints know: torch's, where torch has it too. */
  List<String> slots();

  /**
   * Copies what it remembers.
   *
   * @param slot in the order of {@link #slots}
   * @param into {@code [n]}; empty on a worker that doesn't need it
   */
  void read(int slot, Optional<Tensor> into);

  /**
   * Takes over what another one remembered, once {@link #restoreStep} says after how many steps.
   *
   * @param from {@code [n]}
   */
  void write(int slot, Tensor from);

  /** Goes on after so many steps. */
  void restoreStep(long steps);

  @Override
  void close();
}
