package io.github.sparklorafa.train;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Enum constants written in kebab-case, as flags and files hold them. */
final class Texts {
  private Texts() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static <E extends Enum<E>> E parse(Class<E> type, String what, String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> of(constant).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    String.format("Cannot use %s: %s (use %s)", what, text, choices(type))));
  }

  private static <E extends Enum<E>> String choices(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Texts::of).collect(Collectors.joining(", "));
  }
}
