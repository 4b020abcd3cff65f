package io.github.sparklorafa.chat;

import java.util.List;
import java.util.Map;

/** Something that a template can call. */
@FunctionalInterface
interface Call {
  Object with(List<Object> arguments, Map<String, Object> named);

  /** The argument at a place or of a name, or else the default. */
  static Object argument(
      List<Object> arguments, Map<String, Object> named, int place, String name, Object standard) {
    return place < arguments.size() ? arguments.get(place) : named.getOrDefault(name, standard);
  }
}
