package io.github.sparklorafa.tensor;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Operators of libtorch that its Java binding leaves out, called through the dispatcher, and such
 * as write to reused memory.
 */
public final class Operators {
  private static final String SOFTMAX_BACKWARD = "aten::_softmax_backward_data";

  private Operators() {}

  /** {@code a [n, k]} times {@code b [k, m]} in memory of {@link Buffers}. */
  public static Tensor mm(Tensor a, Tensor b) {
    try (Scope scope = new Scope()) {
      Tensor product = Buffers.empty(a.scalar_type(), a.size(0), b.size(1));
      torch.mm_out(product, a, b);
      return scope.keep(product);
    }
  }

  /**
   * Overwrites {@code dp} with the gradient of a softmax over the last dimension, {@code p ∘ (dp −
   * Σ dp∘p)}, in one pass.
   *
   * @param dp gradient of the probabilities
   * @param p the probabilities, of the same shape and dtype
   */
  public static void softmaxBackward(Tensor dp, Tensor p) {
    try (Scope scope = new Scope()) {
      IValueVector stack = new IValueVector();
      stack.push_back(new IValue(dp));
      stack.push_back(new IValue(p));
      stack.push_back(new IValue(-1L));
      stack.push_back(new IValue((long) p.scalar_type().value));
      stack.push_back(new IValue(dp));
      Holder.SOFTMAX_BACKWARD_OP.callBoxed(stack);
    }
  }

  /** Looked up once, when it is first needed: the schemas are registered when the natives load. */
  private static final class Holder {
    static final OperatorHandle SOFTMAX_BACKWARD_OP = find(SOFTMAX_BACKWARD, "out");

    private static OperatorHandle find(String name, String overload) {
      try (Scope scope = new Scope()) {
        return scope.release(Dispatcher.singleton().findSchemaOrThrow(name, overload));
      }
    }
  }
}
