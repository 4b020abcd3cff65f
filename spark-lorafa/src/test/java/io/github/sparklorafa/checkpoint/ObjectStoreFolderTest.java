package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.ObjectStore;
import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints and results in an object store that counts, fails and changes its mind. */
class ObjectStoreFolderTest {
  private static final String BASE = "store://bucket/base";

  @TempDir Path folder;
  private Path bucket;
  private Path cache;
  private Configuration configuration;
  private ObjectStore.Faults faults;

  @BeforeEach
  void store() throws IOException {
    bucket = folder.resolve("bucket");
    cache = folder.resolve("cache");
    copy(Reference.path("llama-gqa"), bucket.resolve("base"));
    copy(Reference.path("adapter-head"), bucket.resolve("adapter"));
    configuration = ObjectStore.over(bucket);
    faults = ObjectStore.faults(bucket);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName().toString()));
      }
    }
  }

  private Path fetch() {
    return RemoteFolder.fetch(BASE, cache, configuration);
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private Path partial() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(file -> file.toString().contains(".partial-")).findFirst().orElse(null);
    }
  }

  @Test
  void manyTasksReadEachFileOnce() throws Exception {
    int files = names(bucket.resolve("base")).size();
    ExecutorService tasks = Executors.newFixedThreadPool(6);
    try {
      List<Callable<Path>> fetches = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        fetches.add(this::fetch);
      }
      for (Future<Path> copy : tasks.invokeAll(fetches)) {
        HuggingFaceFolder.open(copy.get(), DType.FP32).close();
      }
    } finally {
      tasks.shutdown();
    }
    assertThat(faults.opened).hasValue(files);
    fetch();
    assertThat(faults.opened).hasValue(files);
    assertThat(partial()).isNull();
  }

  @Test
  void anAdapterComesTheSameWay() {
    Path copy = RemoteFolder.fetch("store://bucket/adapter", cache, configuration);

    AdapterFiles.open(copy).close();
    assertThat(copy).isEqualTo(RemoteFolder.fetch("store://bucket/adapter", cache, configuration));
  }

  @Test
  void aFetchThatBreaksLeavesNothingAndIsRepeated() throws IOException {
    faults.beforeOpen =
        path -> {
          if (path.endsWith("model.safetensors")) {
            throw new IOException("connection reset");
          }
        };
    assertThatThrownBy(this::fetch)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageMatching(
            "Cannot copy to local disk: .*: connection reset \\(check free space and the connection,"
                + " and that nobody writes to the source\\)");
    assertThat(names(cache)).allMatch(name -> name.endsWith(".lock"));

    faults.beforeOpen = path -> {};
    HuggingFaceFolder.open(fetch(), DType.FP32).checkTensors();
  }

  @Test
  void whatAKilledProcessLeftIsCleanedUp() throws IOException {
    String name = fetch().getFileName().toString();
    Path dead = Files.createDirectory(cache.resolve(name + ".partial-dead"));
    Files.write(dead.resolve("model.safetensors"), new byte[10]);
    // Killed before the rename: the folder itself is not there.
    Files.move(cache.resolve(name), cache.resolve(name + ".partial-other"));

    HuggingFaceFolder.open(fetch(), DType.FP32).checkTensors();
    assertThat(names(cache)).containsExactlyInAnyOrder(name, name + ".lock");
  }

  @Test
  void aSourceThatChangesIsNotMixed() throws IOException {
    faults.beforeOpen =
        path -> {
          if (path.endsWith("model.safetensors")) {
            Files.setLastModifiedTime(path, FileTime.fromMillis(1_700_000_000_000L));
          }
        };
    assertThatThrownBy(this::fetch)
        .hasMessageContaining("base/model.safetensors was written to while it was copied");
    faults.beforeOpen = path -> {};
    Path first = fetch();
    Files.setLastModifiedTime(
        bucket.resolve("base/config.json"), FileTime.fromMillis(1_700_000_000_000L));
    assertThat(fetch()).isNotEqualTo(first);
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeTheFirstByte() throws IOException {
    faults.status =
        status ->
            status.getPath().getName().endsWith(".safetensors")
                ? new FileStatus(1L << 60, false, 1, 1, 0, status.getPath())
                : status;
    assertThatThrownBy(this::fetch)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot copy to local disk: .* needs 1099511627776 MiB and has \\d+ MiB free \\(set"
                + " spark.local.dir to a larger disk\\)");
    assertThat(faults.opened).hasValue(0);
    assertThat(names(cache)).allMatch(name -> name.endsWith(".lock"));
  }

  @Test
  void anOutlineHoldsTheHeadersAndNoWeights() throws IOException {
    Path outline = RemoteFolder.outline(BASE, folder.resolve("outline"), configuration);

    try (HuggingFaceFolder base = HuggingFaceFolder.open(outline, DType.FP32)) {
      base.checkTensors();
    }
    assertThat(outline.resolve("model.safetensors"))
        .hasSize(Files.size(bucket.resolve("base/model.safetensors")));
    byte[] bytes = Files.readAllBytes(outline.resolve("model.safetensors"));
    assertThat(bytes[bytes.length - 1]).isZero();
    Path local = bucket.resolve("base");
    assertThat(RemoteFolder.outline(local.toString(), folder.resolve("no"), configuration))
        .isEqualTo(local);
  }

  @Test
  void aResultArrivesFileByFileWithItsConfigurationLast() throws IOException {
    String manifest =
        RemoteFolder.upload(bucket.resolve("adapter"), "store://bucket/.staged", configuration);
    faults.renamesUntilFailure.set(1);

    assertThatThrownBy(() -> promote(manifest))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "Cannot write output: store://bucket/out: 503 Slow Down (nothing is lost: move there what"
                + " lies in store://bucket/.staged, the file config.json or adapter_config.json last)");
    assertThat(names(bucket.resolve("out"))).containsExactly("adapter_model.safetensors");
    assertThat(names(bucket.resolve(".staged"))).containsExactly("adapter_config.json");
  }

  @Test
  void whatIsAddedArrivesWithTheResult() throws IOException {
    String uploaded =
        RemoteFolder.upload(bucket.resolve("adapter"), "store://bucket/.staged", configuration);
    String manifest =
        RemoteFolder.add(
            "store://bucket/.staged", uploaded, Map.of("README.md", "Größe"), configuration);
    promote(manifest);

    assertThat(names(bucket.resolve("out")))
        .containsExactlyInAnyOrder("README.md", "adapter_config.json", "adapter_model.safetensors");
    assertThat(bucket.resolve("out/README.md")).hasContent("Größe");
  }

  @Test
  void aResultIsWhole() throws IOException {
    String manifest =
        RemoteFolder.upload(bucket.resolve("adapter"), "store://bucket/.staged", configuration);
    promote(manifest);

    assertThat(names(bucket)).containsExactlyInAnyOrder("base", "adapter", "out");
    AdapterFiles.open(bucket.resolve("out")).close();
    assertThatThrownBy(() -> promote(manifest)).hasMessageContaining("Cannot use output: ");
  }

  private void promote(String manifest) {
    RemoteFolder.promote(
        "store://bucket/.staged", "store://bucket/out", manifest, IfExists.REFUSE, configuration);
  }

  @Test
  void aRootIsNoOutput() {
    assertThatThrownBy(
            () -> RemoteFolder.checkOutput("store://bucket/", IfExists.REFUSE, configuration))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write output: store://bucket/ is a root (name a folder in it)");
  }
}
