package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight with its Hugging Face name. A frozen one is only read. A trainable one gets an fp32
 * gradient from its owner ({@link #bind}), to which backward passes add.
 *
 * <p>Each layer that adds to it says so in its plan ({@link #addUser}) and, in each backward pass,
 * when it is through ({@link #userDone}): after the last one the gradient is final, and may leave
 * while the backward pass goes on ({@link #whenFinal}).
 */
public final class Parameter {
  /** Parameters in the order in which backward passes are through with their gradients. */
  public static final Comparator<Parameter> BY_READINESS =
      Comparator.comparingLong((Parameter parameter) -> parameter.firstPlan).reversed();

  /**
   * Counts plans: layers are planned in the order of the forward pass, so who is planned first is
   * last in the backward pass.
   */
  private static final AtomicLong PLANS = new AtomicLong();

  private final String name;
  private final boolean trainable;
  private Tensor value;
  private Tensor gradient;
  private long firstPlan = -1;
  private int users;
  private int missing;
  private Runnable whenFinal;
  private boolean gradientIsFinal;

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
   * @throws IllegalStateException if nobody has bound one, or all users were done already
   */
  public Tensor gradient() {
    if (gradientIsFinal) {
      throw new IllegalStateException(
          "Cannot add a gradient: " + name + " (it is final: plan each user of it)");
    }
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

  /** Plans that one more layer adds to the gradient in each backward pass, if this is trained. */
  public void addUser() {
    if (trainable) {
      users++;
      firstPlan = firstPlan < 0 ? PLANS.getAndIncrement() : firstPlan;
    }
  }

  /** Says that a layer that was planned has added all that it adds in this backward pass. */
  public void userDone() {
    if (whenFinal != null && --missing == 0) {
      gradientIsFinal = true;
      whenFinal.run();
    }
  }

  /**
   * Runs {@code action} in the next backward pass, on its thread, as soon as all users are done; if
   * not all of them are met there, it is not run. Until {@link #reopen} nobody may add any more.
   */
  public void whenFinal(Runnable action) {
    missing = users;
    whenFinal = action;
  }

  /** Forgets {@link #whenFinal} and lets the gradient be changed again. */
  public void reopen() {
    whenFinal = null;
    gradientIsFinal = false;
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
