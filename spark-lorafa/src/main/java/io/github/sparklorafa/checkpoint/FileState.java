package io.github.sparklorafa.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A local file's length and time of change, by which a later look tells that somebody wrote to it.
 *
 * @param inode number of the file on its disk, another one after a rename over it
 */
record FileState(long bytes, long modifiedMillis, String inode) {

  static FileState of(Path file) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    return new FileState(
        attributes.size(),
        attributes.lastModifiedTime().toMillis(),
        String.valueOf(attributes.fileKey()));
  }

  /** How {@code file} differs now, in words, or empty. */
  Optional<String> change(Path file) throws IOException {
    try {
      FileState now = of(file);
      if (now.bytes != bytes) {
        return Optional.of("it has %d bytes now and had %d".formatted(now.bytes, bytes));
      }
      return now.equals(this) ? Optional.empty() : Optional.of("it was written to");
    } catch (NoSuchFileException e) {
      return Optional.of("it is gone");
    }
  }

  /** The same for one who has the file open: that its name was given to another harms nobody. */
  Optional<String> changeInPlace(Path file) throws IOException {
    return Files.exists(file) && of(file).inode.equals(inode) ? change(file) : Optional.empty();
  }
}
