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
import io.github.sparklorafa.nn.FrozenBase;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
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
    return open(base, adapterFolder, dtype, BaseDType.of(dtype), objective, folder -> folder);
  }

  /**
   * The same with the base's weights of linear layers in fewer bits, all but those that the adapter
   * saved: what an adapter that was trained on such a base answers there.
   */
  public static AdaptedModel open(
      Path base, Optional<Path> adapterFolder, DType dtype, BaseDType baseDtype) {
    return open(base, adapterFolder, dtype, baseDtype, Optional.empty(), folder -> folder);
  }

  /**
   * The same with the base's weights shared, so that several models of one base hold them once.
   *
   * @param weights of that base
   */
  public static AdaptedModel open(
      Path base,
      Optional<Path> adapterFolder,
      DType dtype,
      Optional<Objective> objective,
      SharedWeights weights) {
    return open(base, adapterFolder, dtype, BaseDType.of(dtype), objective, weights);
  }

  /** The same with the base's weights of linear layers in fewer bits, shared too. */
  public static AdaptedModel open(
      Path base,
      Optional<Path> adapterFolder,
      DType dtype,
      BaseDType baseDtype,
      Optional<Objective> objective,
      SharedWeights weights) {
    return open(base, adapterFolder, dtype, baseDtype, objective, weights::of);
  }

  private static AdaptedModel open(
      Path base,
      Optional<Path> adapterFolder,
      DType dtype,
      BaseDType baseDtype,
      Optional<Objective> objective,
      Function<HuggingFaceFolder, ParameterSource> weights) {
    HuggingFaceFolder folder =
        HuggingFaceFolder.open(base, dtype, objective.or(() -> objective(adapterFolder)));
    try {
      folder.checkTensors();
      folder.checkNumbers();
      return open(folder, adapterFolder, weights.apply(folder), baseDtype);
    } catch (RuntimeException | Error e) {
      folder.close();
      throw e;
    }
  }

  private static AdaptedModel open(
      HuggingFaceFolder folder,
      Optional<Path> adapterFolder,
      ParameterSource weights,
      BaseDType baseDtype) {
    try (Scope scope = new Scope()) {
      if (adapterFolder.isEmpty()) {
        FrozenBase held = held(folder, baseDtype, Set.of());
        Parameters parameters = new Parameters(weights, name -> false, held);
        return orClosed(
            parameters,
            () ->
                new AdaptedModel(
                    folder, folder.config().build(parameters, Adapter.NONE), List.of()));
      }
      try (AdapterFiles files = AdapterFiles.open(adapterFolder.get())) {
        files.checkFits(files.config(), folder.config());
        files.checkNumbers();
        FrozenBase held = held(folder, baseDtype, files.names());
        return withAdapter(folder, weights, held, files.config(), files.load(folder.dtype()));
      }
    }
  }

  private static FrozenBase held(HuggingFaceFolder folder, BaseDType dtype, Set<String> saved) {
    Set<String> weights = new HashSet<>(folder.config().packableWeights());
    weights.removeAll(saved);
    return FrozenBase.of(dtype, folder.dtype(), weights);
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
      HuggingFaceFolder folder,
      ParameterSource weights,
      FrozenBase held,
      AdapterConfig config,
      Map<String, Tensor> tensors) {
    DType dtype = folder.dtype();
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
            AdapterOverlay.of(weights, shape, tensors),
            name -> parted.equals(Optional.of(name)),
            held);
    return orClosed(
        parameters,
        () -> {
          Model model = shape.build(parameters, injection);
          injection.modules().forEach(module -> module.b().cast(dtype));
          return new AdaptedModel(folder, model, injection.modules());
        });
  }

  /** What is made of the parameters; if that fails, they are given back. */
  private static AdaptedModel orClosed(Parameters parameters, Supplier<AdaptedModel> made) {
    try {
      return made.get();
    } catch (RuntimeException | Error e) {
      parameters.close();
      throw e;
    }
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
