package io.github.sparklorafa.checkpoint;

import static io.github.sparklorafa.model.Objective.Kind.SINGLE_LABEL;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A PEFT adapter in a local folder: {@code adapter_model.safetensors} and {@code
 * adapter_config.json}.
 *
 * <p>Tensors are named by module and parameter, as in {@code
 * model.layers.0.self_attn.q_proj.lora_A.weight [rank, in]}, {@code ….lora_B.weight [out, rank]}
 * and {@code lm_head.weight}; in the file PEFT's prefix {@value #PREFIX} stands before them.
 * Opening checks everything that can be checked without the base model, and loads no native
 * library.
 */
public final class AdapterFiles implements AutoCloseable {
  /** The name of the file with the numbers. */
  public static final String MODEL = "adapter_model.safetensors";

  /** The name of the file with the settings. */
  public static final String CONFIG = "adapter_config.json";

  /** Last layers of classification heads, in which each row is a label. */
  private static final Set<String> HEADS =
      Set.of("classifier.out_proj.weight", "classifier.weight");

  private static final String BASE_DTYPE = "base_dtype";

  static final String PREFIX = "base_model.model.";
  private static final String WAY_OUT = "give the whole folder that PEFT's save_pretrained wrote";

  private final Path path;
  private final AdapterConfig config;
  private final SafetensorsFile file;
  private final Map<String, long[]> shapes;

  private AdapterFiles(
      Path path, AdapterConfig config, SafetensorsFile file, Map<String, long[]> shapes) {
    this.path = path;
    this.config = config;
    this.file = file;
    this.shapes = shapes;
  }

