package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Sequences;
import io.github.sparklorafa.nn.Tape;
import org.bytedeco.pytorch.Tensor;

/** What the output of an encoder, {@code hidden [tokens, hidden]}, runs into. */
interface EncoderHead {
  /** See {@link io.github.sparklorafa.nn.Projection#plan}. */
  void plan(GradientFlow hidden);

  /**
   * The loss and the gradient of {@code hidden}, which is null where none is asked for; else the
   * caller closes it. What the head keeps is taken again.
   */
  Result forwardAndBackward(Tensor hidden, MicroBatch batch, Tape tape);

  /** The loss alone. */
  Model.LossSum evaluate(Tensor hidden, MicroBatch batch);

  /** Logits of the caller's scope, a row for each thing that the head judges. */
  Tensor logits(Tensor hidden, Sequences sequences);

  /** Where the rows of each sequence are in what the head's linear layers read in training. */
  Sequences seen(MicroBatch batch);

  /** A loss with the gradient of what ran into the head. */
  record Result(Model.LossSum loss, Tensor gradient) {}
}
