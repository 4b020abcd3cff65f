package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;

/**
 * A local Hugging Face checkpoint: {@code config.json} and the weights as one or several
 * safetensors files.
 *
 * <p>Opening reads and checks the configuration and all headers, and loads no native library, so
 * that a driver can check a checkpoint too. Safe for use by several threads.
 */
public final class HuggingFaceFolder implements ParameterSource, AutoCloseable {
  /** The name of the model's configuration. */
  public static final String CONFIG = "config.json";

  static final String GENERATION_CONFIG = "generation_config.json";
  private static final String EOS_TOKEN_ID = "eos_token_id";

  private final Path path;
  private final DType dtype;
  private final ModelConfig config;
  private final Map<String, SafetensorsFile> files;

  private HuggingFaceFolder(
      Path path, DType dtype, ModelConfig config, Map<String, SafetensorsFile> files) {
    this.path = path;
    this.dtype = dtype;
    this.config = config;
    this.files = files;
  }

  /**
   * Opens a folder.
   *
   * @param dtype in which {@link #load} gives the weights
   * @throws IllegalArgumentException naming everything that is wrong with its configuration, its
   *     index or the headers of its files
   */
  public static HuggingFaceFolder open(Path folder, DType dtype) {
    return open(folder, dtype, Optional.empty());
  }

