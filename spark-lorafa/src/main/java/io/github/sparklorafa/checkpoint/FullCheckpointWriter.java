package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.DType;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a complete Hugging Face folder: weights, {@code config.json} and whatever the tokenizer
 * and generation need, copied from the checkpoint that training began with.
 */
public final class FullCheckpointWriter {
  /** Bytes of weights above which several files are written; transformers 4 splits there too. */
  public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

  private static final String TORCH_DTYPE = "torch_dtype";
  private static final String DTYPE = "dtype";
  private static final String ARCHITECTURES = "architectures";

  /** Files that belong to a model, apart from weights and configuration. */
  private static final Set<String> COMPANIONS =
      Set.of(
          HuggingFaceFolder.GENERATION_CONFIG,
          "tokenizer.json",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "vocab.txt",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json");

  private FullCheckpointWriter() {}

  /** As {@link #write(Path, Path, Map, DType, long)} with {@link #DEFAULT_SHARD_BYTES}. */
  public static void write(Path source, Path output, Map<String, Tensor> tensors, DType dtype) {
    write(source, output, tensors, dtype, DEFAULT_SHARD_BYTES);
  }

  /**
   * Writes the folder. Each file is there completely or not at all; {@code config.json} comes last.
   *
   * @param source the checkpoint whose configuration and tokenizer are copied
   * @param output the folder, made where it is missing
   * @param tensors all weights by their Hugging Face names, without a tied head
   * @param dtype of the weights in the files
   * @param shardBytes the most bytes of weights in one file, unless a single tensor has more
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(
      Path source, Path output, Map<String, Tensor> tensors, DType dtype, long shardBytes) {
    List<Entry> entries = SafetensorsWriter.entries(tensors, dtype);
    write(source, output, entries, shardBytes, config -> putDtype(config, dtype));
  }

  /**
   * The same for a model that may have another head than its checkpoint.
   *
   * @param shape of the model, with its objective
   */
  public static void write(
      Path source, Path output, Map<String, Tensor> tensors, DType dtype, ModelConfig shape) {
    List<Entry> entries = SafetensorsWriter.entries(tensors, dtype);
    write(
        source,
        output,
        entries,
        DEFAULT_SHARD_BYTES,
        config -> {
          putDtype(config, dtype);
          putHead(config, shape);
        });
  }

  /** What transformers finds a new head by. */
  static void putHead(ObjectNode config, ModelConfig shape) {
    shape.architecture().ifPresent(name -> config.putArray(ARCHITECTURES).add(name));
    if (shape.objective() instanceof Objective.Classification classification) {
      config.put(TaskFile.PROBLEM_TYPE, classification.kind().problemType());
      ObjectNode names = config.putObject("id2label");
      ObjectNode ids = config.putObject("label2id");
      for (int label = 0; label < classification.labels(); label++) {
        names.put(Integer.toString(label), "LABEL_" + label);
        ids.put("LABEL_" + label, label);
      }
    }
  }

  /** The same with any entries, and {@code change} made to the configuration. */
  static void write(
      Path source, Path output, List<Entry> entries, long shardBytes, Consumer<ObjectNode> change) {
    List<List<Entry>> shards = shards(entries, shardBytes);
    if (shards.size() == 1) {
      SafetensorsWriter.write(output.resolve(ShardIndex.SINGLE), shards.get(0));
    } else {
      writeShards(output, shards);
    }
    copyCompanions(source, output);
    Path config = source.resolve(HuggingFaceFolder.CONFIG);
    Problems problems = new Problems("Cannot copy: " + config, "repair it");
    ObjectNode json =
        StrictJson.parse(
            StrictJson.read(config, "keep the base checkpoint while it is used"), problems);
    problems.throwIfAny();
    change.accept(json);
    AtomicFiles.write(output.resolve(HuggingFaceFolder.CONFIG), StrictJson.text(json));
  }

  private static List<List<Entry>> shards(List<Entry> entries, long shardBytes) {
    List<List<Entry>> shards = new ArrayList<>();
    List<Entry> shard = new ArrayList<>();
    long bytes = 0;
    for (Entry entry : entries) {
      if (!shard.isEmpty() && bytes + entry.bytes() > shardBytes) {
        shards.add(shard);
        shard = new ArrayList<>();
        bytes = 0;
      }
      shard.add(entry);
      bytes += entry.bytes();
    }
    shards.add(shard);
    return shards;
  }

  private static void writeShards(Path output, List<List<Entry>> shards) {
    ObjectNode index = StrictJson.MAPPER.createObjectNode();
    ObjectNode metadata = index.putObject(ShardIndex.METADATA);
    ObjectNode weightMap = index.putObject(ShardIndex.WEIGHT_MAP);
    long bytes = 0;
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      SafetensorsWriter.write(output.resolve(name), shards.get(i));
      for (Entry entry : shards.get(i)) {
        weightMap.put(entry.name(), name);
        bytes += entry.bytes();
      }
    }
    metadata.put(ShardIndex.TOTAL_SIZE, bytes);
    AtomicFiles.write(output.resolve(ShardIndex.INDEX), StrictJson.text(index));
  }

  private static void copyCompanions(Path source, Path output) {
    for (String name : COMPANIONS) {
      Path file = source.resolve(name);
      if (Files.isRegularFile(file)) {
        AtomicFiles.write(output.resolve(name), out -> Files.copy(file, out));
      }
    }
  }

  static void putDtype(ObjectNode config, DType dtype) {
    String name =
        switch (dtype) {
          case FP32 -> "float32";
          case BF16 -> "bfloat16";
        };
    // transformers 5 writes the new key, and still reads the old one.
    config.put(config.has(DTYPE) ? DTYPE : TORCH_DTYPE, name);
  }
}
