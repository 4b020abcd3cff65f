package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.train.Recomputation;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.Synchronisation;
import io.github.sparklorafa.train.Transport;
import java.util.function.Function;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * Batches and the optimizer.
 *
 * @param <T> what setters return
 */
public interface OptimizerParams<T> extends Params {
  /** Sequences of a step, over all workers. */
  default IntParam batchSize() {
    return new IntParam(this, "batchSize", "Sequences of a step, over all workers.");
  }

  default int getBatchSize() {
    return Values.of(this, batchSize());
  }

  default T setBatchSize(int value) {
    return Values.with(this, batchSize(), value);
  }

  /** Sequences that a worker takes through the model at once; 0 means as many as fit. */
  default IntParam microBatchSize() {
    return new IntParam(
        this,
        "microBatchSize",
        "Sequences that a worker takes through the model at once; 0 means as many as fit.");
  }

  default int getMicroBatchSize() {
    return Values.of(this, microBatchSize());
  }

  default T setMicroBatchSize(int value) {
    return Values.with(this, microBatchSize(), value);
  }

  /** What a worker may take outside the Java heap, such as 24g; empty means as the cluster says. */
  default Param<String> memory() {
    return new Param<>(
        this,
        "memory",
        "What a worker may take outside the Java heap, such as 24g; empty means as the cluster says.");
  }

  default String getMemory() {
    return Values.of(this, memory());
  }

  default T setMemory(String value) {
    return Values.with(this, memory(), value);
  }

  /** What the backward pass computes again so that it need not be kept. */
  default Param<String> recompute() {
    return Values.choice(
        this,
        "recompute",
        "What the backward pass computes again so that it need not be kept.",
        Recomputation.NAMES.toArray(String[]::new),
        Function.identity());
  }

  default String getRecompute() {
    return Values.of(this, recompute());
  }

  default T setRecompute(String value) {
    return Values.with(this, recompute(), value);
  }

  /** Passes over the data, unless maxSteps is given. */
  default DoubleParam epochs() {
    return new DoubleParam(this, "epochs", "Passes over the data, unless maxSteps is given.");
  }

  default double getEpochs() {
    return Values.of(this, epochs());
  }

  default T setEpochs(double value) {
    return Values.with(this, epochs(), value);
  }

  /** Optimizer steps; 0 means by epochs. */
  default IntParam maxSteps() {
    return new IntParam(this, "maxSteps", "Optimizer steps; 0 means by epochs.");
  }

  default int getMaxSteps() {
    return Values.of(this, maxSteps());
  }

  default T setMaxSteps(int value) {
    return Values.with(this, maxSteps(), value);
  }

  /** Peak learning rate; where none is given, the method's usual one. */
  default DoubleParam learningRate() {
    return new DoubleParam(
        this, "learningRate", "Peak learning rate; where none is given, the method's usual one.");
  }

  default double getLearningRate() {
    return Values.of(this, learningRate());
  }

  default T setLearningRate(double value) {
    return Values.with(this, learningRate(), value);
  }

  /** How the learning rate runs: constant, linear or cosine. */
  default Param<String> schedule() {
    return Values.choice(
        this,
        "schedule",
        "How the learning rate runs: constant, linear or cosine.",
        Schedule.values(),
        Schedule::text);
  }

  default String getSchedule() {
    return Values.of(this, schedule());
  }

  default T setSchedule(String value) {
    return Values.with(this, schedule(), value);
  }

  /** Steps over which the learning rate rises. */
  default IntParam warmupSteps() {
    return new IntParam(this, "warmupSteps", "Steps over which the learning rate rises.");
  }

  default int getWarmupSteps() {
    return Values.of(this, warmupSteps());
  }

  default T setWarmupSteps(int value) {
    return Values.with(this, warmupSteps(), value);
  }

  /** Decoupled weight decay. */
  default DoubleParam weightDecay() {
    return new DoubleParam(this, "weightDecay", "Decoupled weight decay.");
  }

  default double getWeightDecay() {
    return Values.of(this, weightDecay());
  }

  default T setWeightDecay(double value) {
    return Values.with(this, weightDecay(), value);
  }

