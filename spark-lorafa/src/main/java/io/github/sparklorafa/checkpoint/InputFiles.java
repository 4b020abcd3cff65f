package io.github.sparklorafa.checkpoint;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/** Says why a local file cannot be read, in words that tell what stands there instead. */
final class InputFiles {
  private InputFiles() {}

  /** What is wrong, or empty where there is a regular file that may be read. */
  static Optional<String> problem(Path file) {
    if (Files.isDirectory(file)) {
      return Optional.of("there is a folder of that name, no file");
    }
    if (!Files.exists(file)) {
      // A link that leads nowhere or in a circle does not exist, but its own entry does.
      return Optional.of(
          Files.exists(file, LinkOption.NOFOLLOW_LINKS)
              ? "it is a link that leads to no file"
              : "there is no such file");
    }
    if (!Files.isRegularFile(file)) {
      return Optional.of("it is a pipe or a device, no file");
    }
    return Files.isReadable(file)
        ? Optional.empty()
        : Optional.of("it may not be read; check its permissions");
  }
}
