package io.github.sparklorafa.train;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects every problem of a configuration or a file, so that all of them are reported at once.
 */
public final class Problems {
  private final List<String> found = new ArrayList<>();

  /** Adds one problem, worded {@code Cannot <do what>: <value> (<what to do>)}. */
  @SuppressWarnings("AnnotateFormatMethod") // no annotations of Error Prone at run time
  public Problems add(String format, Object... values) {
    found.add(values.length == 0 ? format : String.format(format, values));
    return this;
  }

  /** Runs a check and adds the message of an {@link IllegalArgumentException} that it throws. */
  public Problems collect(Runnable check) {
    try {
      check.run();
    } catch (IllegalArgumentException e) {
      found.add(e.getMessage());
    }
    return this;
  }

  public List<String> found() {
    return List.copyOf(found);
  }

  /**
   * Does nothing when nothing was found.
   *
   * @throws IllegalArgumentException with every problem, one a line
   */
  public void throwIfAny() {
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", found));
    }
  }
}
