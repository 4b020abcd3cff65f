package io.github.sparklorafa.data;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * The numbers that say something about a row as a whole.
 *
 * @param type what they mean
 * @param count how many classes, labels or targets there are; one or more
 */
public record NumberLabels(Type type, int count) implements Serializable {

  /** What the numbers of a row mean. */
  public enum Type {
    /** One number, the index of the row's class. */
    CLASS,
    /** A number from 0 to 1 for each label: whether the row has it. */
    EACH_LABEL,
    /** The values that are to be foretold. */
    TARGETS
  }

  /**
   * Checks the count.
   *
   * @throws IllegalArgumentException if it is under 1
   */
  public NumberLabels {
    if (count < 1) {
      throw new IllegalArgumentException(
          "Cannot read labels: %d of them (use 1 or more)".formatted(count));
    }
  }

  /** What is wrong with the numbers of a row, and the way out; empty if nothing is. */
  Optional<String> problem(List<? extends Number> numbers) {
    int expected = type == Type.CLASS ? 1 : count;
    if (numbers.size() != expected) {
      return Optional.of(
          "%s has %d entries, not %d (%s)"
              .formatted(
                  Shortened.numbers(numbers),
                  numbers.size(),
                  expected,
                  type == Type.CLASS
                      ? "give the index of one class, or set the problem type to multi-label"
                      : "give one number for each, and set the number of labels"));
    }
    for (Number number : numbers) {
      if (number == null || !fits(number.doubleValue())) {
        return Optional.of(complaint(number));
      }
    }
    return Optional.empty();
  }

  private boolean fits(double number) {
    return switch (type) {
      case CLASS -> number == Math.rint(number) && number >= 0 && number < count;
      case EACH_LABEL -> number >= 0 && number <= 1;
      case TARGETS -> Double.isFinite((float) number);
    };
  }

  private String complaint(Number number) {
    return switch (type) {
      case CLASS ->
          "%s is none of the %d classes 0 to %d (number the classes from 0, and set the number of labels)"
              .formatted(number, count, count - 1);
      case EACH_LABEL ->
          "%s is not between 0 and 1 (give 1 for each label that the row has, 0 for the others)"
              .formatted(number);
      case TARGETS -> "%s is no number to learn (give finite numbers)".formatted(number);
    };
  }
}