  /**
   * Opens an adapter.
   *
   * @throws IllegalArgumentException naming everything that is wrong with its configuration or its
   *     tensors
   */
  public static AdapterFiles open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("Cannot open adapter: %s (%s)".formatted(folder, WAY_OUT));
    }
    if (!Files.exists(folder.resolve(MODEL))) {
      PickleFiles.refuseAlone(folder.toString(), pickles(folder));
    }
    Path json = folder.resolve(CONFIG);
    Refusals refusals = new Refusals();
    AdapterConfig config =
        refusals.tried(
            () -> PeftConfigParser.fromJson(StrictJson.read(json, WAY_OUT), json.toString()));
    SafetensorsFile file = refusals.tried(() -> SafetensorsFile.open(folder.resolve(MODEL)));
    refusals.throwIfAny();
    Problems problems = new Problems("Cannot use adapter: " + folder, WAY_OUT);
    Map<String, long[]> shapes = new AdapterTensors(config, problems).check(file);
    problems.throwIfAny();
    return new AdapterFiles(folder, config, file, shapes);
  }

  private static List<String> pickles(Path folder) {
    return Stream.of("adapter_model.bin")
        .filter(name -> Files.exists(folder.resolve(name)))
        .toList();
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** What its {@code adapter_config.json} says. */
  public AdapterConfig config() {
    return config;
  }

  /**
   * What it was trained for, where it says so: in a file of ours, or by a classification's head.
   */
  public Optional<Objective> objective() {
    return TaskFile.read(path)
        .or(
            () ->
                names().stream()
                    .filter(HEADS::contains)
                    .map(head -> (int) shape(head)[0])
                    .map(labels -> new Objective.Classification(labels, SINGLE_LABEL))
                    .map(Objective.class::cast)
                    .findFirst());
  }

  /**
   * How the base's linear weights were held when it was trained, {@code int8} or {@code nf4}, in a
   * note of ours beside the tensors; empty where they were numbers as they are.
   */
  public Optional<String> baseDtype() {
    return Optional.ofNullable(file.metadata().get(BASE_DTYPE));
  }

  /** The names of all tensors, without PEFT's prefix. */
  public Set<String> names() {
    return shapes.keySet();
  }

  /** The names of the modules that have an A. */
  public List<String> modules() {
    return names().stream()
        .filter(name -> name.endsWith(LoraModule.A_SUFFIX))
        .map(name -> name.substring(0, name.length() - LoraModule.A_SUFFIX.length()))
        .toList();
  }

  /** The stored shape. */
  public long[] shape(String name) {
    return file.shape(PREFIX + name);
  }

  /**
   * Checks that the adapter is one for a model whose adapted tensors are {@code expected}, shapes
   * by name.
   *
   * @throws IllegalArgumentException naming every tensor that is missing, surplus, or of another
   *     shape
   */
  public void check(Map<String, long[]> expected) {
    check(expected, Set.of());
  }

  private void check(Map<String, long[]> expected, Set<String> readOver) {
    Problems problems =
        new Problems(
            "Cannot use adapter: " + path, "give an adapter of this base model and these settings");
    Map<String, long[]> prefixed = new LinkedHashMap<>();
    expected.forEach((name, shape) -> prefixed.put(PREFIX + name, shape));
    TensorCheck.compare(
        prefixed,
        file.names(),
        name -> file,
        name -> readOver.contains(name.substring(PREFIX.length())),
        problems);
    problems.throwIfAny();
  }

  /**
   * Checks that the adapter is one for a base model of that configuration. Of a tensor with two
   * names the second is forgotten.
   *
   * @param asked what the adapter is to be: its own configuration, or that of a run that starts
   *     from it
   * @throws IllegalArgumentException naming every tensor that is missing, surplus, or of another
   *     shape
   */
  public void checkFits(AdapterConfig asked, ModelConfig base) {
    Set<String> second = new HashSet<>(base.secondNames().keySet());
    second.removeIf(name -> !shapes.containsKey(base.secondNames().get(name)));
    check(AdapterShapes.of(asked, base), second);
    shapes.keySet().removeAll(second);
  }

  /**
   * Checks that the adapter's weights are numbers; loads the native library.
   *
   * @throws IllegalArgumentException naming every tensor that holds NaN or infinite numbers
   */
  public void checkNumbers() {
    FiniteWeights.check(path, Map.of(MODEL, file));
  }

  /** The tensor of that name, owned by the caller's scope. */
  public Tensor load(String name, DType dtype) {
    return file.load(PREFIX + name, dtype);
  }

  /** All tensors by name, owned by the caller's scope. */
  public Map<String, Tensor> load(DType dtype) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    shapes.keySet().forEach(name -> tensors.put(name, load(name, dtype)));
    return tensors;
  }

  /**
   * Writes an adapter that PEFT loads, in fp32; each file is there completely or not at all, and
   * the configuration comes last.
   *
   * @param baseModel name or path of the base model, for those who load the adapter
   * @param objective that it was trained for
   * @param tensors by name without PEFT's prefix, A included
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public static void write(
      Path folder,
      AdapterConfig config,
      String baseModel,
      Objective objective,
      Map<String, Tensor> tensors) {
    write(folder, config, baseModel, objective, Optional.empty(), tensors);
  }

  /**
   * The same for one that was trained on a base in few bits.
   *
   * @param baseDtype how the base's linear weights were held, as {@link #baseDtype} will say
   */
  public static void write(
      Path folder,
      AdapterConfig config,
      String baseModel,
      Objective objective,
      Optional<String> baseDtype,
      Map<String, Tensor> tensors) {
    Map<String, Tensor> prefixed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> prefixed.put(PREFIX + name, tensor));
    SafetensorsWriter.write(
        folder.resolve(MODEL),
        SafetensorsWriter.entries(prefixed, DType.FP32),
        baseDtype.map(dtype -> Map.of(BASE_DTYPE, dtype)).orElse(Map.of()));
    AdapterConfig written = PeftConfigParser.writable(config, tensors.keySet());
    if (objective instanceof Objective.Classification classification) {
      TaskFile.write(folder, classification);
    }
    AtomicFiles.write(
        folder.resolve(CONFIG), PeftConfigParser.toJson(written, baseModel, objective));
  }

  /** Gives the mapping back once the last tensor from it is closed too. */
  @Override
  public void close() {
    file.close();
  }
}
