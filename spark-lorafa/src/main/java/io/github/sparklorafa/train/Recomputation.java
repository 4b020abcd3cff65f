package io.github.sparklorafa.train;

import io.github.sparklorafa.nn.Recompute;
import java.util.Arrays;
import java.util.List;

/** What the backward pass computes again, by name, for callers that know no layers. */
public final class Recomputation {
  /** All names, each doing what the ones before it do, too. */
  public static final List<String> NAMES =
      Arrays.stream(Recompute.values()).map(Recompute::text).toList();

  private Recomputation() {}

  /** The name of what a configuration recomputes. */
  public static String of(TrainConfig config) {
    return config.recompute().text();
  }

  /**
   * Sets what is recomputed.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static void set(TrainConfigBuilder builder, String name) {
    TrainConfigBuilder unused = builder.recompute(Recompute.parse(name));
  }
}
