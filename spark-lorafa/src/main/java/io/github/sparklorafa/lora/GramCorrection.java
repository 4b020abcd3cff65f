package io.github.sparklorafa.lora;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The gradient correction of the paper's second version: {@code g′ = (1/s²) · gB (A Aᵀ)⁻¹}, the
 * gradient of B whose step moves {@code s B A} closest to where a step of full fine-tuning would. A
 * is frozen, so the rank×rank inverse is made once, in fp32. It is linear and the same on every
 * worker: apply it once to the sum, after clipping.
 */
public final class GramCorrection implements AutoCloseable {
  private final Map<LoraModule, Tensor> inverses = new LinkedHashMap<>();

  /** Prepares the inverses of {@code modules}, whose A must not change from now on. */
  public GramCorrection(List<LoraModule> modules) {
    for (LoraModule module : modules) {
      try (Scope scope = new Scope()) {
        Tensor a = module.a().value().to(ScalarType.Double);
        Tensor inverse = torch.linalg_inv(a.mm(a.t())).to(ScalarType.Float);
        inverses.put(
            module, scope.release(inverse.mul_(Scalars.of(1 / (module.scale() * module.scale())))));
      }
    }
  }

  /** A correction that changes nothing. */
  public static GramCorrection none() {
    return new GramCorrection(List.of());
  }

  /** Replaces the gradient of each B. */
  public void apply() {
    inverses.forEach(
        (module, inverse) -> {
          try (Scope scope = new Scope()) {
            Tensor gradient = module.b().gradient();
            gradient.copy_(gradient.mm(inverse));
          }
        });
  }

  @Override
  public void close() {
    inverses.values().forEach(Tensor::close);
    inverses.clear();
  }
}
