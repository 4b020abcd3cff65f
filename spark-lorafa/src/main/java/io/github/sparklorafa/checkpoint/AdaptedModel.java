package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.LoraInjection;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.AutoregressiveModel;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.model.TiedHead;
import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A base model with an adapter in its place, frozen as a whole. */
public final class AdaptedModel implements AutoCloseable {
  private final HuggingFaceFolder folder;
  private final Model model;
  private final List<LoraModule> adapter;

  private AdaptedModel(HuggingFaceFolder folder, Model model, List<LoraModule> adapter) {
    this.folder = folder;
    this.model = model;
    this.adapter = adapter;
  }

  /**
   * Reads a base and an adapter from local folders.
   *
   * @throws IllegalArgumentException if a file is damaged or the adapter does not fit the base
   */
  public static AdaptedModel open(Path base, Optional<Path> adapterFolder, DType dtype) {
    return open(base, adapterFolder, dtype, Optional.empty());
  }

  /**
   * The same for an objective.
   *
   * @param objective that decides the head; empty for what the checkpoint was made for
   */
  public static AdaptedModel open(
      Path base, Optional<Path> adapterFolder, DType dtype, Optional<Objective> objective) {
    HuggingFaceFolder folder =
        HuggingFaceFolder.open(base, dtype, objective.or(() -> objective(adapterFolder)));
    folder.checkTensors();
    folder.checkNumbers();
    try (Scope scope = new Scope()) {
      if (adapterFolder.isEmpty()) {
        Parameters parameters = new Parameters(folder, name -> false);
        return new AdaptedModel(folder, folder.config().build(parameters, Adapter.NONE), List.of());
      }
      try (AdapterFiles files = AdapterFiles.open(adapterFolder.get())) {
        files.checkFits(files.config(), folder.config());
        files.checkNumbers();
        return withAdapter(folder, files.config(), files.load(dtype), dtype);
      }
    }
  }

  private static Optional<Objective> objective(Optional<Path> adapterFolder) {
    if (adapterFolder.isEmpty()) {
      return Optional.empty();
    }
    try (AdapterFiles files = AdapterFiles.open(adapterFolder.get())) {
      return files.objective();
    }
  }

  private static AdaptedModel withAdapter(
      HuggingFaceFolder folder, AdapterConfig config, Map<String, Tensor> tensors, DType dtype) {
    LoraInjection injection =
        new LoraInjection(config, Method.LORA_FA, dtype, InitA.KAIMING, 0, tensors);
    // A head that counts as trained is one of its own, as a tied one was when it was trained.
    ModelConfig shape = folder.config();
    Optional<String> parted =
        AdapterOverlay.parts(shape, tensors.keySet())
            ? shape.tiedHead().map(TiedHead::head)
            : Optional.empty();
    Parameters parameters =
        new Parameters(
            AdapterOverlay.of(folder, shape, tensors), name -> parted.equals(Optional.of(name)));
    Model model = shape.build(parameters, injection);
    injection.modules().forEach(module -> module.b().cast(dtype));
    return new AdaptedModel(folder, model, injection.modules());
  }

  /** The shape of the base. */
  public ModelConfig shape() {
    return folder.config();
  }

  /** Tokens that the model knows: ids from 0 to one less. */
  public int vocabSize() {
    return folder.config().vocabSize();
  }

  /** The model, on the thread that opened it. */
  public Model model() {
    return model;
  }

  /**
   * The model, if it predicts the next token.
   *
   * @throws IllegalArgumentException if it does something else
   */
  public CausalModel causal() {
    if (model instanceof CausalModel causal) {
      return causal;
    }
    throw new IllegalArgumentException(
        "Cannot continue texts: %s was made for %s (use a causal language model)"
            .formatted(folder.path(), folder.config().objective().text()));
  }

  /**
   * The model, if it writes texts.
   *
   * @throws IllegalArgumentException if it does not
   */
  public AutoregressiveModel writer() {
    if (model instanceof AutoregressiveModel writer) {
      return writer;
    }
    throw new IllegalArgumentException(
        "Cannot write texts: %s was made for %s (use a causal language model or a T5)"
            .formatted(folder.path(), folder.config().objective().text()));
  }

  @Override
  public void close() {
    adapter.forEach(
        module -> {
          module.a().close();
          module.b().close();
        });
    model.close();
    folder.close();
  }
}
