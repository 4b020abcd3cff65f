package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A base with an adapter in its weights, as a plain checkpoint: {@code W′ = W + s B A}, computed in
 * fp32 and rounded once, and the modules to save in the place of their own.
 *
 * <p>One weight at a time is in memory, in fp32; the others are mapped files.
 */
public final class MergedCheckpoint implements AutoCloseable {
  private static final String WEIGHT = ".weight";

  private final HuggingFaceFolder base;
  private final AdapterFiles adapter;
  private final boolean parts;
  private final Set<String> merged;

  private MergedCheckpoint(HuggingFaceFolder base, AdapterFiles adapter) {
    this.base = base;
    this.adapter = adapter;
    this.parts = AdapterOverlay.parts(base.config(), adapter.names());
    this.merged = Set.copyOf(adapter.modules());
  }

  /**
   * Opens both, from local folders; loads the native library.
   *
   * @throws IllegalArgumentException if one is damaged, or the adapter does not fit the base
   */
  public static MergedCheckpoint open(Path base, Path adapter) {
    AdapterFiles files = AdapterFiles.open(adapter);
    HuggingFaceFolder folder = HuggingFaceFolder.open(base, DType.FP32, files.objective());
    folder.checkTensors();
    files.checkFits(files.config(), folder.config());
    folder.checkNumbers();
    files.checkNumbers();
    return new MergedCheckpoint(folder, files);
  }

  /** Weights that A and B are added to. */
  public int mergedModules() {
    return merged.size();
  }

  /**
   * How the weights were held that the adapter learned on, if in few bits: not as added to here.
   */
  public Optional<String> trainedOn() {
    return adapter.baseDtype();
  }

  /** Weights that the adapter saved as a whole. */
  public int replacedWeights() {
    return adapter.names().size() - 2 * merged.size();
  }

  /**
   * Writes the folder; {@code config.json} comes last.
   *
   * @param dtype of all weights in the files; empty to keep that of each
   * @param shardBytes the most bytes of weights in one file, unless a single tensor has more
   * @return bytes of all weights
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public long write(Path output, Optional<DType> dtype, long shardBytes) {
    List<Entry> entries = entries(dtype.map(StoredDType::of));
    FullCheckpointWriter.write(
        base.path(),
        output,
        entries,
        shardBytes,
        config -> {
          dtype.ifPresent(known -> FullCheckpointWriter.putDtype(config, known));
          if (parts) {
            config.put("tie_word_embeddings", false);
          }
        });
    return entries.stream().mapToLong(Entry::bytes).sum();
  }

  private List<Entry> entries(Optional<StoredDType> dtype) {
    Map<String, long[]> known = base.config().tensors();
    List<Entry> entries = new ArrayList<>();
    for (String name : base.names()) {
      // Buffers of old versions are left behind: they follow from the configuration.
      if (known.containsKey(name)) {
        entries.add(entry(name, name, dtype, known.get(name)));
      }
    }
    base.config()
        .tiedHead()
        .filter(tied -> parts || base.has(tied.head()))
        .ifPresent(
            tied -> {
              String stored = base.has(tied.head()) ? tied.head() : tied.embedding();
              entries.add(entry(tied.head(), stored, dtype, known.get(tied.embedding())));
            });
    return entries;
  }

  /**
   * @param stored name of the base's weight
   */
  private Entry entry(String name, String stored, Optional<StoredDType> dtype, long[] shape) {
    StoredDType own = StoredDType.of(base.storedDtype(stored)).orElseThrow();
    return new Entry(name, dtype.orElse(own), shape, value(name, stored));
  }

  private Supplier<Tensor> value(String name, String stored) {
    if (adapter.names().contains(name)) {
      return () -> adapter.load(name, DType.FP32);
    }
    String module = name.endsWith(WEIGHT) ? name.substring(0, name.length() - WEIGHT.length()) : "";
    return merged.contains(module) ? () -> merged(module, stored) : () -> base.loadStored(stored);
  }

  private Tensor merged(String module, String stored) {
    try (Scope scope = new Scope()) {
      Tensor w = base.load(stored, base.shape(stored));
      Tensor a = adapter.load(module + LoraModule.A_SUFFIX, DType.FP32);
      Tensor b = adapter.load(module + LoraModule.B_SUFFIX, DType.FP32);
      return scope.keep(w.addmm(b, a, Scalars.of(1), Scalars.of(adapter.config().scaleOf(module))));
    }
  }

  @Override
  public void close() {
    adapter.close();
    base.close();
  }
}
