package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.stage.Finding.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Collects what is found in one place. */
final class Findings {
  private final String place;
  private final List<Finding> found = new ArrayList<>();

  Findings(String place) {
    this.place = place;
  }

  List<Finding> all() {
    return List.copyOf(found);
  }

  Findings add(String what, Level level, String text) {
    found.add(new Finding(place, what, level, text));
    return this;
  }

  /** What the check says, or the message that it throws as a problem. */
  Findings check(String what, Supplier<String> check) {
    try {
      return add(what, Level.OK, check.get());
    } catch (RuntimeException | LinkageError e) {
      return add(what, Level.PROBLEM, Causes.text(e));
    }
  }
}
