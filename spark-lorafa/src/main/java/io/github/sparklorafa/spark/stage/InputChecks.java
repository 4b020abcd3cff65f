package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.ClassNames;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.ModelConfigParser;
import io.github.sparklorafa.checkpoint.RemoteFolder;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.TrainConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into a run's checkpoint, tokenizer and first adapter before its first stage. Reads JSON and
 * headers only, wherever they lie, so that a damaged file is not found after hours of tokenising.
 */
final class InputChecks {
  private static final Logger LOG = LoggerFactory.getLogger(InputChecks.class);

  private final Configuration hadoop;
  private final Problems problems;
  private final Path temporary;

  /** Where the outline of each location goes, and where it is once it was fetched. */
  private final Map<String, Path> outlines = new HashMap<>();

  private final Map<String, Path> fetched = new HashMap<>();

  private InputChecks(Configuration hadoop, Problems problems, Path temporary) {
    this.hadoop = hadoop;
    this.problems = problems;
    this.temporary = temporary;
  }

  /**
   * Adds all that is wrong to {@code problems}.
   *
   * @param rows what they are made of; empty where that is not known, which is a problem already
   * @return the model's shape, or null where its configuration cannot be used
   */
  static ModelConfig check(
      TrainConfig config, Optional<RowSource> rows, Configuration hadoop, Problems problems) {
    return checked(hadoop, problems, checks -> checks.check(config, rows));
  }

  /**
   * The same for a model that predicts, and an adapter or none.
   *
   * @param rows looks, in a folder with the small files, at what such a model's rows are read with
   */
  static ModelConfig check(
      Predictor predictor,
      BiConsumer<Path, ModelConfig> rows,
      Configuration hadoop,
      Problems problems) {
    String model = predictor.model();
    String adapter = predictor.adapter();
    return checked(
        hadoop,
        problems,
        checks -> {
          AdapterOutline outline = checks.adapterOutline(adapter);
          outline.note(predictor).ifPresent(LOG::warn);
          ModelConfig shape =
              checks.base(
                  model, predictor.dtype(), outline.objective(), Optional.of(outline.tensors()));
          if (shape != null) {
            checks.with(model, folder -> rows.accept(folder, shape));
          }
          if (shape != null && !adapter.isEmpty()) {
            checks.adapter(adapter, shape, Optional.empty());
          }
          return shape;
        });
  }

  /**
   * The names that the base's configuration gives to classes; none if the adapter has a head of its
   * own, whose classes may be others, or the model does not classify.
   */
  static List<String> classNames(Predictor predictor, Configuration hadoop) {
    return checked(
        hadoop,
        new Problems(),
        checks -> {
          String json = Locations.read(predictor.model(), Locations.MODEL_CONFIG, hadoop);
          AdapterOutline outline = checks.adapterOutline(predictor.adapter());
          ModelConfig base = ModelConfigParser.fromJson(json);
          ModelConfig shape = outline.objective().map(base::with).orElse(base);
          boolean ownHead = shape.newTensors().stream().anyMatch(outline.tensors()::contains);
          return !ownHead && shape.objective() instanceof Objective.Classification classes
              ? ClassNames.of(json, classes.labels())
              : List.of();
        });
  }

  /** What an adapter says about the model that it is for. */
  private record AdapterOutline(
      Optional<Objective> objective, Set<String> tensors, Optional<String> baseDtype) {
    static final AdapterOutline NONE =
        new AdapterOutline(Optional.empty(), Set.of(), Optional.empty());

    /** What is said where it learned on a base that was held in another way. */
    Optional<String> note(Predictor predictor) {
      String held = predictor.baseDtype().text();
      return baseDtype
          .filter(learned -> !learned.equals(held))
          .map(
              learned ->
                  "The adapter %s learned on a base in %s, and answers on one in %s (base dtype %s is what it was trained on)"
                      .formatted(predictor.adapter(), learned, held, learned));
    }
  }

  private AdapterOutline adapterOutline(String adapter) {
    if (adapter.isEmpty()) {
      return AdapterOutline.NONE;
    }
    try (AdapterFiles files = AdapterFiles.open(fetched(adapter))) {
      return new AdapterOutline(files.objective(), Set.copyOf(files.names()), files.baseDtype());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      // Told when the adapter itself is checked.
      return AdapterOutline.NONE;
    }
  }

  private static <T> T checked(
      Configuration hadoop, Problems problems, Function<InputChecks, T> check) {
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

  private ModelConfig check(TrainConfig config, Optional<RowSource> rows) {
    ModelConfig shape =
        base(
            config.model(),
            config.dtype(),
            Optional.of(config.objective()),
            config.taskSettings().freezeHead() ? Optional.of(Set.of()) : Optional.empty());
    if (shape == null) {
      return null;
    }
    rows.ifPresent(
        source -> with(config.model(), folder -> source.check(folder, shape.vocabSize())));
    if (!config.initAdapter().isEmpty()) {
      adapter(config.initAdapter(), shape, Optional.of(config.adapter()));
    }
    return shape;
  }

  /**
   * @param ofAdapter tensors that need not be in the base; empty if a new head is trained
   */
  private ModelConfig base(
      String location,
      DType dtype,
      Optional<Objective> objective,
      Optional<Set<String>> ofAdapter) {
    ModelConfig[] shape = new ModelConfig[1];
    with(
        location,
        folder -> {
          try (HuggingFaceFolder base = HuggingFaceFolder.open(folder, dtype, objective)) {
            shape[0] = base.config();
            base.checkTensors();
            ofAdapter.ifPresent(given -> checkHead(base, given, location));
          }
        });
    return shape[0];
  }

  private void checkHead(HuggingFaceFolder base, Set<String> given, String location) {
    Set<String> lacking = new TreeSet<>(base.lacking());
    lacking.removeAll(given);
    if (!lacking.isEmpty()) {
      problems.add(
          "Cannot use a head that is not there: %s lacks %s (train the head, or give an adapter that"
              + " has it)",
          location, String.join(", ", lacking));
    }
  }

  /** With what the adapter is to be, or else what its own configuration says. */
  private void adapter(String location, ModelConfig shape, Optional<AdapterConfig> asked) {
    with(
        location,
        folder -> {
          try (AdapterFiles adapter = AdapterFiles.open(folder)) {
            adapter.checkFits(asked.orElseGet(adapter::config), shape);
          }
        });
  }

  /** Runs a check on the outline of a folder; its words name the folder itself. */
  private void with(String location, Consumer<Path> check) {
    try {
      check.accept(fetched(location));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      problems.add("%s", e.getMessage().replace(outline(location).toString(), location));
    }
  }

  private Path outline(String location) {
    return outlines.computeIfAbsent(
        location, first -> temporary.resolve("outline-" + outlines.size()));
  }

  /** Several checks look at one folder; it is fetched once. */
  private Path fetched(String location) {
    Path local = fetched.get(location);
    if (local == null) {
      local = RemoteFolder.outline(location, outline(location), hadoop);
      fetched.put(location, local);
    }
    return local;
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
