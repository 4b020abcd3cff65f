package io.github.sparklorafa.spark.ml;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.GradientCorrectionMode;
import io.github.sparklorafa.train.MemorySize;
import io.github.sparklorafa.train.MetricForBest;
import io.github.sparklorafa.train.OnNan;
import io.github.sparklorafa.train.Precision;
import io.github.sparklorafa.train.Problems;
import io.github.sparklorafa.train.Recomputation;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.Transport;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;

/**
 * What params say, as the trainer's configuration; and the trainer's defaults as those of params.
 */
final class Configs {
  /** Stands where a configuration names data, which estimators are given as a dataset. */
  private static final String GIVEN = "given";

  private Configs() {}

  /**
   * @param output folder of this fit
   * @throws IllegalArgumentException with every problem, one a line
   */
  static TrainConfig of(LoraFaEstimator<?, ?> params, String output) {
    Problems problems = new Problems();
    TrainConfigBuilder builder =
        TrainConfig.builder().task(params.task()).data(GIVEN).output(output);
    if (!params.getValidationIndicatorCol().isEmpty()) {
      builder.evalData(GIVEN);
    }
    builder.model(params.isDefined(params.model()) ? params.getModel() : "");
    Precision.set(builder, params.getDtype());
    if (params.isDefined(params.baseDtype())) {
      Precision.setBase(builder, params.getBaseDtype());
    }
    builder.columns(columns(params));
    adapter(params, builder);
    optimizer(params, builder);
    run(params, builder);
    params.describe(builder);
    TrainConfig[] config = new TrainConfig[1];
    problems.collect(() -> config[0] = builder.build());
    problems.throwIfAny();
    return config[0];
  }

  static Columns columns(ColumnParams<?> params) {
    return Columns.USUAL
        .with(RowShape.TEXT, params.getTextColumn())
        .with(RowShape.PROMPT, params.getPromptColumn())
        .with(RowShape.COMPLETION, params.getCompletionColumn())
        .with(RowShape.INPUT_IDS, params.getInputIdsColumn())
        .with(RowShape.ATTENTION_MASK, params.getAttentionMaskColumn())
        .with(RowShape.TOKEN_TYPE_IDS, params.getTokenTypeIdsColumn())
        .with(RowShape.LABELS, params.getLabelsColumn())
        .with(RowShape.TEXT_PAIR, params.getTextPairColumn())
        .with(RowShape.LABEL, params.getLabelColumn())
        .with(RowShape.MESSAGES, params.getMessagesColumn())
        .with(RowShape.INSTRUCTION, params.getInstructionColumn())
        .with(RowShape.INPUT, params.getInputColumn())
        .with(RowShape.OUTPUT, params.getOutputColumn());
  }

  private static void adapter(AdapterParams<?> params, TrainConfigBuilder builder) {
    builder
        .method(Method.parse(params.getMethod()))
        .rank(params.getRank())
        .alpha(params.getAlpha())
        .targetModules(List.of(params.getTargetModules()))
        .excludeModules(List.of(params.getExcludeModules()))
        .layersToTransform(Arrays.stream(params.getLayersToTransform()).boxed().toList())
        .rankPattern(numbers(params.getRankPattern(), Number::intValue))
        .alphaPattern(numbers(params.getAlphaPattern(), Number::doubleValue))
        .loraDropout(params.getLoraDropout())
        .modulesToSave(List.of(params.getModulesToSave()))
        .initA(InitA.parse(params.getInitA()))
        .initAdapter(params.getInitAdapter())
        .gradientCorrection(GradientCorrectionMode.parse(params.getGradientCorrection()))
        .useRslora(params.getUseRslora());
  }

