package io.github.sparklorafa.checkpoint;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Weights as Python pickles, which run code when they are opened, so nothing here opens them. */
final class PickleFiles {
  static final String WAY_OUT =
      "convert it once in Python, where you trust it: load it with from_pretrained and call"
          + " save_pretrained(folder, safe_serialization=True)";

  private PickleFiles() {}

  /**
   * Refuses a folder that has weights as pickles only.
   *
   * @param folder for the message
   * @param names of the files in it
   * @throws IllegalArgumentException saying how to convert it
   */
  static void refuseAlone(String folder, Collection<String> names) {
    List<String> pickles = names.stream().filter(PickleFiles::isPickle).sorted().toList();
    if (!pickles.isEmpty() && names.stream().noneMatch(name -> name.endsWith(".safetensors"))) {
      throw new IllegalArgumentException(
          "Cannot use checkpoint: %s (%s): it holds pickles only: %s"
              .formatted(folder, WAY_OUT, String.join(", ", pickles)));
    }
  }

  static boolean isPickle(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".pt")
        || lower.endsWith(".pth")
        || lower.endsWith(".ckpt")
        || (lower.endsWith(".bin")
            && (lower.startsWith("pytorch_model")
                || lower.startsWith("adapter_model")
                || lower.startsWith("model")));
  }
}
