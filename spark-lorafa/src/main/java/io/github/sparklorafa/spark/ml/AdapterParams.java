package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.GradientCorrectionMode;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * What is trained.
 *
 * @param <T> what setters return
 */
public interface AdapterParams<T> extends Params {
  /** What is trained: lora-fa, lora or full. */
  default Param<String> method() {
    return Values.choice(
        this, "method", "What is trained: lora-fa, lora or full.", Method.values(), Method::text);
  }

  default String getMethod() {
    return Values.of(this, method());
  }

  default T setMethod(String value) {
    return Values.with(this, method(), value);
  }

  /** Rank of the adapter. */
  default IntParam rank() {
    return new IntParam(this, "rank", "Rank of the adapter.");
  }

  default int getRank() {
    return Values.of(this, rank());
  }

  default T setRank(int value) {
    return Values.with(this, rank(), value);
  }

  /** Scale of the adapter: s = alpha / rank. */
  default DoubleParam alpha() {
    return new DoubleParam(this, "alpha", "Scale of the adapter: s = alpha / rank.");
  }

  default double getAlpha() {
    return Values.of(this, alpha());
  }

  default T setAlpha(double value) {
    return Values.with(this, alpha(), value);
  }

  /**
   * Modules that get an adapter: names, all-linear, or regex:EXPRESSION, which whole names match.
   */
  default StringArrayParam targetModules() {
    return new StringArrayParam(
        this,
        "targetModules",
        "Modules that get an adapter: names, all-linear, or regex:EXPRESSION, which whole names match.");
  }

  default String[] getTargetModules() {
    return Values.of(this, targetModules());
  }

  default T setTargetModules(String... value) {
    return Values.with(this, targetModules(), value.clone());
  }

  default T setTargetModules(List<String> value) {
    return Values.with(this, targetModules(), value.toArray(String[]::new));
  }

  /** Modules that get none all the same, written as target modules are. */
  default StringArrayParam excludeModules() {
    return new StringArrayParam(
        this,
        "excludeModules",
        "Modules that get none all the same, written as target modules are.");
  }

  default String[] getExcludeModules() {
    return Values.of(this, excludeModules());
  }

  default T setExcludeModules(String... value) {
    return Values.with(this, excludeModules(), value.clone());
  }

  default T setExcludeModules(List<String> value) {
    return Values.with(this, excludeModules(), value.toArray(String[]::new));
  }

  /** The only layers that get adapters, from 0; empty means all. */
  default IntArrayParam layersToTransform() {
    return new IntArrayParam(
        this, "layersToTransform", "The only layers that get adapters, from 0; empty means all.");
  }

  default int[] getLayersToTransform() {
    return Values.of(this, layersToTransform());
  }

  default T setLayersToTransform(int... value) {
    return Values.with(this, layersToTransform(), value.clone());
  }

  default T setLayersToTransform(List<Integer> value) {
    return Values.with(
        this, layersToTransform(), value.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Ranks of modules whose names end so; a regular expression, the first that matches. */
  default PatternParam rankPattern() {
    return new PatternParam(
        this,
        "rankPattern",
        "Ranks of modules whose names end so; a regular expression, the first that matches.");
  }

  default Map<String, Number> getRankPattern() {
    return Values.of(this, rankPattern());
  }

  default T setRankPattern(Map<String, ? extends Number> value) {
    return Values.with(this, rankPattern(), PatternParam.copy(value));
  }

  /** Alphas in the same way. */
  default PatternParam alphaPattern() {
    return new PatternParam(this, "alphaPattern", "Alphas in the same way.");
  }

  default Map<String, Number> getAlphaPattern() {
    return Values.of(this, alphaPattern());
  }

  default T setAlphaPattern(Map<String, ? extends Number> value) {
    return Values.with(this, alphaPattern(), PatternParam.copy(value));
  }

  /** Share of the numbers of A's input that training leaves out at random. */
  default DoubleParam loraDropout() {
    return new DoubleParam(
        this,
        "loraDropout",
        "Share of the numbers of A's input that training leaves out at random.");
  }

  default double getLoraDropout() {
    return Values.of(this, loraDropout());
  }

  default T setLoraDropout(double value) {
    return Values.with(this, loraDropout(), value);
  }

  /** Modules that are trained in full and saved with the adapter. */
  default StringArrayParam modulesToSave() {
    return new StringArrayParam(
        this, "modulesToSave", "Modules that are trained in full and saved with the adapter.");
  }

  default String[] getModulesToSave() {
    return Values.of(this, modulesToSave());
  }

  default T setModulesToSave(String... value) {
    return Values.with(this, modulesToSave(), value.clone());
  }

  default T setModulesToSave(List<String> value) {
    return Values.with(this, modulesToSave(), value.toArray(String[]::new));
  }

  /** How A is made: kaiming, normal or orthonormal. */
  default Param<String> initA() {
    return Values.choice(
        this,
        "initA",
        "How A is made: kaiming, normal or orthonormal.",
        InitA.values(),
        InitA::text);
  }

  default String getInitA() {
    return Values.of(this, initA());
  }

  default T setInitA(String value) {
    return Values.with(this, initA(), value);
  }

  /** Folder of an adapter to start from; empty means none. */
  default Param<String> initAdapter() {
    return new Param<>(
        this, "initAdapter", "Folder of an adapter to start from; empty means none.");
  }

  default String getInitAdapter() {
    return Values.of(this, initAdapter());
  }

  default T setInitAdapter(String value) {
    return Values.with(this, initAdapter(), value);
  }

  /** What is done to B's gradient: none or gram. */
  default Param<String> gradientCorrection() {
    return Values.choice(
        this,
        "gradientCorrection",
        "What is done to B's gradient: none or gram.",
        GradientCorrectionMode.values(),
        GradientCorrectionMode::text);
  }

  default String getGradientCorrection() {
    return Values.of(this, gradientCorrection());
  }

  default T setGradientCorrection(String value) {
    return Values.with(this, gradientCorrection(), value);
  }

  /** Scale by alpha / sqrt(rank). */
  default BooleanParam useRslora() {
    return new BooleanParam(this, "useRslora", "Scale by alpha / sqrt(rank).");
  }

  default boolean getUseRslora() {
    return Values.of(this, useRslora());
  }

  default T setUseRslora(boolean value) {
    return Values.with(this, useRslora(), value);
  }
}