  private static void optimizer(OptimizerParams<?> params, TrainConfigBuilder builder) {
    builder
        .batchSize(params.getBatchSize())
        .microBatchSize(params.getMicroBatchSize())
        .memory(MemorySize.parse(params.getMemory()))
        .epochs(params.getEpochs())
        .maxSteps(params.getMaxSteps())
        .schedule(Schedule.parse(params.getSchedule()))
        .warmupSteps(params.getWarmupSteps())
        .weightDecay(params.getWeightDecay())
        .beta1(params.getBeta1())
        .beta2(params.getBeta2())
        .epsilon(params.getEpsilon())
        .maxGradNorm(params.getMaxGradNorm())
        .headLearningRate(params.getHeadLearningRate())
        .extras(
            usual ->
                usual
                    .withOptimizer(params.getOptimizer())
                    .withOptimizerOptions(params.getOptimizerOptions()))
        .synchronisation(
            usual ->
                usual
                    .withWireDtype(params.getWireDtype())
                    .withEvery(params.getSyncEvery())
                    .with(Transport.parse(params.getTransport())));
    Recomputation.set(builder, params.getRecompute());
    if (params.isDefined(params.learningRate())) {
      builder.learningRate(params.getLearningRate());
    }
  }

  private static void run(RunParams<?> params, TrainConfigBuilder builder) {
    builder
        .workers(params.getWorkers())
        .device(DeviceChoice.parse(params.getDevice()))
        .maxLength(params.getMaxLength())
        .shuffle(params.getShuffle())
        .packing(params.getPacking())
        .groupByLength(params.getGroupByLength())
        .seed(params.getSeed())
        .evalEvery(params.getEvalEvery())
        .metrics(params.getMetrics())
        .extras(usual -> usual.withTensorboard(params.getTensorboard()))
        .checkpointing(
            usual ->
                usual
                    .withDir(params.getCheckpointDir())
                    .withEvery(params.getCheckpointEvery())
                    .withKept(params.getKeepCheckpoints())
                    .withResume(params.getResume()))
        .stopping(
            usual ->
                usual
                    .withPatience(params.getEarlyStoppingPatience())
                    .withMetric(MetricForBest.parse(params.getMetricForBest()))
                    .withOnNan(OnNan.parse(params.getOnNan())));
  }

  private static <N> Map<String, N> numbers(
      Map<String, Number> pattern, Function<Number, N> number) {
    Map<String, N> numbers = new LinkedHashMap<>();
    pattern.forEach((module, value) -> numbers.put(module, number.apply(value)));
    return numbers;
  }

  /** The configuration that all defaults are from. */
  static TrainConfig usual() {
    return TrainConfig.builder().model(GIVEN).data(GIVEN).output(GIVEN).build();
  }

  /** Gives all params of training the defaults of {@code train}. */
  static void defaults(LoraFaEstimator<?, ?> params) {
    TrainConfig usual = usual();
    Defaults defaults = new Defaults(params);
    defaults.set(params.dtype(), Precision.of(usual));
    columnDefaults(params);
    adapterDefaults(params, usual, defaults);
    optimizerDefaults(params, usual, defaults);
    runDefaults(params, usual, defaults);
  }

  private record Defaults(LoraFaEstimator<?, ?> owner) {
    void set(Param<?> param, Object value) {
      Values.usual(owner, param, value);
    }
  }

  /** Gives the names of columns theirs, which stand for the usual names. */
  static void columnDefaults(ColumnParams<?> params) {
    for (Param<String> column :
        List.of(
            params.textColumn(),
            params.promptColumn(),
            params.completionColumn(),
            params.inputIdsColumn(),
            params.attentionMaskColumn(),
            params.tokenTypeIdsColumn(),
            params.labelsColumn(),
            params.textPairColumn(),
            params.labelColumn(),
            params.messagesColumn(),
            params.instructionColumn(),
            params.inputColumn(),
            params.outputColumn())) {
      Values.usual(params, column, "");
    }
  }

