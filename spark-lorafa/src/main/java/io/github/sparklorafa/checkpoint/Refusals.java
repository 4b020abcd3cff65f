package io.github.sparklorafa.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Runs several checks of one thing, and refuses it once with all that they said. */
final class Refusals {
  private final List<IllegalArgumentException> found = new ArrayList<>();

  /** What the check gives, or null after it refused. */
  <T> T tried(Supplier<T> check) {
    try {
      return check.get();
    } catch (IllegalArgumentException e) {
      found.add(e);
      return null;
    }
  }

  /**
   * Does nothing where no check refused.
   *
   * @throws IllegalArgumentException with the message of each check, in their order
   */
  void throwIfAny() {
    if (found.size() == 1) {
      throw found.get(0);
    }
    if (!found.isEmpty()) {
      throw new IllegalArgumentException(
          String.join("\n", found.stream().map(Throwable::getMessage).toList()), found.get(0));
    }
  }
}
