package io.github.sparklorafa.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The demo's base model and letters, which the jar carries: {@code base/} is a Hugging Face
 * checkpoint, {@code train.jsonl} and {@code held-out.jsonl} have the columns {@code prompt} and
 * {@code completion}. How they were made is told in the repository's folder {@code demo}.
 */
public final class DemoFiles {
  static final String TRAIN = "train.jsonl";
  static final String HELD_OUT = "held-out.jsonl";

  private static final String BASE = "base";
  private static final List<String> BASE_FILES =
      List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");

  private final Path folder;

  private DemoFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * A letter and what its ticket should be.
   *
   * @param prompt the letter, and the word after which the ticket is expected
   * @param completion the ticket
   */
  public record Letter(String prompt, String completion) {}

  /**
   * Writes the files to a folder, over those of an earlier demo.
   *
   * @param location a local path or a URI; all executors must see it
   * @throws UncheckedIOException if it cannot be written
   */
  public static DemoFiles unpack(String location, Configuration hadoop) {
    try {
      Path path = new Path(location);
      FileSystem fileSystem = path.getFileSystem(hadoop);
      Path folder = fileSystem.makeQualified(path);
      // Users look into this folder: no checksum files beside the local ones.
      FileSystem target = fileSystem instanceof LocalFileSystem local ? local.getRaw() : fileSystem;
      List<String> names = new ArrayList<>(BASE_FILES.stream().map(n -> BASE + "/" + n).toList());
      names.add(TRAIN);
      names.add(HELD_OUT);
      for (String name : names) {
        try (InputStream in = resource(name);
            OutputStream out = target.create(new Path(folder, name), true)) {
          in.transferTo(out);
        }
      }
      return new DemoFiles(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot write the demo's files: " + location + " (name a folder that can be written)", e);
    }
  }

  private static InputStream resource(String name) {
    InputStream in = DemoFiles.class.getResourceAsStream("/io/github/sparklorafa/demo/" + name);
    if (in == null) {
      throw new IllegalStateException("Cannot find in the plugin jar: " + name + " (build again)");
    }
    return in;
  }

  /** URI of the base checkpoint. */
  public String base() {
    return new Path(folder, BASE).toString();
  }

  /** URI of the letters to train on. */
  public String train() {
    return new Path(folder, TRAIN).toString();
  }

  /** URI of the letters to judge by. */
  public String heldOut() {
    return new Path(folder, HELD_OUT).toString();
  }

  /** URI for an adapter: the first of {@code adapter}, {@code adapter-2}, … that is not there. */
  public String freshAdapter(Configuration hadoop) {
    try {
      FileSystem fileSystem = folder.getFileSystem(hadoop);
      Path adapter = new Path(folder, "adapter");
      for (int i = 2; fileSystem.exists(adapter); i++) {
        adapter = new Path(folder, "adapter-" + i);
      }
      return adapter.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read the demo's folder: " + folder + " (name another with --output)", e);
    }
  }

  /** The letters of {@link #TRAIN} or {@link #HELD_OUT}, in their order. */
  static List<Letter> letters(String name) {
    ObjectMapper mapper = new ObjectMapper();
    List<Letter> letters = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(resource(name), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode row = mapper.readTree(line);
        letters.add(new Letter(row.get("prompt").asText(), row.get("completion").asText()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read from the plugin jar: " + name + " (build again)", e);
    }
    return letters;
  }

  /** The letters that no training is done on. */
  public static List<Letter> heldOutLetters() {
    return letters(HELD_OUT);
  }
}
