package io.github.sparklorafa.lora;

import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * The input of one module's A: {@code x} itself or, while {@link InputDropout} is on, {@code c (x ∘
 * m)}. Keeps nothing: the mask m is made again where it is needed.
 */
record AdapterInput(String module, InputDropout dropout) {
  /** An input without dropout. */
  static AdapterInput plain() {
    return new AdapterInput("", InputDropout.none());
  }

  /** {@code h = c (x ∘ m) Aᵀ}. */
  Tensor project(Tensor x, Tensor a) {
    if (!dropout.isOn()) {
      return x.mm(a.t());
    }
    try (Scope scope = new Scope()) {
      return scope.keep(masked(x).mm(a.t()).mul_(Scalars.of(dropout.factor())));
    }
  }

  /** {@code x ∘ m}, to be scaled by {@link #factor}. */
  Tensor masked(Tensor x) {
    return dropout.isOn() ? x.mul(mask(x)) : x;
  }

  /** The factor c; 1 without dropout. */
  double factor() {
    return dropout.isOn() ? dropout.factor() : 1;
  }

  /** Adds {@code scale · c (dh A) ∘ m} to {@code dx}. */
  void addGradient(Tensor dx, Tensor dh, Tensor a, double scale) {
    if (!dropout.isOn()) {
      dx.addmm_(dh, a, Scalars.of(1), Scalars.of(scale));
      return;
    }
    try (Scope scope = new Scope()) {
      dx.addcmul_(dh.mm(a), mask(dx), Scalars.of(scale * dropout.factor()));
    }
  }

  private Tensor mask(Tensor like) {
    return dropout.mask(module, like.size(1), like.scalar_type());
  }
}
