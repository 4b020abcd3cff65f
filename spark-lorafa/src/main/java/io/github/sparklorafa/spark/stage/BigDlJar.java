package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.transport.BlockSum;

/** What the jar spark-lorafa-bigdl brings, or how to bring that. */
final class BigDlJar {
  private static final String NAME = "bigdl";

  private BigDlJar() {}

  /**
   * BigDL's all-reduce.
   *
   * @throws IllegalArgumentException if the jar is not there
   */
  static BlockSum.Provider blockSum() {
    return BlockSum.Provider.find(NAME)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot use transport: bigdl, which another jar brings (give spark-submit"
                        + " --jars spark-lorafa-bigdl.jar; docs/bigdl.md says how to build it)"));
  }
}