  /**
   * The same for an objective.
   *
   * @param objective that decides the head; empty for what the checkpoint was made for
   * @throws IllegalArgumentException also if the architecture has no such head
   */
  public static HuggingFaceFolder open(Path folder, DType dtype, Optional<Objective> objective) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "Cannot open checkpoint: "
              + folder
              + " (give the folder of a downloaded checkpoint, with config.json)");
    }
    if (Files.exists(folder.resolve(AdapterFiles.CONFIG))
        && !Files.exists(folder.resolve(CONFIG))) {
      throw new IllegalArgumentException(
          "Cannot open checkpoint: %s holds an adapter (give its base model, and this as adapter)"
              .formatted(folder));
    }
    PickleFiles.refuseAlone(folder.toString(), list(folder));
    Path json = folder.resolve(CONFIG);
    Refusals refusals = new Refusals();
    ModelConfig config = refusals.tried(() -> config(json, objective));
    Map<String, SafetensorsFile> files = refusals.tried(() -> ShardIndex.open(folder));
    refusals.throwIfAny();
    Map<String, SafetensorsFile> named = named(files, config);
    return new HuggingFaceFolder(folder, dtype, config.storedWith(named.keySet()), named);
  }

  /** The files by the names that the model knows the tensors by. */
  private static Map<String, SafetensorsFile> named(
      Map<String, SafetensorsFile> files, ModelConfig config) {
    Map<String, String> renamed = config.renamed(files.keySet());
    Map<String, SafetensorsFile> named = new LinkedHashMap<>();
    files.forEach(
        (stored, file) -> {
          String name = renamed.getOrDefault(stored, stored);
          file.rename(stored, name);
          named.put(name, file);
        });
    return named;
  }

  private static ModelConfig config(Path json, Optional<Objective> objective) {
    String text = StrictJson.read(json, "give a folder with the whole checkpoint");
    ModelConfig config = ModelConfigParser.fromJson(text, json.toString());
    return objective.map(config::with).orElse(config);
  }

  private static List<String> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list: " + folder + " (check its permissions)", e);
    }
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** In which {@link #load} gives the weights. */
  DType dtype() {
    return dtype;
  }

  /** What its {@code config.json} says. */
  public ModelConfig config() {
    return config;
  }

  /** The names of all tensors. */
  public Set<String> names() {
    return Collections.unmodifiableSet(files.keySet());
  }

  /** Bytes of all tensors as they are stored. */
  public long bytes() {
    return files.entrySet().stream().mapToLong(e -> e.getValue().bytes(e.getKey())).sum();
  }

  /** The stored dtype in safetensors' words, such as {@code BF16}. */
  public String storedDtype(String name) {
    return file(name).dtype(name);
  }

  /**
   * Checks that the weights are those that the configuration asks for.
   *
   * @throws IllegalArgumentException naming every tensor that is missing, surplus, or of another
   *     shape; or if its head is for another number of labels
   */
  public void checkTensors() {
    Problems problems =
        new Problems(
            "Cannot use checkpoint: " + path,
            "give config.json and weights that belong together, of a complete download");
    Map<String, long[]> required = new LinkedHashMap<>(config.tensors());
    required.keySet().removeAll(lacking());
    Set<String> otherLabels =
        config.newTensors().stream()
            .filter(name -> has(name) && hasOtherRows(name))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    required.keySet().removeAll(otherLabels);
    Set<String> found = new LinkedHashSet<>(files.keySet());
    found.removeAll(otherLabels);
    TensorCheck.compare(required, found, this::file, config::mayBeSurplus, problems);
    problems.throwIfAny();
    otherLabels.stream().findFirst().ifPresent(this::refuseOtherLabels);
  }

  /** Whether a tensor of the head is for another number of labels. */
  private boolean hasOtherRows(String name) {
    long[] stored = shape(name);
    long[] asked = config.tensors().get(name).clone();
    boolean other = stored.length == asked.length && stored[0] != asked[0];
    asked[0] = other ? stored[0] : asked[0];
    return other && Arrays.equals(stored, asked);
  }

  private void refuseOtherLabels(String name) {
    throw new IllegalArgumentException(
        ("Cannot use the head of: %s, which has %d labels, not %d (set the number of labels to %d,"
                + " or give a checkpoint without a head, for which a new one is made)")
            .formatted(path, shape(name)[0], config.tensors().get(name)[0], shape(name)[0]));
  }

  /** The tensors that it does not hold because they are a head that is to be learned. */
  public Set<String> lacking() {
    return config.newTensors().stream()
        .filter(name -> !has(name))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * Checks that the weights are numbers: reads all of them once in a process, at the disk's or the
   * memory's speed, and loads the native library.
   *
   * @throws IllegalArgumentException naming every tensor that holds NaN or infinite numbers
   */
  public void checkNumbers() {
    FiniteWeights.check(path, files);
  }

  /**
   * The tokens that end a generated text, from {@code generation_config.json} or {@code
   * config.json}; empty where neither says.
   */
  public Set<Integer> endOfTextIds() {
    return Stream.of(GENERATION_CONFIG, CONFIG)
        .map(path::resolve)
        .filter(Files::isRegularFile)
        .map(HuggingFaceFolder::endOfTextIds)
        .flatMap(Optional::stream)
        .findFirst()
        .orElse(Set.of());
  }

  private static Optional<Set<Integer>> endOfTextIds(Path json) {
    Problems problems = new Problems("Cannot read: " + json, "download it again");
    ObjectNode object = StrictJson.parse(StrictJson.read(json, "download it again"), problems);
    problems.throwIfAny();
    JsonNode node = object.path(EOS_TOKEN_ID);
    Stream<JsonNode> ids =
        node.isArray() ? StreamSupport.stream(node.spliterator(), false) : Stream.of(node);
    Set<Integer> found =
        ids.filter(JsonNode::canConvertToInt)
            .map(JsonNode::intValue)
            .collect(Collectors.toUnmodifiableSet());
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  @Override
  public boolean has(String name) {
    return files.containsKey(name);
  }

  @Override
  public Tensor load(String name, long... shape) {
    return checked(name, shape).load(name, dtype);
  }

  /** The tensor is the mapped file itself, whose pages are given up afterwards. */
  @Override
  public <T> T read(String name, Function<Tensor, T> reader, long... shape) {
    return checked(name, shape).read(name, reader);
  }

  private SafetensorsFile checked(String name, long... shape) {
    SafetensorsFile file = file(name);
    if (!Arrays.equals(file.shape(name), shape)) {
      throw new IllegalArgumentException(
          ("Cannot load tensor: %s has shape %s instead of %s (give config.json and weights"
                  + " that belong together)")
              .formatted(name, Arrays.toString(file.shape(name)), Arrays.toString(shape)));
    }
    return file;
  }

  /** The tensor as it is stored, owned by the caller's scope. */
  Tensor loadStored(String name) {
    return file(name).load(name);
  }

  /** The stored shape. */
  long[] shape(String name) {
    return file(name).shape(name);
  }

  /** The file that holds a tensor. */
  SafetensorsFile file(String name) {
    SafetensorsFile file = files.get(name);
    if (file == null) {
      throw new IllegalArgumentException(
          "Cannot load tensor: %s (%s does not hold it)".formatted(Problems.quote(name), path));
    }
    return file;
  }

  /** Gives the mappings back once the last tensor from them is closed too. */
  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
