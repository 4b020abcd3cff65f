package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.OnNan;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * Where and how training runs.
 *
 * @param <T> what setters return
 */
public interface RunParams<T> extends Params {
  /**
   * Column of booleans: rows with true are evaluated on, not trained on; empty means all are
   * trained on.
   */
  default Param<String> validationIndicatorCol() {
    return new Param<>(
        this,
        "validationIndicatorCol",
        "Column of booleans: rows with true are evaluated on, not trained on; empty means all are trained on.");
  }

  default String getValidationIndicatorCol() {
    return Values.of(this, validationIndicatorCol());
  }

  default T setValidationIndicatorCol(String value) {
    return Values.with(this, validationIndicatorCol(), value);
  }

  /**
   * Folder in which each fit makes a folder of its own for its adapter or checkpoint; empty means a
   * temporary one.
   */
  default Param<String> output() {
    return new Param<>(
        this,
        "output",
        "Folder in which each fit makes a folder of its own for its adapter or checkpoint; empty means a temporary one.");
  }

  default String getOutput() {
    return Values.of(this, output());
  }

  default T setOutput(String value) {
    return Values.with(this, output(), value);
  }

  /** Executors that train, one worker in each. */
  default IntParam workers() {
    return new IntParam(this, "workers", "Executors that train, one worker in each.");
  }

  default int getWorkers() {
    return Values.of(this, workers());
  }

  default T setWorkers(int value) {
    return Values.with(this, workers(), value);
  }

  /** Where to train: auto, cpu or cuda. */
  default Param<String> device() {
    return Values.choice(
        this,
        "device",
        "Where to train: auto, cpu or cuda.",
        DeviceChoice.values(),
        DeviceChoice::text);
  }

  default String getDevice() {
    return Values.of(this, device());
  }

  default T setDevice(String value) {
    return Values.with(this, device(), value);
  }

  /** Tokens that a sequence is cut to; 0: 512, or as many as the model reads if these are fewer. */
  default IntParam maxLength() {
    return new IntParam(
        this,
        "maxLength",
        "Tokens that a sequence is cut to; 0: 512, or as many as the model reads if these are"
            + " fewer.");
  }

  default int getMaxLength() {
    return Values.of(this, maxLength());
  }

  default T setMaxLength(int value) {
    return Values.with(this, maxLength(), value);
  }

  /** Another order in each epoch; false is the data's own order. */
  default BooleanParam shuffle() {
    return new BooleanParam(
        this, "shuffle", "Another order in each epoch; false is the data's own order.");
  }

  default boolean getShuffle() {
    return Values.of(this, shuffle());
  }

  default T setShuffle(boolean value) {
    return Values.with(this, shuffle(), value);
  }

  /** Pack rows into sequences of maxLength tokens, which batches then count. */
  default BooleanParam packing() {
    return new BooleanParam(
        this, "packing", "Pack rows into sequences of maxLength tokens, which batches then count.");
  }

  default boolean getPacking() {
    return Values.of(this, packing());
  }

  default T setPacking(boolean value) {
    return Values.with(this, packing(), value);
  }

  /** Put rows of like lengths into a batch. */
  default BooleanParam groupByLength() {
    return new BooleanParam(this, "groupByLength", "Put rows of like lengths into a batch.");
  }

  default boolean getGroupByLength() {
    return Values.of(this, groupByLength());
  }

  default T setGroupByLength(boolean value) {
    return Values.with(this, groupByLength(), value);
  }

  /** Seed of A and of the order. */
  default LongParam seed() {
    return new LongParam(this, "seed", "Seed of A and of the order.");
  }

  default long getSeed() {
    return Values.of(this, seed());
  }

  default T setSeed(long value) {
    return Values.with(this, seed(), value);
  }

  /** Steps between evaluations; 0 means at the end only. */
  default IntParam evalEvery() {
    return new IntParam(this, "evalEvery", "Steps between evaluations; 0 means at the end only.");
  }

  default int getEvalEvery() {
    return Values.of(this, evalEvery());
  }

  default T setEvalEvery(int value) {
    return Values.with(this, evalEvery(), value);
  }

