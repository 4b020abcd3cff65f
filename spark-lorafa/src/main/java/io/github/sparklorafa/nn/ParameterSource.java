package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.tensor.StoredMatrix;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** Where weights come from: a checkpoint, or a test's random numbers. */
public interface ParameterSource {
  /** Whether there is a tensor of that name. */
  boolean has(String name);

  /**
   * The tensor of that name in the run's dtype, owned by the caller's scope.
   *
   * @throws IllegalArgumentException if it is missing or has another shape
   */
  Tensor load(String name, long... shape);

  /**
   * What {@code reader} makes of the tensor of that name, which may be of any number format. What
   * of it is mapped leaves memory afterwards, until it is read again.
   *
   * @throws IllegalArgumentException if it is missing or has another shape
   */
  default <T> T read(String name, Function<Tensor, T> reader, long... shape) {
    try (Scope scope = new Scope()) {
      return reader.apply(load(name, shape));
    }
  }

  /**
   * The weight {@code [out, in]} of that name in the numbers of {@code dtype}, owned by the caller.
   *
   * @throws IllegalArgumentException if it is missing or has another shape
   */
  default StoredMatrix packed(String name, BaseDType dtype, long out, long in) {
    return read(name, stored -> StoredMatrix.of(dtype, stored), out, in);
  }

  /** {@code base}, with the tensors of {@code replaced} in the place of those of their names. */
  static ParameterSource overlay(ParameterSource base, Map<String, Tensor> replaced) {
    return new ParameterSource() {
      @Override
      public boolean has(String name) {
        return replaced.containsKey(name) || base.has(name);
      }

      @Override
      public Tensor load(String name, long... shape) {
        return replaced.containsKey(name) ? replaced.get(name) : base.load(name, shape);
      }

      @Override
      public <T> T read(String name, Function<Tensor, T> reader, long... shape) {
        return replaced.containsKey(name)
            ? reader.apply(replaced.get(name))
            : base.read(name, reader, shape);
      }

      @Override
      public StoredMatrix packed(String name, BaseDType dtype, long out, long in) {
        return replaced.containsKey(name)
            ? ParameterSource.super.packed(name, dtype, out, in)
            : base.packed(name, dtype, out, in);
      }
    };
  }
}
