package io.github.sparklorafa.lora;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Adapts a model's linear layers by name while it is built, and knows afterwards which ones it
 * adapted.
 */
public final class LoraInjection implements Adapter {
  private final AdapterConfig config;
  private final Method method;
  private final DType dtype;
  private final InitA initA;
  private final long seed;
  private final Map<String, Tensor> initial;
  private final InputDropout dropout;
  private final List<LoraModule> modules = new ArrayList<>();
  private final Set<String> seen = new TreeSet<>();

  /**
   * An adapter with a new A and a B of zeros.
   *
   * @param dtype of the activations, and of the values that forward and backward passes read
   */
  public LoraInjection(AdapterConfig config, Method method, DType dtype, InitA initA, long seed) {
    this(config, method, dtype, initA, seed, Map.of());
  }

  /**
   * An adapter that starts from {@code initial}, fp32 tensors by parameter name ({@code
   * <module>.lora_A.weight}, …).
   *
   * @throws IllegalArgumentException if the method has no adapter
   */
  public LoraInjection(
      AdapterConfig config,
      Method method,
      DType dtype,
      InitA initA,
      long seed,
      Map<String, Tensor> initial) {
    if (!method.adapts()) {
      throw new IllegalArgumentException(
          "Cannot inject an adapter: method " + method.text() + " (use lora-fa or lora)");
    }
    this.config = config;
    this.method = method;
    this.dtype = dtype;
    this.initA = initA;
    this.seed = seed;
    this.initial = Map.copyOf(initial);
    this.dropout = new InputDropout(config.dropout(), seed);
  }

  @Override
  public Projection adapt(String name, Linear linear) {
    seen.add(name);
    if (!config.adapts(name)) {
      return linear;
    }
    try (Scope scope = new Scope()) {
      Tensor a = initialA(name, linear.inFeatures());
      Tensor b = initialB(name, linear.outFeatures());
      LoraModule module =
          new LoraModule(
              name,
              new Parameter(name + LoraModule.A_SUFFIX, a, method == Method.LORA),
              new Parameter(name + LoraModule.B_SUFFIX, b, true),
              config.scaleOf(name));
      modules.add(module);
      AdapterInput input = new AdapterInput(name, dropout);
      return method == Method.LORA_FA
          ? new LoraFaLinear(linear, module.a(), module.b(), module.scale(), input)
          : new LoraLinear(linear, module.a(), module.b(), module.scale(), input);
    }
  }

  private Tensor initialA(String name, long in) {
    Tensor given = initial.get(name + LoraModule.A_SUFFIX);
    Tensor fp32 = given == null ? initA.make(seed, name, config.rankOf(name), in) : given;
    return method == Method.LORA ? fp32.clone() : fp32.to(dtype.scalarType()).clone();
  }

  private Tensor initialB(String name, long out) {
    Tensor given = initial.get(name + LoraModule.B_SUFFIX);
    return given == null
        ? torch.zeros(
            new long[] {out, config.rankOf(name)},
            new org.bytedeco.pytorch.TensorOptions(ScalarType.Float))
        : given.clone();
  }

  /**
   * The adapted layers, in the model's order, once the model is built.
   *
   * @throws IllegalArgumentException if an entry of the target modules met no linear layer, or none
   *     is left
   */
  public List<LoraModule> modules() {
    List<String> unmet =
        config.targetModules().stream()
            // PEFT lists the linear layers of a head that is trained in full as targets too.
            .filter(entry -> !config.saves(entry))
            .filter(entry -> seen.stream().noneMatch(name -> TargetModules.matches(entry, name)))
            .toList();
    if (!unmet.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot adapt target modules: %s (the model's linear layers are %s)"
              .formatted(unmet, lastParts(seen)));
    }
    if (modules.isEmpty()) {
      throw new IllegalArgumentException(
          "Cannot adapt target modules: %s (layers to transform, modules to save or exclude modules leave none of them)"
              .formatted(config.targetModules()));
    }
    return List.copyOf(modules);
  }

  /** What is left out of the inputs of all A's; off until it is turned on. */
  public InputDropout dropout() {
    return dropout;
  }

  /** The configuration of this adapter. */
  public AdapterConfig config() {
    return config;
  }

  private static Set<String> lastParts(Set<String> names) {
    Set<String> parts = new TreeSet<>();
    names.forEach(name -> parts.add(name.substring(name.lastIndexOf('.') + 1)));
    return parts;
  }
}
