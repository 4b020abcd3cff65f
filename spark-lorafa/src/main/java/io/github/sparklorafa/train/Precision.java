package io.github.sparklorafa.train;

import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** Number formats by name, for callers that know no tensors. */
public final class Precision {
  /** The names of all formats. */
  public static final List<String> NAMES = Arrays.stream(DType.values()).map(DType::text).toList();

  private Precision() {}

  /** The name of a configuration's format. */
  public static String of(TrainConfig config) {
    return config.dtype().text();
  }

  /** The names of all ways to hold frozen weights. */
  public static final List<String> BASE_NAMES =
      Arrays.stream(BaseDType.values()).map(BaseDType::text).toList();

  /**
   * Sets how frozen weights are held.
   *
   * @throws IllegalArgumentException if there is no such way
   */
  public static void setBase(TrainConfigBuilder builder, String name) {
    TrainConfigBuilder unused = builder.baseDtype(BaseDType.parse(name));
  }

  /**
   * Sets the format.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static void set(TrainConfigBuilder builder, String name) {
    TrainConfigBuilder unused = builder.dtype(DType.parse(name));
  }
}
