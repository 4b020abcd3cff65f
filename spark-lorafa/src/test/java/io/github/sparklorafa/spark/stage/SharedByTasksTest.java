package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedByTasksTest {
  @TempDir Path folder;

  private final List<String> closed = new ArrayList<>();
  private final SharedByTasks<String, String> shared = new SharedByTasks<>(closed::add);

  private SharedByTasks<String, String>.Lease lease(String key, int state) {
    return shared.lease(key, state, () -> key + state);
  }

  @Test
  void staysOpenForTheNextTask() {
    lease("model", 1).close();
    assertThat(shared.lease("model", 1, () -> "opened again").value()).isEqualTo("model1");
    assertThat(closed).isEmpty();
  }

  @Test
  void theLastUserOfAReplacedOneClosesIt() {
    var first = lease("model", 1);
    var second = lease("model", 1);
    var changed = lease("model", 2);
    assertThat(changed.value()).isEqualTo("model2");
    assertThat(first.value()).isEqualTo("model1");
    first.close();
    first.close();
    assertThat(closed).isEmpty();
    second.close();
    second.close();
    assertThat(closed).containsExactly("model1");
    changed.close();
    assertThat(closed).containsExactly("model1");
  }

  @Test
  void whatNobodyUsesIsClosedWhenAnotherIsOpened() {
    lease("model", 1).close();
    var used = lease("used", 1);
    assertThat(closed).containsExactly("model1");
    lease("model", 2).close();
    lease("model", 3).close();
    assertThat(closed).containsExactly("model1", "model2");
    assertThat(lease("used", 1).value()).isSameAs(used.value());
  }

  @Test
  void theNextTaskTriesAgainWhatFailed() {
    lease("model", 1).close();
    assertThatThrownBy(
            () ->
                shared.lease(
                    "model",
                    2,
                    () -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");
    assertThat(lease("model", 2).value()).isEqualTo("model2");
    assertThat(closed).containsExactly("model1");
  }

  private void tokenizer(String name) throws IOException {
    Path from = TrainingCluster.reference(name);
    Path to = Files.createDirectories(folder.resolve("bucket/base"));
    for (String file : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
      Files.write(to.resolve(file), Files.readAllBytes(from.resolve(file)));
      Files.setLastModifiedTime(to.resolve(file), FileTime.fromMillis(name.length() * 1000L));
    }
  }

  /** As in the executors of a notebook, which live longer than a tokenizer stays as it is. */
  @Test
  void aTokenizerThatWasChangedIsReadAgain() throws IOException {
    Configuration store = ObjectStore.over(folder.resolve("bucket"));
    SharedTokenizer key = new SharedTokenizer("store://bucket/base", 100_000);
    tokenizer("tokenizer");
    String text = "Where is my order?";
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    try (var first = key.lease(scratch, store)) {
      int[] ids = first.value().encode(text);
      int opened = ObjectStore.faults(folder.resolve("bucket")).opened.get();
      try (var same = key.lease(scratch, store)) {
        assertThat(same.value()).isSameAs(first.value());
      }
      assertThat(ObjectStore.faults(folder.resolve("bucket")).opened).hasValue(opened);

      tokenizer("tokenizer-metaspace");
      try (var changed = key.lease(scratch, store)) {
        assertThat(changed.value().encode(text)).isNotEqualTo(ids);
        assertThat(changed.value().vocabSize()).isNotEqualTo(first.value().vocabSize());
        assertThat(first.value().encode(text)).isEqualTo(ids);
      }
    }
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aTokenizerThatIsWrittenToWhileItIsCopiedIsNotMixed() throws IOException {
    Path bucket = folder.resolve("bucket");
    Configuration store = ObjectStore.over(bucket);
    tokenizer("tokenizer");
    ObjectStore.faults(bucket).beforeOpen =
        path -> Files.setLastModifiedTime(path, FileTime.fromMillis(1_700_000_000_000L));
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    assertThatThrownBy(() -> new SharedTokenizer("store://bucket/base", 9).lease(scratch, store))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "Cannot copy the tokenizer: store://bucket/base: it was written to meanwhile (check the"
                + " connection, and that nobody writes there)");
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).isEmpty();
    }
  }
}
