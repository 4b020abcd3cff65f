package io.github.sparklorafa.spark.stage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Names, lengths and modification times of files in a folder on any of Hadoop's file systems, equal
 * where nobody has written to them. No checksums: each task asks, and would read all of them.
 */
record FolderState(List<String> files) {

  /**
   * Of the files whose names are wanted; a folder that is not there has none.
   *
   * @throws UncheckedIOException if it cannot be listed
   */
  static FolderState of(String folder, Predicate<String> wanted, Configuration hadoop) {
    Path path = new Path(folder);
    try {
      return new FolderState(
          Arrays.stream(path.getFileSystem(hadoop).listStatus(path))
              .filter(file -> file.isFile() && wanted.test(file.getPath().getName()))
              .map(FolderState::text)
              .sorted()
              .toList());
    } catch (FileNotFoundException e) {
      return new FolderState(List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list: " + folder + " (check the connection)", e);
    }
  }

  private static String text(FileStatus file) {
    return "%s %d %d"
        .formatted(file.getPath().getName(), file.getLen(), file.getModificationTime());
  }
}
