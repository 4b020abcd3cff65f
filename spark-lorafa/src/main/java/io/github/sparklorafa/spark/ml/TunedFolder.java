package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.lora.Method;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/**
 * What training left: an adapter as PEFT has it, or a checkpoint as transformers has it.
 *
 * @param path complete URI of the folder; empty where nothing was trained
 * @param whole whether it is a checkpoint
 */
record TunedFolder(String path, boolean whole) implements Serializable {
  static final TunedFolder NONE = new TunedFolder("", false);

  /** Names of the folders within a saved model. */
  private static final String ADAPTER = "adapter";

  private static final String CHECKPOINT = "checkpoint";

  static TunedFolder of(String path, Method method) {
    return new TunedFolder(path, method == Method.FULL);
  }

  /**
   * @throws IllegalStateException if the folder was deleted
   */
  void checkThere(Configuration hadoop) throws IOException {
    if (path.isEmpty()) {
      return;
    }
    Path folder = new Path(path);
    if (!folder.getFileSystem(hadoop).exists(folder)) {
      throw new IllegalStateException(
          "Cannot save a model whose files are gone: %s (save a pipeline that was loaded to another folder, and a model without an output before its application ends)"
              .formatted(folder));
    }
  }

  /**
   * Looks whether a folder stays when all that {@code saved} names is deleted.
   *
   * @param folder empty for none
   * @throws IllegalArgumentException if it is there, or within
   */
  static void checkOutside(String saved, String folder, Configuration hadoop) throws IOException {
    if (folder.isEmpty()) {
      return;
    }
    Path target = qualified(saved, hadoop);
    for (Path at = qualified(folder, hadoop); at != null; at = at.getParent()) {
      if (at.equals(target)) {
        throw new IllegalArgumentException(
            "Cannot save over the model's own files: %s has %s (save to another folder)"
                .formatted(saved, folder));
      }
    }
  }

  private static Path qualified(String folder, Configuration hadoop) throws IOException {
    Path path = new Path(folder);
    return path.getFileSystem(hadoop).makeQualified(path);
  }

  /** Copies the folder into that of a saved model. */
  void saveIn(String saved, Configuration hadoop) throws IOException {
    if (path.isEmpty()) {
      return;
    }
    Path from = new Path(path);
    Path to = new Path(saved, whole ? CHECKPOINT : ADAPTER);
    FileSystem target = to.getFileSystem(hadoop);
    target.mkdirs(to.getParent());
    if (!FileUtil.copy(from.getFileSystem(hadoop), from, target, to, false, true, hadoop)) {
      throw new IOException(String.format("Cannot save: %s (check %s)", to, from));
    }
  }

  /** The folder within that of a saved model. */
  static TunedFolder savedIn(String saved, Configuration hadoop) throws IOException {
    for (String name : new String[] {ADAPTER, CHECKPOINT}) {
      Path folder = new Path(saved, name);
      FileSystem files = folder.getFileSystem(hadoop);
      if (files.exists(folder)) {
        return new TunedFolder(files.makeQualified(folder).toString(), name.equals(CHECKPOINT));
      }
    }
    return NONE;
  }
}
