package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.TextTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/**
 * One tokenizer of each checkpoint for all tasks of an executor, opened anew for tasks that begin
 * after its files have changed.
 *
 * @param embeddings of its model, beyond which no id may lie
 */
record SharedTokenizer(String model, int embeddings) {
  private static final SharedByTasks<SharedTokenizer, TextTokenizer> OPEN =
      new SharedByTasks<>(TextTokenizer::close);

  /**
   * The tokenizer for the thread that runs {@code task}, opened when it is first asked for, until
   * the task ends: one and the same for all rows of a task.
   */
  Supplier<TextTokenizer> in(TaskContext task, Configuration hadoop) {
    return new Supplier<>() {
      private TextTokenizer tokenizer;

      @Override
      public TextTokenizer get() {
        if (tokenizer == null) {
          var lease = lease(ExecutorFiles.folder("tokenizers"), hadoop);
          task.addTaskCompletionListener((TaskCompletionListener) ended -> lease.close());
          tokenizer = lease.value();
        }
        return tokenizer;
      }
    };
  }

  /**
   * @param scratch local folder, for copies of the files while they are read
   */
  SharedByTasks<SharedTokenizer, TextTokenizer>.Lease lease(
      java.nio.file.Path scratch, Configuration hadoop) {
    FolderState state = state(hadoop);
    return OPEN.lease(this, state, () -> open(state, scratch, hadoop));
  }

  private FolderState state(Configuration hadoop) {
    return FolderState.of(model, TextTokenizer::reads, hadoop);
  }

  private TextTokenizer open(FolderState state, java.nio.file.Path scratch, Configuration hadoop) {
    try {
      java.nio.file.Path copy = Files.createTempDirectory(scratch, "tokenizer");
      try {
        copySmallFiles(copy, hadoop);
        if (!state(hadoop).equals(state)) {
          throw new IOException("it was written to meanwhile");
        }
        return TextTokenizer.open(copy, embeddings);
      } finally {
        delete(copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot copy the tokenizer: %s: %s (check the connection, and that nobody writes there)"
              .formatted(model, e.getMessage()),
          e);
    }
  }

  /** Those with the tokenizer, no weights. */
  private void copySmallFiles(java.nio.file.Path copy, Configuration hadoop) throws IOException {
    Path remote = new Path(model);
    FileSystem files = remote.getFileSystem(hadoop);
    for (FileStatus file : files.listStatus(remote)) {
      String name = file.getPath().getName();
      if (file.isFile() && TextTokenizer.reads(name)) {
        try (var in = files.open(file.getPath())) {
          Files.copy(in, copy.resolve(name));
        }
      }
    }
  }

  private static void delete(java.nio.file.Path folder) throws IOException {
    List<java.nio.file.Path> files;
    try (Stream<java.nio.file.Path> tree = Files.walk(folder)) {
      files = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (java.nio.file.Path file : files) {
      Files.delete(file);
    }
  }
}
