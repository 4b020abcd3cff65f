package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.GradientFlow;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One layer of a stack: self-attention, in the decoder cross-attention, and a feed-forward part.
 * The tape may have the last one run again, or the whole layer.
 */
final class T5Layer {
  private final List<T5Residual> attentions;
  private final T5Residual feedForward;
  private GradientFlow output = GradientFlow.STOPS;

  T5Layer(List<T5Residual> attentions, T5Residual feedForward) {
    this.attentions = attentions;
    this.feedForward = feedForward;
  }

  /**
   * @param read whether what cross-attention sees has a gradient
   */
  GradientFlow plan(GradientFlow input, GradientFlow read) {
    GradientFlow gradient = input;
    for (T5Residual attention : attentions) {
      gradient = attention.plan(gradient, read);
    }
    output = feedForward.plan(gradient, read);
    return output;
  }

  /** {@code x [tokens, dModel]} to the same shape, owned by the caller, who closes it. */
  Tensor forward(Tensor x, T5Pass pass, Tape tape) {
    Tape ofLayer = output.flows() ? segment(x, pass, tape) : tape;
    Tensor attended = attend(x, pass, ofLayer);
    boolean flows = feedForward.branch().flows();
    Tape ofHalf = flows ? ofLayer.segment(Recompute.MLP, attended) : ofLayer;
    return Steps.consumed(attended, input -> feedForward.forward(input, pass, ofHalf));
  }

  /** What the layer reads is kept with its input, once for all layers. */
  private static Tape segment(Tensor x, T5Pass pass, Tape tape) {
    Tape ofLayer = tape.segment(Recompute.LAYER, x);
    if (ofLayer != tape && pass.read() != null) {
      tape.keep(pass.read().states());
    }
    return ofLayer;
  }

  /** Leaves {@code x} to the caller. */
  private Tensor attend(Tensor x, T5Pass pass, Tape tape) {
    Tensor attended = Steps.owned(x, input -> attentions.get(0).forward(input, pass, tape));
    for (T5Residual next : attentions.subList(1, attentions.size())) {
      attended = Steps.consumed(attended, input -> next.forward(input, pass, tape));
    }
    return attended;
  }

  /** Runs forward again, onto the tape, what it kept the input of alone. */
  private void again(T5Pass pass, Tape tape) {
    try (Scope scope = new Scope()) {
      if (tape.recomputes(Recompute.LAYER)) {
        T5Pass seeing = pass.read() == null ? pass : pass.seeing(tape.take());
        try (Tensor attended = attend(tape.take(), seeing, tape)) {
          feedForward.remember(attended, seeing, tape);
        }
      } else if (tape.recomputes(Recompute.MLP) && feedForward.branch().flows()) {
        feedForward.remember(tape.take(), pass, tape);
      }
    }
  }

  /** Adds to {@code dy} in place; null once nothing below owes a gradient. */
  Tensor backward(Tensor dy, T5Pass pass, Tape tape) {
    again(pass, tape);
    Tensor dx = feedForward.backward(dy, pass, tape);
    for (int i = attentions.size() - 1; i >= 0 && dx != null; i--) {
      dx = attentions.get(i).backward(dx, pass, tape);
    }
    return dx;
  }
}
