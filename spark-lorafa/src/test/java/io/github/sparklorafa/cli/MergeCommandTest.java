package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Stream<String> words =
        Stream.of(
            "merge",
            "--model",
            reference("llama-gqa").toString(),
            "--adapter",
            reference("adapter-saved").toString(),
            "--output",
            output);
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(Stream.concat(words, Stream.of(more)).toArray(String[]::new));
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
  void refusesOtherDtypes() throws URISyntaxException {
    Run run = merge(folder.resolve("merged").toString(), "--dtype", "fp8");
    assertThat(run.code()).isEqualTo(Main.BAD_INPUT);
    assertThat(run.err()).isEqualTo("Cannot use dtype: fp8 (use fp32 or bf16)\n");
    assertThat(folder).isEmptyDirectory();
  }
}
