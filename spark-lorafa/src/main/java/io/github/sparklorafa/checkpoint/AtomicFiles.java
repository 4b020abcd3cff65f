package io.github.sparklorafa.checkpoint;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Local files that are there completely or not at all: written aside, synced, renamed. */
final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes the bytes of one file. */
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes or replaces {@code target}; its folder is made where it is missing.
   *
   * @throws UncheckedIOException if that fails; a file that was there before is then unchanged
   */
  static void write(Path target, Content content) {
    Path aside =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      try {
        try (FileOutputStream out = new FileOutputStream(aside.toFile())) {
          content.writeTo(out);
          out.getFD().sync();
        }
        Files.move(
            aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write: " + target + " (check free space and permissions)", e);
    }
  }

  static void write(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
