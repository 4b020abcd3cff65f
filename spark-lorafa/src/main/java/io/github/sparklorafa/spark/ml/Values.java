package io.github.sparklorafa.spark.ml;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** Reads and sets params whose types Scala and Java see differently. */
final class Values {
  private Values() {}

  /** The value that is set, or else the default. */
  static <V> V of(Params owner, Param<?> param) {
    @SuppressWarnings("unchecked") // the caller knows its param's type
    V value = (V) owner.getOrDefault(param);
    return value;
  }

  /** Sets a value and returns the owner. */
  static <T> T with(Params owner, Param<?> param, Object value) {
    @SuppressWarnings("unchecked") // the caller knows its param's type
    Param<Object> target = (Param<Object>) param;
    @SuppressWarnings("unchecked") // each owner names itself as T
    T self = (T) owner.set(target, value);
    return self;
  }

  /** Sets a default. */
  static void usual(Params owner, Param<?> param, Object value) {
    @SuppressWarnings("unchecked") // the caller knows its param's type
    Param<Object> target = (Param<Object>) param;
    Params unused = owner.setDefault(target, value);
  }

  /** A param that takes the text of one of these constants. */
  static <E> Param<String> choice(
      Params owner, String name, String doc, E[] constants, Function<E, String> text) {
    List<String> texts = Arrays.stream(constants).map(text).toList();
    return new Param<>(owner, name, doc, ParamValidators.inArray(texts));
  }

  /** As Spark explains a param, but with the contents of arrays. */
  static String explained(Params owner, Param<?> param) {
    List<String> values = new ArrayList<>();
    if (owner.hasDefault(param)) {
      values.add("default: " + shown(owner.getDefault(param).get()));
    }
    if (owner.isSet(param)) {
      values.add("current: " + shown(owner.get(param).get()));
    }
    return "%s: %s (%s)"
        .formatted(
            param.name(), param.doc(), values.isEmpty() ? "undefined" : String.join(", ", values));
  }

  private static String shown(Object value) {
    if (value instanceof int[] numbers) {
      return Arrays.toString(numbers);
    }
    return value instanceof Object[] values ? Arrays.toString(values) : String.valueOf(value);
  }
}
