package io.github.sparklorafa.bigdl;

import com.intel.analytics.bigdl.optim.Adadelta;
import com.intel.analytics.bigdl.optim.Adagrad;
import com.intel.analytics.bigdl.optim.Adam;
import com.intel.analytics.bigdl.optim.Adamax;
import com.intel.analytics.bigdl.optim.Ftrl;
import com.intel.analytics.bigdl.optim.LarsSGD;
import com.intel.analytics.bigdl.optim.OptimMethod;
import com.intel.analytics.bigdl.optim.RMSprop;
import com.intel.analytics.bigdl.optim.SGD;
import io.github.sparklorafa.train.SliceOptimizer;
import io.github.sparklorafa.train.TrainConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * BigDL's optimizers, by BigDL's names. Learning rate, betas, epsilon and weight decay are the
 * run's own settings where the optimizer has them; the rest are its options, with BigDL's defaults.
 */
public final class BigDlOptimizers implements SliceOptimizer.Provider {
  private static final String ADAGRAD = "Adagrad";
  private static final String LARS_SGD = "LarsSGD";
  private static final String SGD_ = "SGD";

  private static final Map<String, Maker> MAKERS =
      new TreeMap<>(
          Map.of(
              "Adadelta",
              BigDlOptimizers::adadelta,
              ADAGRAD,
              BigDlOptimizers::adagrad,
              "Adam",
              BigDlOptimizers::adam,
              "Adamax",
              BigDlOptimizers::adamax,
              "Ftrl",
              BigDlOptimizers::ftrl,
              LARS_SGD,
              BigDlOptimizers::larsSgd,
              "RMSprop",
              BigDlOptimizers::rmsprop,
              SGD_,
              BigDlOptimizers::sgd));

  /** Those that know a weight decay, which is L2's in BigDL. */
  private static final List<String> DECAYING = List.of(ADAGRAD, LARS_SGD, SGD_);

  /** Made by {@link java.util.ServiceLoader}. */
  public BigDlOptimizers() {}

  /** Makes a function from weight decays to optimizers, and takes its options. */
  private interface Maker {
    Function<Double, OptimMethod<Object>> of(TrainConfig config, Options options);
  }

  @Override
  public String name() {
    return "bigdl";
  }

  @Override
  public SliceOptimizer.Kind kind(String optimizer, TrainConfig config) {
    Maker maker = MAKERS.get(optimizer);
    if (maker == null) {
      throw new IllegalArgumentException(
          "Cannot use optimizer: bigdl:%s (use %s)"
              .formatted(optimizer, "bigdl:" + String.join(", bigdl:", MAKERS.keySet())));
    }
    if (config.weightDecay() != 0 && !DECAYING.contains(optimizer)) {
      throw new IllegalArgumentException(
          "Cannot use weight decay: %s with optimizer bigdl:%s, which has none (leave it out, or use optimizer adamw)"
              .formatted(config.weightDecay(), optimizer));
    }
    Options options = new Options(config.extras().optimizerOptions());
    Function<Double, OptimMethod<Object>> methods = maker.of(config, options);
    BigDlKind kind =
        new BigDlKind(
            methods,
            config.weightDecay(),
            optimizer.equals(LARS_SGD),
            Schedules.of(config, options));
    options.throwIfLeft("bigdl:" + optimizer);
    return kind;
  }

  private static Function<Double, OptimMethod<Object>> adam(TrainConfig config, Options options) {
    return decay ->
        new Adam<>(
            1, 0, config.beta1(), config.beta2(), config.epsilon(), Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> adamax(TrainConfig config, Options options) {
    double epsilon = options.real("epsilon", 1e-38);
    return decay ->
        new Adamax<>(1, config.beta1(), config.beta2(), epsilon, Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> sgd(TrainConfig config, Options options) {
    double momentum = options.real("momentum", 0);
    double dampening = options.real("dampening", momentum);
    boolean nesterov = options.truth("nesterov");
    if (nesterov && !(momentum > 0 && dampening == 0)) {
      throw new IllegalArgumentException(
          "Cannot use optimizer options: nesterov=true with momentum=%s and dampening=%s (BigDL needs a momentum above 0 and dampening=0)"
              .formatted(momentum, dampening));
    }
    return decay ->
        new SGD<>(
            1,
            0,
            decay,
            momentum,
            dampening,
            nesterov,
            new SGD.Default(),
            null,
            null,
            Tensors.FLOAT,
            Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> larsSgd(
      TrainConfig config, Options options) {
    double trust = options.real("trust", 1);
    double momentum = options.real("momentum", 0.5);
    if (!(trust > 0 && trust <= 1)) {
      throw new IllegalArgumentException(
          "Cannot use optimizer options: trust=%s (use a number above 0, up to 1)"
              .formatted(trust));
    }
    return decay ->
        new LarsSGD<>(
            true, trust, 1, 0, decay, momentum, new SGD.Default(), Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> adagrad(
      TrainConfig config, Options options) {
    return decay -> new Adagrad<>(1, 0, decay, Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> adadelta(
      TrainConfig config, Options options) {
    double decayRate = options.real("decay-rate", 0.9);
    double epsilon = options.real("epsilon", 1e-10);
    return decay -> new Adadelta<>(decayRate, epsilon, Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> rmsprop(
      TrainConfig config, Options options) {
    double decayRate = options.real("decay-rate", 0.99);
    double epsilon = options.real("epsilon", 1e-8);
    return decay -> new RMSprop<>(1, 0, decayRate, epsilon, Tensors.FLOAT, Tensors.NUMERIC);
  }

  private static Function<Double, OptimMethod<Object>> ftrl(TrainConfig config, Options options) {
    double power = options.real("learning-rate-power", -0.5);
    double initial = options.real("initial-accumulator-value", 0.1);
    double l1 = options.real("l1", 0);
    double l2 = options.real("l2", 0);
    double shrinkage = options.real("l2-shrinkage", 0);
    return decay ->
        new Ftrl<>(1, power, initial, l1, l2, shrinkage, Tensors.FLOAT, Tensors.NUMERIC);
  }
}
