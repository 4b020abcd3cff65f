package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * Looks into a run's checkpoint, tokenizer and first adapter before its first stage. Reads JSON and
 * headers only, wherever they lie, so that a damaged file is not found after hours of tokenising.
 */
final class InputChecks {
  private final Configuration hadoop;
  private final Problems problems;
  private final Path temporary;

  private InputChecks(Configuration hadoop, Problems problems, Path temporary) {
    this.hadoop = hadoop;
    this.problems = problems;
    this.temporary = temporary;
  }

  /**
   * Adds all that is wrong to {@code problems}.
   *
   * @param tokenizes whether the data is text
   * @return the model's shape, or null where its configuration cannot be used
   */
  static ModelConfig check(
      TrainConfig config, boolean tokenizes, Configuration hadoop, Problems problems) {
    return checked(hadoop, problems, checks -> checks.check(config, tokenizes));
  }

  /** The same for a model that predicts, without its tokenizer, and an adapter or none. */
  static ModelConfig check(
      String model, String adapter, DType dtype, Configuration hadoop, Problems problems) {
    return checked(
        hadoop,
        problems,
        checks -> {
          ModelConfig shape = checks.base(model, dtype);
          if (shape != null && !adapter.isEmpty()) {
            checks.adapter(adapter, shape, Optional.empty());
          }
          return shape;
        });
  }

  private static ModelConfig checked(
      Configuration hadoop, Problems problems, Function<InputChecks, ModelConfig> check) {
    try {
      Path temporary = Files.createTempDirectory("spark-lorafa-outline");
      try {
        return check.apply(new InputChecks(hadoop, problems, temporary));
      } finally {
        delete(temporary);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot use the folder for temporary files (free some space)", e);
    }
  }

  private ModelConfig check(TrainConfig config, boolean tokenizes) {
    ModelConfig shape = base(config.model(), config.dtype());
    if (shape == null) {
      return null;
    }
    if (tokenizes) {
      with(config.model(), "tokenizer", folder -> TextTokenizer.check(folder, shape.vocabSize()));
    }
    if (!config.initAdapter().isEmpty()) {
      adapter(config.initAdapter(), shape, Optional.of(config.adapter()));
    }
    return shape;
  }

  private ModelConfig base(String location, DType dtype) {
    ModelConfig[] shape = new ModelConfig[1];
    with(
        location,
        "model",
        folder -> {
          try (HuggingFaceFolder base = HuggingFaceFolder.open(folder, dtype)) {
            shape[0] = base.config();
            base.checkTensors();
          }
        });
    return shape[0];
  }

  /** With what the adapter is to be, or else what its own configuration says. */
  private void adapter(String location, ModelConfig shape, Optional<AdapterConfig> asked) {
    with(
        location,
        "adapter",
        folder -> {
          try (AdapterFiles adapter = AdapterFiles.open(folder)) {
            adapter.checkFits(asked.orElseGet(adapter::config), shape);
          }
        });
  }

  /** Runs a check on the outline of a folder; its words name the folder itself. */
  private void with(String location, String name, Consumer<Path> check) {
    Path outline = temporary.resolve(name);
    try {
      check.accept(RemoteFolder.outline(location, outline, hadoop));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      problems.add("%s", e.getMessage().replace(outline.toString(), location));
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> entries;
    try (Stream<Path> tree = Files.walk(folder)) {
      entries = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.delete(entry);
    }
  }
}
