package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.checkpoint.RemoteFolder.IfExists;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The remote file system is Hadoop's viewfs, which is none of the local ones. */
class RemoteFolderTest {
  private static final String REMOTE = "viewfs://cluster/models/base";

  @TempDir Path folder;
  private Path cache;
  private Path stored;
  private Configuration configuration;

  static Configuration cluster(Path root) {
    Configuration configuration = new Configuration();
    configuration.set(
        "fs.viewfs.mounttable.cluster.link./models", root.toAbsolutePath().toUri().toString());
    // Each test has a cluster of that name.
    configuration.setBoolean("fs.viewfs.impl.disable.cache", true);
    return configuration;
  }

  @BeforeEach
  void store() throws IOException {
    cache = folder.resolve("cache");
    stored = Files.createDirectories(folder.resolve("cluster/base"));
    Files.writeString(stored.resolve("config.json"), "{}");
    Files.writeString(stored.resolve("model.safetensors"), "numbers");
    Files.writeString(stored.resolve("optimizer.pt"), "pickle");
    Files.createDirectory(stored.resolve("original"));
    configuration = cluster(folder.resolve("cluster"));
  }

  private Path fetch() {
    return RemoteFolder.fetch(REMOTE, cache, configuration);
  }

  @Test
  void usesLocalFoldersInPlace() {
    assertThat(RemoteFolder.fetch(stored.toString(), cache)).isEqualTo(stored);
    assertThat(RemoteFolder.fetch(stored.toUri().toString(), cache)).isEqualTo(stored);
    assertThat(cache).doesNotExist();
  }

  @Test
  void copiesRemoteFoldersOnce() throws IOException {
    Path copy = fetch();

    assertThat(copy.getFileName().toString()).startsWith("base-");
    assertThat(visible(copy)).containsExactlyInAnyOrder("config.json", "model.safetensors");
    assertThat(copy.resolve("model.safetensors")).hasContent("numbers");
    FileTime written = Files.getLastModifiedTime(copy.resolve("model.safetensors"));
    assertThat(fetch()).isEqualTo(copy);
    assertThat(Files.getLastModifiedTime(copy.resolve("model.safetensors"))).isEqualTo(written);
  }

  @Test
  void leavesASecondCopyOfTheWeightsAlone() throws IOException {
    Files.writeString(stored.resolve("consolidated.safetensors"), "numbers");
    assertThat(visible(fetch())).containsExactlyInAnyOrder("config.json", "model.safetensors");

    Files.delete(stored.resolve("model.safetensors"));
    assertThat(visible(fetch())).as("the only one").contains("consolidated.safetensors");
  }

  @Test
  void inspectionCountsASecondCopyOfTheWeightsNotTwice() throws IOException {
    Path folder = Files.createDirectories(cache.resolve("mistral"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(Reference.path("llama-gqa").resolve(name), folder.resolve(name));
    }
    FolderContents before = FolderContents.read(folder.toString(), configuration);
    Files.copy(folder.resolve("model.safetensors"), folder.resolve("consolidated.safetensors"));

    assertThat(FolderContents.read(folder.toString(), configuration)).isEqualTo(before);
  }

  @Test
  void copiesAgainWhatHasChanged() throws IOException {
    Path before = fetch();
    Files.writeString(stored.resolve("model.safetensors"), "NUMBERS");
    Files.setLastModifiedTime(
        stored.resolve("model.safetensors"), FileTime.fromMillis(1_700_000_000_000L));

    Path after = fetch();

    assertThat(after).isNotEqualTo(before);
    assertThat(after.resolve("model.safetensors")).hasContent("NUMBERS");
    assertThat(before.resolve("model.safetensors")).hasContent("numbers");
  }

  @Test
  void replacesADamagedCopyAndLeftovers() throws Exception {
    Path copy = Path.of(fetchInOtherProcess());
    Files.writeString(copy.resolve("model.safetensors"), "numbQrs");
    Path leftover = Files.createDirectory(cache.resolve(copy.getFileName() + ".partial-dead"));

    assertThat(fetch()).isEqualTo(copy);

    assertThat(copy.resolve("model.safetensors")).hasContent("numbers");
    assertThat(leftover).doesNotExist();
    assertThat(visible(cache)).hasSize(2);
  }

  @Test
  void manyThreadsShareOneCopy() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Path>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(this::fetch);
      }
      Set<Path> copies = new HashSet<>();
      for (Future<Path> copy : pool.invokeAll(tasks)) {
        copies.add(copy.get());
      }
      assertThat(copies).hasSize(1);
      assertThat(visible(cache)).hasSize(2);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void processesShareOneCopy() throws Exception {
    Path copy = fetch();
    FileTime written = Files.getLastModifiedTime(copy.resolve("model.safetensors"));

    assertThat(fetchInOtherProcess()).isEqualTo(copy.toString());

    assertThat(Files.getLastModifiedTime(copy.resolve("model.safetensors"))).isEqualTo(written);
  }