  private static void adapterDefaults(
      AdapterParams<?> params, TrainConfig usual, Defaults defaults) {
    defaults.set(params.method(), usual.method().text());
    defaults.set(params.rank(), usual.rank());
    defaults.set(params.alpha(), usual.alpha());
    defaults.set(params.targetModules(), usual.targetModules().toArray(String[]::new));
    defaults.set(params.excludeModules(), usual.excludeModules().toArray(String[]::new));
    defaults.set(
        params.layersToTransform(),
        usual.layersToTransform().stream().mapToInt(Integer::intValue).toArray());
    defaults.set(params.rankPattern(), PatternParam.copy(usual.rankPattern()));
    defaults.set(params.alphaPattern(), PatternParam.copy(usual.alphaPattern()));
    defaults.set(params.loraDropout(), usual.loraDropout());
    defaults.set(params.modulesToSave(), usual.modulesToSave().toArray(String[]::new));
    defaults.set(params.initA(), usual.initA().text());
    defaults.set(params.initAdapter(), usual.initAdapter());
    defaults.set(params.gradientCorrection(), usual.gradientCorrection().text());
    defaults.set(params.useRslora(), usual.useRslora());
  }

  /** The learning rate has none: it follows from the method. */
  private static void optimizerDefaults(
      OptimizerParams<?> params, TrainConfig usual, Defaults defaults) {
    defaults.set(params.batchSize(), usual.batchSize());
    defaults.set(params.microBatchSize(), usual.microBatchSize());
    defaults.set(params.memory(), MemorySize.text(usual.memory()));
    defaults.set(params.recompute(), Recomputation.of(usual));
    defaults.set(params.epochs(), usual.epochs());
    defaults.set(params.maxSteps(), usual.maxSteps());
    defaults.set(params.schedule(), usual.schedule().text());
    defaults.set(params.warmupSteps(), usual.warmupSteps());
    defaults.set(params.weightDecay(), usual.weightDecay());
    defaults.set(params.beta1(), usual.beta1());
    defaults.set(params.beta2(), usual.beta2());
    defaults.set(params.epsilon(), usual.epsilon());
    defaults.set(params.maxGradNorm(), usual.maxGradNorm());
    defaults.set(params.headLearningRate(), usual.headLearningRate());
    defaults.set(params.optimizer(), usual.extras().optimizer());
    defaults.set(params.optimizerOptions(), usual.extras().optionsText());
    defaults.set(params.wireDtype(), usual.synchronisation().wireText());
    defaults.set(params.transport(), usual.synchronisation().transport().text());
    defaults.set(params.syncEvery(), usual.synchronisation().syncEvery());
  }

  private static void runDefaults(RunParams<?> params, TrainConfig usual, Defaults defaults) {
    defaults.set(params.validationIndicatorCol(), "");
    defaults.set(params.output(), "");
    defaults.set(params.workers(), usual.workers());
    defaults.set(params.device(), usual.device().text());
    defaults.set(params.maxLength(), usual.maxLength());
    defaults.set(params.shuffle(), usual.shuffle());
    defaults.set(params.packing(), usual.packing());
    defaults.set(params.groupByLength(), usual.groupByLength());
    defaults.set(params.seed(), usual.seed());
    defaults.set(params.evalEvery(), usual.evalEvery());
    defaults.set(params.metrics(), usual.metrics());
    defaults.set(params.tensorboard(), usual.extras().tensorboard());
    defaults.set(params.checkpointDir(), usual.checkpointing().checkpointDir());
    defaults.set(params.checkpointEvery(), usual.checkpointing().checkpointEvery());
    defaults.set(params.keepCheckpoints(), usual.checkpointing().keepCheckpoints());
    defaults.set(params.resume(), usual.checkpointing().resume());
    defaults.set(params.earlyStoppingPatience(), usual.stopping().earlyStoppingPatience());
    defaults.set(params.metricForBest(), usual.stopping().metricForBest().text());
    defaults.set(params.onNan(), usual.stopping().onNan().text());
  }
}
