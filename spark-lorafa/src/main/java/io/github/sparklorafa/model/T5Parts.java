package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.RmsNorm;
import java.util.Map;

/** Makes the parts of a T5 by their full names. */
record T5Parts(
    T5Config config, Map<String, LinearShape> linears, Parameters parameters, Adapter adapter) {
  T5Parts(T5Config config, Parameters parameters, Adapter adapter) {
    this(config, config.linearLayers(), parameters, adapter);
  }

  /** A linear layer of {@link T5Config#linearLayers}, or what the adapter puts in its place. */
  Projection linear(String name) {
    LinearShape shape = linears.get(name);
    return adapter.adapt(name, Linear.of(parameters, name, shape.bias(), shape.out(), shape.in()));
  }

  /** The norm whose weight has that name. */
  RmsNorm norm(String weight) {
    return new RmsNorm(parameters.parameter(weight, config.dModel()), config.layerNormEpsilon());
  }

  /** {@code [buckets, heads]} of a stack. */
  Parameter relativeAttentionBias(T5Config.Stack stack) {
    return parameters.parameter(
        stack.part(0, 0) + "SelfAttention." + T5Config.RELATIVE_ATTENTION_BIAS,
        config.relativeAttentionNumBuckets(),
        config.numHeads());
  }
}
