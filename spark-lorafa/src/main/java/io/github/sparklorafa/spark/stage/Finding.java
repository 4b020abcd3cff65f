package io.github.sparklorafa.spark.stage;

import java.util.Objects;

/**
 * One thing that the doctor looked at.
 *
 * @param place where: the driver, or an executor and its host
 * @param what it looked at
 * @param level whether it is well
 * @param text what it found, or what is wrong and the way out
 */
public record Finding(String place, String what, Level level, String text) {
  /** Refuses one that says nothing. */
  public Finding {
    Objects.requireNonNull(place, "place");
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(level, "level");
    Objects.requireNonNull(text, "text");
  }

  /** Whether something is well. */
  public enum Level {
    OK,
    /** Works, but may not be what is wanted. */
    NOTE,
    PROBLEM
  }
}
