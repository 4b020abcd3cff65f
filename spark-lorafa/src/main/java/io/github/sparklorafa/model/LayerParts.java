package io.github.sparklorafa.model;

import io.github.sparklorafa.nn.Adapter;
import io.github.sparklorafa.nn.HeadNorm;
import io.github.sparklorafa.nn.Linear;
import io.github.sparklorafa.nn.Parameter;
import io.github.sparklorafa.nn.Parameters;
import io.github.sparklorafa.nn.Projection;
import io.github.sparklorafa.nn.RmsNorm;

/** Makes the parts of one decoder layer by their names in it. */
record LayerParts(int index, LlamaConfig config, Parameters parameters, Adapter adapter) {
  /** A linear layer of {@link LlamaConfig#linears}, or what the adapter puts in its place. */
  Projection linear(String name) {
    LinearShape shape = config.linears().get(name);
    Linear linear = Linear.of(parameters, fullName(name), shape.bias(), shape.out(), shape.in());
    return adapter.adapt(fullName(name), linear);
  }

  RmsNorm norm(String name) {
    return new RmsNorm(normWeight(name, config.hiddenSize()), config.rmsNormEps());
  }

  HeadNorm headNorm(String name) {
    return new HeadNorm(normWeight(name, config.headDim()), config.rmsNormEps(), config.headDim());
  }

  private Parameter normWeight(String name, int width) {
    return parameters.parameter(fullName(name) + ".weight", width);
  }

  private String fullName(String name) {
    return "model.layers." + index + "." + name;
  }
}
