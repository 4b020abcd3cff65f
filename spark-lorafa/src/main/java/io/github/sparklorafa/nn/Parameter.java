package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight with its Hugging Face name. A frozen one is only read. A trainable one gets an fp32
 * gradient from its owner ({@link #bind}), to which backward passes add.
 */
public final class Parameter {
  private final String name;
  private final boolean trainable;
  private Tensor value;
  private Tensor gradient;

  /**
   * @param name as in the checkpoint
   * @param value in the run's dtype; the parameter owns a reference to it from now on
   * @param trainable whether it has a gradient
   */
  public Parameter(String name, Tensor value, boolean trainable) {
    this.name = name;
    this.trainable = trainable;
    value.retainReference();
    this.value = value;
  }

  /** The name in the checkpoint. */
  public String name() {
    return name;
  }

  /** Whether this is trained. */
  public boolean trainable() {
    return trainable;
  }

  /** The value that forward and backward passes read. */
  public Tensor value() {
    return value;
  }

  /**
   * The fp32 gradient, of the value's shape.
   *
   * @throws IllegalStateException if nobody has bound one
   */
  public Tensor gradient() {
    if (gradient == null) {
      throw new IllegalStateException(
          "Cannot add a gradient: " + name + " (bind its gradient first)");
    }
    return gradient;
  }

  /**
   * Replaces value and gradient by views that the caller keeps in step, as parts of flat buffers.
   */
  public void bind(Tensor newValue, Tensor newGradient) {
    newValue.retainReference();
    newGradient.retainReference();
    close();
    value = newValue;
    gradient = newGradient;
  }

  /** Replaces the value by one of that dtype, as for a model that only predicts. */
  public void cast(DType dtype) {
    try (Scope scope = new Scope()) {
      Tensor cast = value.to(dtype.scalarType());
      cast.retainReference();
      value.releaseReference();
      value = cast;
    }
  }

  /** Numbers in the value. */
  public long count() {
    return value.numel();
  }

  /** Adds {@code scale * part} to the gradient, in fp32. */
  public void addGradient(Tensor part, double scale) {
    try (Scope scope = new Scope()) {
      gradient().add_(part, Scalars.of(scale));
    }
  }

  /** Gives the references to value and gradient back. */
  public void close() {
    value.releaseReference();
    if (gradient != null) {
      gradient.releaseReference();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
