package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.ObjectStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeCommandTest {
  @TempDir Path folder;

  private record Run(int code, String out, String err) {}

  private static Path reference(String name) throws URISyntaxException {
    return Path.of(MergeCommandTest.class.getResource("/reference/" + name).toURI());
  }

  private static Run merge(String output, String... more) throws URISyntaxException {
    Stream<String> words =
        Stream.of(
            "--model",
            reference("llama-gqa").toString(),
            "--adapter",
            reference("adapter-saved").toString(),
            "--output",
            output);
    return command(Stream.concat(words, Stream.of(more)).toArray(String[]::new));
  }

  private static Run command(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(Stream.concat(Stream.of("merge"), Stream.of(words)).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  @Test
  void writesOneFolderAndNothingBesideIt() throws IOException, URISyntaxException {
    Path output = folder.resolve("merged");
    Run run = merge(output.toString(), "--dtype", "bf16");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .startsWith("Added A and B to 3 weights and replaced 2; the checkpoint of ")
        .endsWith(" bytes is in " + output + "\n");
    try (Stream<Path> files = Stream.concat(Files.list(folder), Files.list(output))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("merged", "config.json", "model.safetensors");
    }
    Run again = merge(output.toString());
    assertThat(again.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(again.err()).contains("Cannot write output: ").contains("exists (give another one");
  }

  @Test
  void writesToAnyOfHadoopsFileSystems() throws IOException, URISyntaxException {
    Path output = folder.resolve("elsewhere/merged");
    assertThat(merge("file:" + output).code()).isZero();
    assertThat(output.resolve("config.json")).isRegularFile();
  }

  @Test
  void readsFromAndWritesToAnObjectStore() throws IOException, URISyntaxException {
    Path bucket = folder.resolve("bucket");
    copy(reference("llama-gqa"), bucket.resolve("base"));
    copy(reference("adapter-saved"), bucket.resolve("adapter"));
    Properties before = (Properties) System.getProperties().clone();
    // As spark-submit hands over --conf spark.hadoop.*
    ObjectStore.over(bucket)
        .getPropsWithPrefix("")
        .forEach(
            (name, value) -> {
              if (name.startsWith("fs.store.") || name.startsWith("test.store.")) {
                System.setProperty("spark.hadoop." + name, value);
              }
            });
    System.setProperty("java.io.tmpdir", Files.createDirectory(folder.resolve("tmp")).toString());
    try {
      Run run =
          command(
              "--model",
              "store://bucket/base",
              "--adapter",
              "store://bucket/adapter",
              "--output",
              "store://bucket/merged");
      assertThat(run.err()).isEmpty();
      assertThat(run.code()).isZero();
      assertThat(run.out()).endsWith(" bytes is in store://bucket/merged\n");
      assertThat(ObjectStore.faults(bucket).opened.get()).isPositive();
    } finally {
      System.setProperties(before);
    }
    assertThat(merge(folder.resolve("local").toString()).code()).isZero();
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      assertThat(bucket.resolve("merged").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("local").resolve(file));
    }
    try (Stream<Path> files = Files.list(bucket)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("base", "adapter", "merged");
    }
    try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("nothing but copies of the sources, which nobody else may read")
          .containsExactly("spark-lorafa-" + System.getProperty("user.name"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void refusesOtherDtypes() throws URISyntaxException {
    Run run = merge(folder.resolve("merged").toString(), "--dtype", "fp8");
    assertThat(run.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).isEqualTo("Cannot use dtype: fp8 (use fp32 or bf16)\n");
    assertThat(folder).isEmptyDirectory();
  }
}