  /** AdamW's decay of the first moment. */
  default DoubleParam beta1() {
    return new DoubleParam(this, "beta1", "AdamW's decay of the first moment.");
  }

  default double getBeta1() {
    return Values.of(this, beta1());
  }

  default T setBeta1(double value) {
    return Values.with(this, beta1(), value);
  }

  /** AdamW's decay of the second moment. */
  default DoubleParam beta2() {
    return new DoubleParam(this, "beta2", "AdamW's decay of the second moment.");
  }

  default double getBeta2() {
    return Values.of(this, beta2());
  }

  default T setBeta2(double value) {
    return Values.with(this, beta2(), value);
  }

  /** AdamW's epsilon. */
  default DoubleParam epsilon() {
    return new DoubleParam(this, "epsilon", "AdamW's epsilon.");
  }

  default double getEpsilon() {
    return Values.of(this, epsilon());
  }

  default T setEpsilon(double value) {
    return Values.with(this, epsilon(), value);
  }

  /** adamw, or one of BigDL's from the jar spark-lorafa-bigdl, as bigdl:Adam. */
  default Param<String> optimizer() {
    return new Param<>(
        this,
        "optimizer",
        "adamw, or one of BigDL's from the jar spark-lorafa-bigdl, as bigdl:Adam.");
  }

  default String getOptimizer() {
    return Values.of(this, optimizer());
  }

  default T setOptimizer(String value) {
    return Values.with(this, optimizer(), value);
  }

  /** What BigDL's optimizer and its schedule are to be told: name=value, with commas between. */
  default Param<String> optimizerOptions() {
    return new Param<>(
        this,
        "optimizerOptions",
        "What BigDL's optimizer and its schedule are to be told: name=value, with commas between.");
  }

  default String getOptimizerOptions() {
    return Values.of(this, optimizerOptions());
  }

  default T setOptimizerOptions(String value) {
    return Values.with(this, optimizerOptions(), value);
  }

  /** Global norm that gradients are clipped at; 0 is off. */
  default DoubleParam maxGradNorm() {
    return new DoubleParam(
        this, "maxGradNorm", "Global norm that gradients are clipped at; 0 is off.");
  }

  default double getMaxGradNorm() {
    return Values.of(this, maxGradNorm());
  }

  default T setMaxGradNorm(double value) {
    return Values.with(this, maxGradNorm(), value);
  }

  /** Peak learning rate of modulesToSave; 0 means learningRate. */
  default DoubleParam headLearningRate() {
    return new DoubleParam(
        this, "headLearningRate", "Peak learning rate of modulesToSave; 0 means learningRate.");
  }

  default double getHeadLearningRate() {
    return Values.of(this, headLearningRate());
  }

  default T setHeadLearningRate(double value) {
    return Values.with(this, headLearningRate(), value);
  }

  /** Numbers in which gradients travel between workers; they are summed in fp32. */
  default Param<String> wireDtype() {
    return Values.choice(
        this,
        "wireDtype",
        "Numbers in which gradients travel between workers; they are summed in fp32.",
        Synchronisation.WIRE_DTYPES.toArray(String[]::new),
        Function.identity());
  }

  default String getWireDtype() {
    return Values.of(this, wireDtype());
  }

  default T setWireDtype(String value) {
    return Values.with(this, wireDtype(), value);
  }

  /** What carries gradients: auto, gloo, spark or nccl. */
  default Param<String> transport() {
    return Values.choice(
        this,
        "transport",
        "What carries gradients: auto, gloo, spark or nccl.",
        Transport.values(),
        Transport::text);
  }

  default String getTransport() {
    return Values.of(this, transport());
  }

  default T setTransport(String value) {
    return Values.with(this, transport(), value);
  }

  /** Steps that each worker takes by itself before what is trained is averaged. */
  default IntParam syncEvery() {
    return new IntParam(
        this,
        "syncEvery",
        "Steps that each worker takes by itself before what is trained is averaged.");
  }

  default int getSyncEvery() {
    return Values.of(this, syncEvery());
  }

  default T setSyncEvery(int value) {
    return Values.with(this, syncEvery(), value);
  }
}
