package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import java.util.List;

/**
 * What all architectures have in common: they learn from micro-batches. Not thread-safe; its
 * tensors belong to the thread that trains.
 */
public interface Model extends AutoCloseable {
  /**
   * One micro-batch, forward and backward: adds the gradient of the summed loss to the trainable
   * parameters.
   *
   * @param batch whose labels are of the kind that the model's objective asks for
   * @param tape empty; holds what is kept between the passes and is empty again afterwards
   */
  LossSum trainStep(MicroBatch batch, Tape tape);

  /** The loss of one micro-batch; nothing is kept. */
  LossSum evaluate(MicroBatch batch);

  /** What of a micro-batch goes through the linear layer of that full name. */
  default Sequences sequencesOf(String module, MicroBatch batch) {
    return batch.sequences();
  }

  /** The weights of the model itself, without an adapter's, in the order of its forward pass. */
  List<Parameter> parameters();

  @Override
  void close();

  /**
   * A loss before it is averaged.
   *
   * @param sum of the terms: negative log-likelihoods in nats, or squared errors
   * @param terms that were added: tokens, or rows where a row has one loss
   */
  record LossSum(double sum, long terms) {
    /** Mean loss of a term. */
    public double mean() {
      return sum / terms;
    }
  }
}
