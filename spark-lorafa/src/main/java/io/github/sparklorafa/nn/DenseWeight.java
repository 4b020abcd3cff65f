package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Operators;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/** A weight in the numbers that are computed with, frozen or trained. */
record DenseWeight(Parameter parameter) implements Weight {
  @Override
  public String name() {
    return parameter.name();
  }

  @Override
  public long outFeatures() {
    return parameter.value().size(0);
  }

  @Override
  public long inFeatures() {
    return parameter.value().size(1);
  }

  @Override
  public long bytes() {
    return parameter.value().nbytes();
  }

  @Override
  public boolean trainable() {
    return parameter.trainable();
  }

  @Override
  public void addGradient(Tensor part) {
    parameter.addGradient(part, 1);
    parameter.userDone();
  }

  @Override
  public void addUser() {
    parameter.addUser();
  }

  @Override
  public Tensor product(Tensor x) {
    try (Scope scope = new Scope()) {
      return scope.keep(Operators.mm(x, parameter.value().t()));
    }
  }

  @Override
  public Tensor addInputGradient(Tensor dy, Tensor dx) {
    return dx == null ? Operators.mm(dy, parameter.value()) : dx.addmm_(dy, parameter.value());
  }
}
