package io.github.sparklorafa.tensor;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;

/**
 * Scalars that live as long as the process: one made outside a scope on each call would leak a
 * handle a call.
 */
public final class Scalars {
  private static final int MOST = 4096;
  private static final Map<Double, Scalar> CACHE = new ConcurrentHashMap<>();

  private Scalars() {}

  /**
   * The scalar of that value: a shared one for values that recur, else one that the caller's scope
   * owns.
   */
  public static Scalar of(double value) {
    Scalar cached = CACHE.get(value);
    if (cached != null) {
      return cached;
    }
    if (CACHE.size() >= MOST) {
      return new Scalar(value);
    }
    return CACHE.computeIfAbsent(value, Scalars::immortal);
  }

  private static Scalar immortal(double value) {
    Scalar scalar = new Scalar(value);
    PointerScope inner = PointerScope.getInnerScope();
    scalar.retainReference();
    if (inner != null) {
      inner.detach(scalar);
    }
    return scalar;
  }
}
