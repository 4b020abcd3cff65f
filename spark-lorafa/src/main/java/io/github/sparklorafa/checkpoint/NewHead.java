package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.nn.ParameterSource;
import io.github.sparklorafa.tensor.Scope;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A checkpoint with a head that it does not hold, made anew: weights normal with deviation 0.02,
 * biases 0, as transformers' {@code initializer_range} has it. The same on every worker.
 */
public final class NewHead implements ParameterSource {
  private static final double DEVIATION = 0.02;

  private final HuggingFaceFolder folder;
  private final Set<String> made;
  private final long seed;

  private NewHead(HuggingFaceFolder folder, Set<String> made, long seed) {
    this.folder = folder;
    this.made = made;
    this.seed = seed;
  }

  /** The checkpoint itself if it lacks nothing. */
  public static ParameterSource over(HuggingFaceFolder folder, long seed) {
    Set<String> lacking = folder.lacking();
    return lacking.isEmpty() ? folder : new NewHead(folder, lacking, seed);
  }

  @Override
  public boolean has(String name) {
    return made.contains(name) || folder.has(name);
  }

  @Override
  public Tensor load(String name, long... shape) {
    if (!made.contains(name)) {
      return folder.load(name, shape);
    }
    try (Scope scope = new Scope()) {
      Tensor value = torch.zeros(shape, new TensorOptions(ScalarType.Float));
      if (shape.length > 1) {
        var generator = new GeneratorOptional(torch.createCPUGenerator(seedOf(name)));
        value.normal_(0, DEVIATION, generator);
      }
      return scope.keep(value.to(folder.dtype().scalarType()));
    }
  }

  @Override
  public <T> T read(String name, Function<Tensor, T> reader, long... shape) {
    return made.contains(name)
        ? ParameterSource.super.read(name, reader, shape)
        : folder.read(name, reader, shape);
  }

  private long seedOf(String name) {
    CRC32C hash = new CRC32C();
    hash.update(name.getBytes(StandardCharsets.UTF_8));
    return seed * 0x9E3779B97F4A7C15L + hash.getValue();
  }
}
