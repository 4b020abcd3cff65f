package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Collects flags, each kind with its parser. */
final class FlagList {
  private final List<TrainFlag> flags = new ArrayList<>();

  List<TrainFlag> all() {
    return List.copyOf(flags);
  }

  <T> void add(
      String name,
      String value,
      String description,
      Function<TrainConfig, String> shown,
      Function<String, T> parser,
      BiConsumer<TrainConfigBuilder, T> setter) {
    flags.add(
        new TrainFlag(
            name,
            value,
            description,
            shown,
            (builder, text) -> setter.accept(builder, parsed(name, text, parser))));
  }

  void text(
      String name,
      String value,
      String description,
      Function<TrainConfig, String> shown,
      BiConsumer<TrainConfigBuilder, String> setter) {
    add(name, value, description, shown, Function.identity(), setter);
  }

  void integer(
      String name,
      String description,
      Function<TrainConfig, Integer> shown,
      BiConsumer<TrainConfigBuilder, Integer> setter) {
    add(name, "N", description, shown.andThen(String::valueOf), FlagList::smallNumber, setter);
  }

  void real(
      String name,
      String description,
      Function<TrainConfig, Double> shown,
      BiConsumer<TrainConfigBuilder, Double> setter) {
    add(name, "X", description, shown.andThen(FlagList::shortText), FlagList::realNumber, setter);
  }

  void bool(
      String name,
      String description,
      Function<TrainConfig, Boolean> shown,
      BiConsumer<TrainConfigBuilder, Boolean> setter) {
    add(name, "true|false", description, shown.andThen(String::valueOf), FlagList::truth, setter);
  }

  void list(
      String name,
      String description,
      Function<TrainConfig, List<String>> shown,
      BiConsumer<TrainConfigBuilder, List<String>> setter) {
    Function<TrainConfig, String> joined = shown.andThen(names -> String.join(",", names));
    add(name, "NAMES", description, joined, FlagList::names, setter);
  }

  private static <T> T parsed(String name, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      throw new IllegalArgumentException(
          message.startsWith("Cannot")
              ? message
              : String.format("Cannot use --%s: %s (%s)", name, text, message),
          e);
    }
  }

  static int smallNumber(String text) {
    long number = wholeNumber(text);
    if (number != (int) number) {
      throw new IllegalArgumentException("give a smaller number");
    }
    return (int) number;
  }

  static long wholeNumber(String text) {
    try {
      return Long.parseLong(text.trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("give a whole number", e);
    }
  }

  static double realNumber(String text) {
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("give a number", e);
    }
  }

  private static boolean truth(String text) {
    return switch (text.trim()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("give true or false");
    };
  }

  static List<String> names(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::trim).filter(n -> !n.isEmpty()).toList();
  }

  /** 32 and not 32.0, 5e-4 as 5.0E-4. */
  static String shortText(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e9
        ? Long.toString((long) number)
        : Double.toString(number);
  }
}
