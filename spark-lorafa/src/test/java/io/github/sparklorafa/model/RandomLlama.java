package io.github.sparklorafa.model;

import io.github.sparklorafa.Tensors;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.LoraInjection;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Scalars;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A LLaMA of random weights, ready for training steps.
 *
 * @param model that is trained
 * @param trained parameters, of the model and its adapter, with gradients
 */
record RandomLlama(CausalModel model, List<Parameter> trained) {
  static final int RANK = 3;

  private static final double DEVIATION = 0.2;

  /** With every weight trained. */
  static RandomLlama full(LlamaConfig config, DType dtype) {
    Parameters parameters = new Parameters(random(dtype), name -> true);
    return of(new Llama(config, parameters, Adapter.NONE), List.of(), dtype);
  }

  /** With adapters of rank {@link #RANK} on {@code targets}. */
  static RandomLlama adapted(LlamaConfig config, DType dtype, Method method, List<String> targets) {
    return adapted(config, dtype, method, targets, random(dtype), name -> false);
  }

  /** With adapters of rank {@link #RANK}, and what {@code saved} says trained as a whole. */
  static RandomLlama adapted(
      LlamaConfig config,
      DType dtype,
      Method method,
      List<String> targets,
      ParameterSource source,
      Predicate<String> saved) {
    AdapterConfig adapter = new AdapterConfig(RANK, 6, targets, List.of(), false);
    LoraInjection injection = new LoraInjection(adapter, method, dtype, InitA.KAIMING, 1);
    Llama model = new Llama(config, new Parameters(source, saved), injection);
    return of(model, injection.modules(), dtype);
  }

  private static RandomLlama of(CausalModel model, List<LoraModule> modules, DType dtype) {
    List<Parameter> all = new ArrayList<>(model.parameters());
    modules.stream().flatMap(module -> Stream.of(module.a(), module.b())).forEach(all::add);
    List<Parameter> trained = all.stream().filter(Parameter::trainable).toList();
    trained.forEach(parameter -> Tensors.bind(parameter, dtype));
    return new RandomLlama(model, trained);
  }

  /** Numbers that are trained. */
  long trainedCount() {
    return trained.stream().mapToLong(Parameter::count).sum();
  }

  static ParameterSource random(DType dtype) {
    return source(shape -> Tensors.random(dtype, shape).mul_(Scalars.of(DEVIATION)));
  }

  /** Weights that cost no memory until they are read. */
  static ParameterSource zeros(DType dtype) {
    return source(shape -> torch.zeros(shape, dtype.options()));
  }

  @FunctionalInterface
  private interface Maker {
    Tensor make(long... shape);
  }

  private static ParameterSource source(Maker maker) {
    return new ParameterSource() {
      @Override
      public boolean has(String name) {
        return true;
      }

      @Override
      public Tensor load(String name, long... shape) {
        return maker.make(shape);
      }
    };
  }
}
