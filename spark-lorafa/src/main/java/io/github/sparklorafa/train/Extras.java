package io.github.sparklorafa.train;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What other jars bring to a run; by default none of it.
 *
 * @param optimizer {@link #ADAMW}, or another one by the name of whose it is and its own: {@code
 *     bigdl:SGD}
 * @param optimizerOptions of such an optimizer, by name
 * @param tensorboard folder for TensorBoard's event files; empty means none
 */
public record Extras(String optimizer, Map<String, String> optimizerOptions, String tensorboard)
    implements Serializable {
  /** The one that needs no other jar. */
  public static final String ADAMW = "adamw";

  static final Extras DEFAULT = new Extras(ADAMW, Map.of(), "");

  /** Copies the options, in their order. */
  public Extras {
    optimizerOptions = Collections.unmodifiableMap(new LinkedHashMap<>(optimizerOptions));
  }

  /** The same with another optimizer. */
  public Extras withOptimizer(String name) {
    return new Extras(name, optimizerOptions, tensorboard);
  }

  /** The same with other options of the optimizer. */
  public Extras withOptimizerOptions(Map<String, String> options) {
    return new Extras(optimizer, options, tensorboard);
  }

  /**
   * The same with other options of the optimizer.
   *
   * @param text {@code name=value} with commas in between
   * @throws IllegalArgumentException if it is not written so
   */
  public Extras withOptimizerOptions(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : text.isBlank() ? new String[0] : text.split(",", -1)) {
      String[] parts = option.split("=", 2);
      if (parts.length < 2 || parts[0].isBlank() || parts[1].isBlank()) {
        throw new IllegalArgumentException(
            "Cannot use optimizer options: %s (write name=value, with commas in between)"
                .formatted(text));
      }
      options.put(parts[0].trim(), parts[1].trim());
    }
    return withOptimizerOptions(options);
  }

  /** The options as {@link #withOptimizerOptions(String)} reads them. */
  public String optionsText() {
    StringBuilder text = new StringBuilder();
    optimizerOptions.forEach(
        (name, value) ->
            text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(value));
    return text.toString();
  }

  /** The same with event files. */
  public Extras withTensorboard(String folder) {
    return new Extras(optimizer, optimizerOptions, folder);
  }
}
