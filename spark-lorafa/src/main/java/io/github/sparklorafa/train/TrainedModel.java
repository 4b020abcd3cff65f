package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.AdapterOverlay;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.NewHead;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.GramCorrection;
import io.github.sparklorafa.lora.InputDropout;
import io.github.sparklorafa.lora.LoraInjection;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.lora.TargetModules;
import io.github.sparklorafa.model.MicroBatch;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.PackedWeight;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A model with what is trained in it, as the method says: every weight, or an adapter and the
 * modules to save.
 */
final class TrainedModel implements AutoCloseable {
  private static final long SAMPLE = 256;

  private final TrainConfig config;
  private final ModelConfig shape;
  private final Model model;
  private final Parameters parameters;
  private final List<LoraModule> adapter;
  private final InputDropout dropout;
  private final Trainables trainables;

  private TrainedModel(
      TrainConfig config,
      ModelConfig shape,
      Model model,
      Parameters parameters,
      List<LoraModule> adapter,
      InputDropout dropout) {
    this.config = config;
    this.shape = shape;
    this.model = model;
    this.parameters = parameters;
    this.adapter = adapter;
    this.dropout = dropout;
    this.trainables =
        new Trainables(trainable(), rules(), config.dtype(), config.synchronisation());
  }

  /**
   * Reads the base from {@code folder} and, where there is one, the first adapter.
   *
   * @throws IllegalArgumentException if target modules or modules to save meet nothing, or the
   *     adapter does not fit
   */
  static TrainedModel open(
      TrainConfig config, HuggingFaceFolder folder, Map<String, Tensor> firstAdapter) {
    return build(config, folder.config(), NewHead.over(folder, config.seed()), firstAdapter);
  }

  /**
   * The same with the adapter of a local folder, which must have the rank, the scale and the
   * modules that {@code config} says.
   */
  static TrainedModel open(TrainConfig config, HuggingFaceFolder folder, Path firstAdapter) {
    try (Scope scope = new Scope();
        AdapterFiles files = AdapterFiles.open(firstAdapter)) {
      checkSame(config.adapter(), files);
      files.checkFits(config.adapter(), folder.config());
      files.checkNumbers();
      return open(config, folder, files.load(DType.FP32));
    }
  }

  private static void checkSame(AdapterConfig asked, AdapterFiles stored) {
    AdapterConfig found = stored.config();
    List<String> modules = stored.modules();
    List<String> ranks = modules.stream().filter(m -> asked.rankOf(m) != found.rankOf(m)).toList();
    List<String> scales =
        modules.stream()
            .filter(m -> !ranks.contains(m) && asked.scaleOf(m) != found.scaleOf(m))
            .toList();
    Problems problems = new Problems();
    if (!ranks.isEmpty()) {
      String first = ranks.get(0);
      problems.add(
          "Cannot start from adapter: %s has rank %d in %s, not %d (use its rank and rank pattern)",
          stored.path(), found.rankOf(first), first, asked.rankOf(first));
    }
    if (!scales.isEmpty()) {
      String first = scales.get(0);
      problems.add(
          "Cannot start from adapter: %s scales by %s in %s, not by %s (use its alpha %s, alpha"
              + " pattern %s and rsLoRA %s)",
          stored.path(),
          found.scaleOf(first),
          first,
          asked.scaleOf(first),
          found.alpha(),
          found.patterns().alphas(),
          found.rsLora());
    }
    problems.throwIfAny();
  }

  /** The same on weights of any source, with a new adapter. */
  static TrainedModel of(TrainConfig config, ModelConfig shape, ParameterSource weights) {
    return build(config, shape, weights, Map.of());
  }

  private static TrainedModel build(
      TrainConfig config,
      ModelConfig shape,
      ParameterSource weights,
      Map<String, Tensor> firstAdapter) {
    if (config.method() == Method.FULL) {
      Parameters parameters = new Parameters(weights, name -> true);
      return new TrainedModel(
          config,
          shape,
          shape.build(parameters, Adapter.NONE),
          parameters,
          List.of(),
          InputDropout.none());
    }
    Problems problems = new Problems();
    PackedBase.check(config, shape, problems);
    problems.throwIfAny();
    LoraInjection injection =
        new LoraInjection(
            config.adapter(),
            config.method(),
            config.dtype(),
            config.initA(),
            config.seed(),
            firstAdapter);
    Parameters parameters =
        new Parameters(
            AdapterOverlay.of(weights, shape, firstAdapter),
            saved(config),
            PackedBase.of(config, shape));
    Model model = shape.build(parameters, injection);
    TrainedModel trained =
        new TrainedModel(
            config, shape, model, parameters, injection.modules(), injection.dropout());
    trained.checkModulesToSave();
    return trained;
  }