  private String fetchInOtherProcess() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FetchMain.class.getName(),
                folder.resolve("cluster").toString(),
                REMOTE,
                cache.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return printed.strip();
  }

  @Test
  void refusesWhatCannotBeFetched() throws IOException {
    assertThatThrownBy(() -> RemoteFolder.fetch(folder.resolve("no").toString(), cache))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there is no such folder");
    assertThatThrownBy(() -> RemoteFolder.fetch("TinyLlama/TinyLlama-1.1B", cache))
        .hasMessageContaining("download a model of the Hugging Face hub first");
    assertThatThrownBy(() -> RemoteFolder.fetch("nofs://x/y", cache))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Cannot read folder: nofs://x/y (check the path");
    assertThatThrownBy(() -> RemoteFolder.fetch("", cache))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot use folder");
    Files.move(stored.resolve("model.safetensors"), stored.resolve("pytorch_model.bin"));
    assertThatThrownBy(this::fetch)
        .hasMessageContaining("it holds pickles only: optimizer.pt, pytorch_model.bin");
  }

  @Test
  void uploadsAndPromotes() throws IOException {
    for (String place : List.of("viewfs://cluster/models/", folder + "/cluster/")) {
      String output = place + "out" + place.length();
      String manifest = RemoteFolder.upload(stored, output + ".staging", configuration);
      RemoteFolder.promote(output + ".staging", output, manifest, IfExists.REFUSE, configuration);

      Path written = folder.resolve("cluster/out" + place.length());
      assertThat(written.resolve("model.safetensors")).hasContent("numbers");
      assertThat(folder.resolve("cluster/out" + place.length() + ".staging")).doesNotExist();
    }
    assertThat(folder.resolve("cluster/out" + (folder + "/cluster/").length()))
        .isDirectoryNotContaining("glob:**.crc");
  }

  @Test
  void doesNotOverwriteUnlessTold() throws IOException {
    Path output = Files.createDirectory(folder.resolve("out"));
    String staging = folder.resolve("staging").toString();
    String manifest = RemoteFolder.upload(stored, staging, configuration);
    Files.writeString(output.resolve("old"), "old");

    assertThatThrownBy(
            () -> RemoteFolder.checkOutput(output.toString(), IfExists.REFUSE, configuration))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("exists (give another one, or delete it)");
    assertThatThrownBy(
            () ->
                RemoteFolder.promote(
                    staging, output.toString(), manifest, IfExists.REFUSE, configuration))
        .hasMessageContaining("exists (give another one, or delete it)");
    assertThat(visible(output)).containsExactly("old");

    RemoteFolder.checkOutput(output.toString(), IfExists.REPLACE, configuration);
    RemoteFolder.promote(staging, output.toString(), manifest, IfExists.REPLACE, configuration);
    assertThat(visible(output)).contains("model.safetensors").doesNotContain("old");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(Path::toString)).noneMatch(name -> name.contains("replaced"));
    }
  }

  @Test
  void anEmptyFolderIsNoOutput() throws IOException {
    Path output = Files.createDirectory(folder.resolve("out"));
    String staging = folder.resolve("staging").toString();
    String manifest = RemoteFolder.upload(stored, staging, configuration);

    RemoteFolder.promote(staging, output.toString(), manifest, IfExists.REFUSE, configuration);

    assertThat(output.resolve("config.json")).hasContent("{}");
  }

  @Test
  void refusesAStagedFolderThatIsNotWhatWasUploaded() throws IOException {
    String staging = folder.resolve("staging").toString();
    String manifest = RemoteFolder.upload(stored, staging, configuration);
    Files.delete(folder.resolve("staging/config.json"));
    Files.writeString(folder.resolve("staging/model.safetensors"), "num");

    assertThatThrownBy(
            () ->
                RemoteFolder.promote(
                    staging,
                    folder.resolve("out").toString(),
                    manifest,
                    IfExists.REFUSE,
                    configuration))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("config.json is missing")
        .hasMessageContaining("model.safetensors has 3 bytes instead of 7");
    assertThatThrownBy(() -> RemoteFolder.upload(stored, staging, configuration))
        .hasMessageContaining("exists (give a new staging folder)");
  }

  private static Set<String> visible(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .collect(Collectors.toSet());
    }
  }
}
