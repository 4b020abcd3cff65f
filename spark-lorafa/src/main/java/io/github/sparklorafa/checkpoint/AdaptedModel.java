package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.LoraInjection;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.CausalModel;
import io.github.sparklorafa.model.Llama;
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
  private final CausalModel model;
  private final List<LoraModule> adapter;

  private AdaptedModel(HuggingFaceFolder folder, CausalModel model, List<LoraModule> adapter) {
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
    HuggingFaceFolder folder = HuggingFaceFolder.open(base, dtype);
    folder.checkTensors();
    folder.checkNumbers();
    try (Scope scope = new Scope()) {
      if (adapterFolder.isEmpty()) {
        Parameters parameters = new Parameters(folder, name -> false);
        return new AdaptedModel(
            folder, new Llama(folder.config(), parameters, Adapter.NONE), List.of());
      }
      try (AdapterFiles files = AdapterFiles.open(adapterFolder.get())) {
        files.checkFits(files.config(), folder.config());
        files.checkNumbers();
        return withAdapter(folder, files.config(), files.load(dtype), dtype);
      }
    }
  }

  private static AdaptedModel withAdapter(
      HuggingFaceFolder folder, AdapterConfig config, Map<String, Tensor> tensors, DType dtype) {
    LoraInjection injection =
        new LoraInjection(config, Method.LORA_FA, dtype, InitA.KAIMING, 0, tensors);
    // A head that counts as trained is one of its own, as a tied one was when it was trained.
    boolean parts = AdapterOverlay.parts(folder.config(), tensors.keySet());
    Parameters parameters =
        new Parameters(
            AdapterOverlay.of(folder, tensors), name -> parts && name.equals(LlamaTensors.LM_HEAD));
    CausalModel model = new Llama(folder.config(), parameters, injection);
    injection.modules().forEach(module -> module.b().cast(dtype));
    return new AdaptedModel(folder, model, injection.modules());
  }

  /** Tokens that the model knows: ids from 0 to one less. */
  public int vocabSize() {
    return folder.config().vocabSize();
  }

  /** The model, on the thread that opened it. */
  public CausalModel model() {
    return model;
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
