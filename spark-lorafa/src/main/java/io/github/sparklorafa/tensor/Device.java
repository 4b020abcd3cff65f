package io.github.sparklorafa.tensor;

import java.util.Locale;

/** Where tensors live. */
public enum Device {
  CPU,
  CUDA;

  /** The name on the command line, {@code cpu} or {@code cuda}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
