package io.github.sparklorafa.infer;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Counts of predicted and right classes. The sums of several instances' {@link #numbers} are the
 * numbers of all their rows.
 */
public final class ClassCounts {
  private static final int HEAD = 2;
  private static final int EACH = 3;

  private final long[] numbers;

  private ClassCounts(long[] numbers) {
    this.numbers = numbers;
  }

  /** Of a class: decisions for it that were right, wrong ones, and those that are missing. */
  record OfClass(long right, long wrong, long missing) {
    boolean occurs() {
      return right + wrong + missing > 0;
    }

    double f1() {
      return 2.0 * right / (2 * right + wrong + missing);
    }

    OfClass plus(OfClass other) {
      return new OfClass(right + other.right, wrong + other.wrong, missing + other.missing);
    }
  }

  /** Over no rows. */
  public static ClassCounts none(int classes) {
    return new ClassCounts(new long[HEAD + EACH * classes]);
  }

  /** With numbers that were added up. */
  public static ClassCounts of(long[] numbers) {
    return new ClassCounts(numbers.clone());
  }

  /** Adds a row with one class. */
  public void add(int predicted, int right) {
    numbers[0]++;
    numbers[1] += predicted == right ? 1 : 0;
    if (predicted == right) {
      numbers[HEAD + EACH * right]++;
    } else {
      numbers[HEAD + EACH * predicted + 1]++;
      numbers[HEAD + EACH * right + 2]++;
    }
  }

  /** Adds a row that may have any number of classes. */
  public void add(boolean[] predicted, boolean[] right) {
    boolean exact = true;
    for (int c = 0; c < right.length; c++) {
      exact &= predicted[c] == right[c];
      if (predicted[c] || right[c]) {
        numbers[HEAD + EACH * c + (predicted[c] ? right[c] ? 0 : 1 : 2)]++;
      }
    }
    numbers[0]++;
    numbers[1] += exact ? 1 : 0;
  }

  /** What is added up: rows, rows that are right, and three numbers of each class. */
  public long[] numbers() {
    return numbers.clone();
  }

  long rows() {
    return numbers[0];
  }

  long exact() {
    return numbers[1];
  }

  /** The classes that are right or predicted somewhere. */
  Stream<OfClass> occurring() {
    return IntStream.range(0, (numbers.length - HEAD) / EACH)
        .map(c -> HEAD + EACH * c)
        .mapToObj(at -> new OfClass(numbers[at], numbers[at + 1], numbers[at + 2]))
        .filter(OfClass::occurs);
  }
}
