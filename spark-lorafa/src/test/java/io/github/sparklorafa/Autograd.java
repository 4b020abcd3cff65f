package io.github.sparklorafa;

import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's own differentiation in fp64: the oracle of every backward pass written by hand.
 *
 * @param output of the function
 * @param gradients of {@code Σ dy ∘ output}, by input
 */
public record Autograd(Tensor output, List<Tensor> gradients) {

  /** Differentiates {@code function} of copies of {@code inputs}. */
  public static Autograd of(Function<List<Tensor>, Tensor> function, Tensor dy, Tensor... inputs) {
    try (Scope scope = new Scope();
        AutoGradMode on = new AutoGradMode(true)) {
      List<Tensor> leaves = Stream.of(inputs).map(Autograd::leaf).toList();
      Tensor output = function.apply(leaves);
      output.backward(
          dy.to(ScalarType.Double), new BoolOptional(), false, new TensorArrayRefOptional());
      return new Autograd(
          scope.keep(output.detach()),
          leaves.stream().map(leaf -> scope.keep(leaf.grad().clone())).toList());
    }
  }

  /** The gradient of input {@code i}. */
  public Tensor gradient(int i) {
    return gradients.get(i);
  }

  private static Tensor leaf(Tensor input) {
    return input.detach().to(ScalarType.Double).clone().set_requires_grad(true);
  }
}
