package io.github.sparklorafa.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where commands that run in one process keep copies of remote checkpoints: {@code
 * spark-lorafa-USER} in the folder for temporary files.
 */
final class LocalCopies {
  private LocalCopies() {}

  /**
   * The folder, made where it is missing; nobody else may read or write it.
   *
   * @throws IllegalArgumentException if another user has taken its name, who could put other
   *     weights into it
   */
  static Path folder() {
    String user = System.getProperty("user.name");
    Path folder = Path.of(System.getProperty("java.io.tmpdir"), "spark-lorafa-" + user);
    try {
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(user)) {
        throw new IllegalArgumentException(
            "Cannot keep copies in: %s belongs to somebody else (set -Djava.io.tmpdir to a folder of yours)"
                .formatted(folder));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot make a folder for copies: " + folder + " (check its permissions)", e);
    }
  }
}
