package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes the parameters of a model from a source, each once and each frozen or trainable, and
 * remembers them in order.
 */
public final class Parameters {
  private final ParameterSource source;
  private final Predicate<String> trainable;
  private final FrozenBase base;
  private final Map<String, Parameter> made = new LinkedHashMap<>();
  private final Map<String, PackedWeight> packed = new LinkedHashMap<>();

  /**
   * @param source of the values
   * @param trainable tells by the full name of a parameter whether it is trained
   */
  public Parameters(ParameterSource source, Predicate<String> trainable) {
    this(source, trainable, FrozenBase.NONE);
  }

  /**
   * The same with frozen weights of linear layers as {@code base} says.
   *
   * @param trainable tells by the full name of a parameter whether it is trained
   */
  public Parameters(ParameterSource source, Predicate<String> trainable, FrozenBase base) {
    this.source = source;
    this.trainable = trainable;
    this.base = base;
  }

  /** The parameter of that name; a second call returns the same one. */
  public Parameter parameter(String name, long... shape) {
    return copyOf(name, name, shape);
  }

  /**
   * The parameter {@code name}, with its first value taken from {@code stored} if the source holds
   * none of its own, as an output head that was tied.
   */
  public Parameter copyOf(String stored, String name, long... shape) {
    Parameter known = made.get(name);
    if (known != null) {
      return known;
    }
    try (Scope scope = new Scope()) {
      Tensor value = source.load(source.has(name) ? name : stored, shape);
      Parameter parameter = new Parameter(name, value, trainable.test(name));
      made.put(name, parameter);
      return parameter;
    }
  }

  /** The weight {@code [out, in]} of a linear layer; a second call returns the same one. */
  Weight weight(String name, long out, long in) {
    if (!base.holds(name) || trainable.test(name)) {
      return new DenseWeight(parameter(name, out, in));
    }
    return packed.computeIfAbsent(
        name, first -> new PackedWeight(name, source.packed(name, base.dtype(), out, in)));
  }

  /** Whether the source holds a tensor of that name. */
  public boolean has(String name) {
    return source.has(name);
  }

  /** Whether a parameter of that name is, or would be, trained. */
  public boolean trainable(String name) {
    return trainable.test(name);
  }

  /** All parameters made so far, in the order in which they were made. */
  public List<Parameter> all() {
    return new ArrayList<>(made.values());
  }

  /** The weights that are held packed, in the order in which they were made; no parameters. */
  public List<PackedWeight> packed() {
    return new ArrayList<>(packed.values());
  }

  /** Gives the memory of all of them back. */
  public void close() {
    made.values().forEach(Parameter::close);
    packed.values().forEach(PackedWeight::close);
  }
}