  /** Tells the parameters of the modules to save by their names. */
  static Predicate<String> saved(TrainConfig config) {
    AdapterConfig adapter = config.adapter();
    return name -> adapter.saves(module(name));
  }

  private void checkModulesToSave() {
    List<String> unmet =
        config.modulesToSave().stream()
            .filter(
                entry ->
                    model.parameters().stream()
                        .filter(Parameter::trainable)
                        .map(parameter -> module(parameter.name()))
                        .noneMatch(module -> TargetModules.matchesPart(List.of(entry), module)))
            .toList();
    if (!unmet.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot train modules to save: %s (the model has no module that ends so; lm_head and embed_tokens are usual, and where they are tied, one of the two)"
              .formatted(unmet));
    }
  }

  static String module(String parameter) {
    return parameter.substring(0, parameter.lastIndexOf('.'));
  }

  private List<Parameter> trainable() {
    List<Parameter> all = new ArrayList<>();
    adapter.forEach(module -> all.addAll(List.of(module.a(), module.b())));
    all.addAll(model.parameters());
    return all.stream().filter(Parameter::trainable).toList();
  }

  private Function<Parameter, UpdateRule> rules() {
    Set<Parameter> whole = new HashSet<>(model.parameters());
    UpdateRule.Part part =
        config.method() == Method.FULL
            ? UpdateRule.Part.WHOLE_MODEL
            : UpdateRule.Part.MODULE_TO_SAVE;
    return parameter ->
        UpdateRule.of(
            config, parameter, whole.contains(parameter) ? part : UpdateRule.Part.ADAPTER);
  }

  /** All that is trained, by parameter name. */
  Map<String, Parameter> trainableByName() {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    trainable().forEach(parameter -> byName.put(parameter.name(), parameter));
    return byName;
  }

  /** One micro-batch, forward and backward, with the dropout of that step, from 0. */
  Model.LossSum trainStep(long step, TokenBatch batch, Tape tape) {
    MicroBatch input = ModelInput.of(batch);
    dropout.begin(step, batch.documents(), module -> model.sequencesOf(module, input));
    try {
      return model.trainStep(input, tape);
    } finally {
      dropout.end();
    }
  }

  Model model() {
    return model;
  }

  ModelConfig shape() {
    return shape;
  }

  Trainables trainables() {
    return trainables;
  }

  /** Numbers of the model and its adapter. */
  long totalParameters() {
    long adapted =
        adapter.stream().mapToLong(module -> module.a().count() + module.b().count()).sum();
    return adapted
        + model.parameters().stream().mapToLong(Parameter::count).sum()
        + parameters.packed().stream().mapToLong(w -> w.outFeatures() * w.inFeatures()).sum();
  }

  /** Bytes of the frozen weights of the model itself. */
  long frozenBytes() {
    return parameters.packed().stream().mapToLong(PackedWeight::bytes).sum()
        + model.parameters().stream()
            .filter(parameter -> !parameter.trainable())
            .mapToLong(parameter -> parameter.value().nbytes())
            .sum();
  }

  /** The correction of B's gradients, for which A must be frozen. */
  GramCorrection gramCorrection() {
    return new GramCorrection(adapter);
  }

  /** What all workers must hold alike before the first step: every A. */
  List<Tensor> frozenAdapter() {
    return adapter.stream().map(module -> module.a().value()).toList();
  }

  /** The first numbers of each frozen weight, which tell one base from another. */
  List<Tensor> frozenSamples() {
    Stream<Tensor> dense =
        model.parameters().stream()
            .filter(parameter -> !parameter.trainable())
            .map(parameter -> parameter.value().flatten())
            .map(numbers -> numbers.narrow(0, 0, Math.min(SAMPLE, numbers.numel())));
    Stream<Tensor> packed = parameters.packed().stream().map(weight -> weight.sample(SAMPLE));
    return Stream.concat(dense, packed).toList();
  }

  /** Everything that the method's result holds, in fp32 where it was trained, by parameter name. */
  Map<String, Tensor> result() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (LoraModule module : adapter) {
      tensors.put(module.a().name(), current(module.a()));
      tensors.put(module.b().name(), current(module.b()));
    }
    model.parameters().stream()
        .filter(Parameter::trainable)
        .forEach(parameter -> tensors.put(parameter.name(), current(parameter)));
    return tensors;
  }

  private Tensor current(Parameter parameter) {
    return parameter.trainable() ? trainables.master(parameter) : parameter.value();
  }

  @Override
  public void close() {
    trainables.close();
    adapter.forEach(
        module -> {
          module.a().close();
          module.b().close();
        });
    model.close();
  }
}
