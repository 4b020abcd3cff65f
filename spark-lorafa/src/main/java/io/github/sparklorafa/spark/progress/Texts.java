package io.github.sparklorafa.spark.progress;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Texts of events: those that an event log leaves out are empty. */
final class Texts {
  private Texts() {}

  static String of(String text) {
    return text == null ? "" : text;
  }

  /** A copy in the same order. */
  static Map<String, String> of(Map<String, String> texts) {
    Map<String, String> copy = new LinkedHashMap<>();
    if (texts != null) {
      texts.forEach((name, text) -> copy.put(name, of(text)));
    }
    return Collections.unmodifiableMap(copy);
  }
}
