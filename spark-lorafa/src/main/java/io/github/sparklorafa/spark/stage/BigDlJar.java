package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.spark.transport.BlockSum;
import io.github.sparklorafa.train.ProgressListener;
import org.apache.hadoop.fs.Path;

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

  /**
   * What writes TensorBoard's files.
   *
   * @throws IllegalArgumentException if the jar is not there
   */
  static EventFiles eventFiles() {
    return EventFiles.find()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Cannot use tensorboard, which another jar writes (give spark-submit --jars"
                        + " spark-lorafa-bigdl.jar; docs/bigdl.md says how to build it)"));
  }

  /** Those of a run, in a folder of the name that its output has. */
  static ProgressListener eventFiles(JobPlan plan) {
    return eventFiles()
        .open(
            Locations.qualified(plan.config().extras().tensorboard(), plan.hadoop()),
            new Path(plan.output()).getName(),
            plan.hadoop());
  }
}