  /** Write one JSON line for each step to this file of the driver's; empty means none. */
  default Param<String> metrics() {
    return new Param<>(
        this,
        "metrics",
        "Write one JSON line for each step to this file of the driver's; empty means none.");
  }

  default String getMetrics() {
    return Values.of(this, metrics());
  }

  default T setMetrics(String value) {
    return Values.with(this, metrics(), value);
  }

  /** Write event files for TensorBoard here, by the jar spark-lorafa-bigdl; empty means none. */
  default Param<String> tensorboard() {
    return new Param<>(
        this,
        "tensorboard",
        "Write event files for TensorBoard here, by the jar spark-lorafa-bigdl; empty means none.");
  }

  default String getTensorboard() {
    return Values.of(this, tensorboard());
  }

  default T setTensorboard(String value) {
    return Values.with(this, tensorboard(), value);
  }

  /** Write checkpoints of training here: a local path or any URI that Hadoop knows. */
  default Param<String> checkpointDir() {
    return new Param<>(
        this,
        "checkpointDir",
        "Write checkpoints of training here: a local path or any URI that Hadoop knows.");
  }

  default String getCheckpointDir() {
    return Values.of(this, checkpointDir());
  }

  default T setCheckpointDir(String value) {
    return Values.with(this, checkpointDir(), value);
  }

  /** Steps between checkpoints. */
  default IntParam checkpointEvery() {
    return new IntParam(this, "checkpointEvery", "Steps between checkpoints.");
  }

  default int getCheckpointEvery() {
    return Values.of(this, checkpointEvery());
  }

  default T setCheckpointEvery(int value) {
    return Values.with(this, checkpointEvery(), value);
  }

  /** Checkpoints that stay, the newest ones. */
  default IntParam keepCheckpoints() {
    return new IntParam(this, "keepCheckpoints", "Checkpoints that stay, the newest ones.");
  }

  default int getKeepCheckpoints() {
    return Values.of(this, keepCheckpoints());
  }

  default T setKeepCheckpoints(int value) {
    return Values.with(this, keepCheckpoints(), value);
  }

  /**
   * auto or never, or a path: go on from the newest checkpoint in checkpointDir if there is one, or
   * from the path.
   */
  default Param<String> resume() {
    return new Param<>(
        this,
        "resume",
        "auto or never, or a path: go on from the newest checkpoint in checkpointDir if there is one, or from the path.");
  }

  default String getResume() {
    return Values.of(this, resume());
  }

  default T setResume(String value) {
    return Values.with(this, resume(), value);
  }

  /** End after so many evaluations without improvement; 0 is off. */
  default IntParam earlyStoppingPatience() {
    return new IntParam(
        this,
        "earlyStoppingPatience",
        "End after so many evaluations without improvement; 0 is off.");
  }

  default int getEarlyStoppingPatience() {
    return Values.of(this, earlyStoppingPatience());
  }

  default T setEarlyStoppingPatience(int value) {
    return Values.with(this, earlyStoppingPatience(), value);
  }

  /**
   * Keep the best step by this, and let the model be that one: none, eval_loss, loss, perplexity,
   * or a metric of the task such as accuracy or bleu.
   */
  default Param<String> metricForBest() {
    return Values.choice(
        this,
        "metricForBest",
        "Keep the best step by this, and let the model be that one: none, eval_loss, loss, perplexity, or a metric of the task such as accuracy or bleu.",
        MetricForBest.values(),
        MetricForBest::text);
  }

  default String getMetricForBest() {
    return Values.of(this, metricForBest());
  }

  default T setMetricForBest(String value) {
    return Values.with(this, metricForBest(), value);
  }

  /** At a step whose loss or gradient is not finite: stop, or skip it. */
  default Param<String> onNan() {
    return Values.choice(
        this,
        "onNan",
        "At a step whose loss or gradient is not finite: end the run (stop), or leave the step out (skip).",
        OnNan.values(),
        OnNan::text);
  }

  default String getOnNan() {
    return Values.of(this, onNan());
  }

  default T setOnNan(String value) {
    return Values.with(this, onNan(), value);
  }
}
