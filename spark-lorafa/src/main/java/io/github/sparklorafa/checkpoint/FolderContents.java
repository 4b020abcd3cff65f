package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.tensor.DType;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;

/**
 * What a checkpoint or an adapter holds, as its configuration and the headers of its files say;
 * weights are not read.
 *
 * @param adapter whether it is an adapter
 * @param modelType {@code model_type} of a checkpoint, {@code peft_type} of an adapter
 * @param baseModel what an adapter says of its base; empty for a checkpoint
 * @param config of an adapter that we can use
 * @param shape of a checkpoint that we can use
 * @param files with weights, by name
 * @param tensors in the order of the files
 * @param problems why we cannot use it, as far as that can be told without the weights; none if we
 *     can
 */
public record FolderContents(
    boolean adapter,
    String modelType,
    String baseModel,
    Optional<AdapterConfig> config,
    Optional<ModelConfig> shape,
    List<StoredFile> files,
    List<Stored> tensors,
    List<String> problems) {
  private static final String SAFETENSORS = ".safetensors";

  /** A file of weights and its length in bytes. */
  public record StoredFile(String name, long bytes) {}

  /** A tensor, of an adapter without PEFT's prefix. */
  public record Stored(String name, String dtype, List<Long> shape, long bytes) {
    /** Numbers in it. */
    public long parameters() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /**
   * Reads configuration and headers from any of Hadoop's file systems.
   *
   * @throws IllegalArgumentException if there is neither a checkpoint nor an adapter, or a header
   *     is damaged
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static FolderContents read(String location, Configuration configuration) {
    Path folder = RemoteFolder.path(location);
    try {
      FileSystem fileSystem = folder.getFileSystem(configuration);
      boolean adapter = fileSystem.exists(new Path(folder, AdapterFiles.CONFIG));
      Path config = new Path(folder, adapter ? AdapterFiles.CONFIG : HuggingFaceFolder.CONFIG);
      if (!fileSystem.exists(config)) {
        throw new IllegalArgumentException(
            "Cannot inspect: %s (give a folder that holds %s or %s)"
                .formatted(location, HuggingFaceFolder.CONFIG, AdapterFiles.CONFIG));
      }
      return read(fileSystem, folder, text(fileSystem, config), adapter)
          .with(fit(location, adapter, configuration));
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(
          "Cannot inspect: " + location + " (there is no such folder)", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot inspect: %s: %s (check permissions and the connection)"
              .formatted(location, e.getMessage()),
          e);
    }
  }

  private static FolderContents read(
      FileSystem fileSystem, Path folder, String json, boolean adapter) throws IOException {
    Problems broken = new Problems("Cannot inspect: " + folder, "write its configuration again");
    ObjectNode node = StrictJson.parse(json, broken);
    broken.throwIfAny();
    List<StoredFile> files = new ArrayList<>();
    List<Stored> tensors = new ArrayList<>();
    for (FileStatus file : weights(fileSystem, folder)) {
      files.add(new StoredFile(file.getPath().getName(), file.getLen()));
      tensors.addAll(tensors(fileSystem, file));
    }
    return new FolderContents(
        adapter,
        node.path(adapter ? "peft_type" : "model_type").asText("unknown"),
        node.path("base_model_name_or_path").asText(""),
        adapter ? adapterConfig(json) : Optional.empty(),
        Optional.empty(),
        files,
        tensors,
        List.of());
  }

  /** What training would say of it: a checkpoint's shape, or why it cannot be used. */
  private record Fit(Optional<ModelConfig> shape, List<String> problems) {}

  private FolderContents with(Fit fit) {
    return new FolderContents(
        adapter, modelType, baseModel, config, fit.shape(), files, tensors, fit.problems());
  }

  private static Optional<AdapterConfig> adapterConfig(String json) {
    try {
      return Optional.of(PeftConfigParser.fromJson(json));
    } catch (IllegalArgumentException e) {
      // Told with the other problems.
      return Optional.empty();
    }
  }

  /** Looks at configuration and tensors, weights aside. */
  private static Fit fit(String location, boolean adapter, Configuration configuration)
      throws IOException {
    java.nio.file.Path temporary = Files.createTempDirectory("spark-lorafa-inspect");
    java.nio.file.Path into = temporary.resolve("folder");
    try {
      java.nio.file.Path outline = FolderOutline.of(location, into, configuration);
      if (adapter) {
        AdapterFiles.open(outline).close();
        return new Fit(Optional.empty(), List.of());
      }
      try (HuggingFaceFolder checkpoint = HuggingFaceFolder.open(outline, DType.FP32)) {
        checkpoint.checkTensors();
        return new Fit(Optional.of(checkpoint.config()), List.of());
      }
    } catch (IllegalArgumentException e) {
      return new Fit(Optional.empty(), List.of(e.getMessage().replace(into.toString(), location)));
    } finally {
      FileUtil.fullyDelete(temporary.toFile());
    }
  }

  private static List<FileStatus> weights(FileSystem fileSystem, Path folder) throws IOException {
    return RemoteFolder.useful(Arrays.asList(fileSystem.listStatus(folder))).stream()
        .filter(file -> file.isFile() && file.getPath().getName().endsWith(SAFETENSORS))
        .sorted(Comparator.comparing(file -> file.getPath().getName()))
        .toList();
  }

  private static List<Stored> tensors(FileSystem fileSystem, FileStatus file) throws IOException {
    try (InputStream in = fileSystem.open(file.getPath())) {
      SafetensorsHeader header =
          SafetensorsHeader.read(file.getPath().toString(), Channels.newChannel(in), file.getLen());
      return header.tensors().values().stream()
          .map(t -> new Stored(plain(t.name()), t.dtype().name(), t.shape(), t.bytes()))
          .toList();
    }
  }

  private static String plain(String name) {
    return name.startsWith(AdapterFiles.PREFIX)
        ? name.substring(AdapterFiles.PREFIX.length())
        : name;
  }

  private static String text(FileSystem fileSystem, Path file) throws IOException {
    try (InputStream in = fileSystem.open(file)) {
      return StrictJson.read(in);
    }
  }

  /** Numbers of all tensors. */
  public long parameters() {
    return tensors.stream().mapToLong(Stored::parameters).sum();
  }

  /** Bytes of all tensors. */
  public long bytes() {
    return tensors.stream().mapToLong(Stored::bytes).sum();
  }

  /** Tensors by their names with a star for each number, shape and dtype, in their order. */
  public Map<String, List<Stored>> groups() {
    Map<String, List<Stored>> groups = new LinkedHashMap<>();
    tensors.stream()
        .sorted(Comparator.comparing(tensor -> pattern(tensor.name())))
        .forEach(
            tensor ->
                groups
                    .computeIfAbsent(
                        pattern(tensor.name()) + " " + tensor.shape() + " " + tensor.dtype(),
                        key -> new ArrayList<>())
                    .add(tensor));
    return groups;
  }

  /** A text out of a file as it may stand on a terminal: without control characters. */
  public static String printable(String text) {
    return Problems.printable(text);
  }

  /** The name with a star for each number between dots, as it may stand on a terminal. */
  public static String pattern(String name) {
    return Problems.quote(name.replaceAll("\\.\\d+(?=\\.)", ".*"));
  }
}
