package io.github.sparklorafa.spark.stage;

/**
 * One thing that the doctor looked at.
 *
 * @param place where: the driver, or an executor and its host
 * @param what it looked at
 * @param level whether it is well
 * @param text what it found, or what is wrong and the way out
 */
public record Finding(String place, String what, Level level, String text) {
  /** Whether something is well. */
  public enum Level {
    OK,
    /** Works, but may not be what is wanted. */
    NOTE,
    PROBLEM
  }
}
