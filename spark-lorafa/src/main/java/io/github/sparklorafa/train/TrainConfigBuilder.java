package io.github.sparklorafa.train;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Makes a {@link TrainConfig}: starts from the defaults; {@link #build} checks all together. */
public final class TrainConfigBuilder {
  private Task task = Task.CAUSAL_LM;
  private TaskSettings taskSettings = TaskSettings.DEFAULT;
  private String model = "";
  private String data = "";
  private DataFormat format = DataFormat.PARQUET;
  private String evalData = "";
  private Columns columns = Columns.USUAL;
  private Reading reading = Reading.ALL;
  private String output = "";
  private Method method = Method.LORA_FA;
  private int rank = 16;
  private double alpha = 32;
  private List<String> targetModules = List.of("all-linear");
  private List<String> excludeModules = List.of();
  private List<Integer> layersToTransform = List.of();
  private Map<String, Integer> rankPattern = Map.of();
  private Map<String, Double> alphaPattern = Map.of();
  private double loraDropout = 0;
  private List<String> modulesToSave = List.of();
  private InitA initA = InitA.KAIMING;
  private String initAdapter = "";
  private GradientCorrectionMode gradientCorrection = GradientCorrectionMode.NONE;
  private boolean useRslora = false;
  private int workers = 2;
  private DeviceChoice device = DeviceChoice.AUTO;
  private DType dtype = DType.FP32;
  private int batchSize = 8;
  private int microBatchSize = 4;
  private Recompute recompute = Recompute.NONE;
  private long memory;
  private double epochs = 1;
  private int maxSteps = 0;
  private BaseDType baseDtype; // null: as dtype
  private Double learningRate; // null: the method's usual one
  private Schedule schedule = Schedule.LINEAR;
  private int warmupSteps = 0;
  private double weightDecay = 0;
  private double beta1 = 0.9;
  private double beta2 = 0.999;
  private double epsilon = 1e-8;
  private double maxGradNorm = 1.0;
  private int maxLength = 0;
  private boolean shuffle = true;
  private boolean packing = false;
  private boolean groupByLength = false;
  private long seed = 42;
  private int evalEvery = 0;
  private String metrics = "";
  private double headLearningRate = 0;
  private Checkpointing checkpointing = Checkpointing.DEFAULT;
  private Stopping stopping = Stopping.DEFAULT;
  private Synchronisation synchronisation = Synchronisation.DEFAULT;
  private Extras extras = Extras.DEFAULT;

  TrainConfigBuilder() {}

  public TrainConfigBuilder task(Task task) {
    this.task = task;
    return this;
  }

  /** Changes what single tasks have to be told. */
  public TrainConfigBuilder taskSettings(UnaryOperator<TaskSettings> change) {
    taskSettings = change.apply(taskSettings);
    return this;
  }

  public TrainConfigBuilder model(String model) {
    this.model = model;
    return this;
  }

  public TrainConfigBuilder data(String data) {
    this.data = data;
    return this;
  }

  public TrainConfigBuilder format(DataFormat format) {
    this.format = format;
    return this;
  }

  public TrainConfigBuilder evalData(String evalData) {
    this.evalData = evalData;
    return this;
  }

  public TrainConfigBuilder columns(Columns columns) {
    this.columns = columns;
    return this;
  }

  public TrainConfigBuilder columns(UnaryOperator<Columns> change) {
    return columns(change.apply(columns));
  }

  public TrainConfigBuilder reading(UnaryOperator<Reading> change) {
    reading = change.apply(reading);
    return this;
  }

  public TrainConfigBuilder output(String output) {
    this.output = output;
    return this;
  }

  public TrainConfigBuilder method(Method method) {
    this.method = method;
    return this;
  }

  public TrainConfigBuilder rank(int rank) {
    this.rank = rank;
    return this;
  }

  public TrainConfigBuilder alpha(double alpha) {
    this.alpha = alpha;
    return this;
  }

  public TrainConfigBuilder targetModules(List<String> targetModules) {
    this.targetModules = targetModules;
    return this;
  }

  public TrainConfigBuilder excludeModules(List<String> excludeModules) {
    this.excludeModules = excludeModules;
    return this;
  }

  public TrainConfigBuilder layersToTransform(List<Integer> layersToTransform) {
    this.layersToTransform = layersToTransform;
    return this;
  }

  public TrainConfigBuilder rankPattern(Map<String, Integer> rankPattern) {
    this.rankPattern = rankPattern;
    return this;
  }

  public TrainConfigBuilder alphaPattern(Map<String, Double> alphaPattern) {
    this.alphaPattern = alphaPattern;
    return this;
  }

  public TrainConfigBuilder loraDropout(double loraDropout) {
    this.loraDropout = loraDropout;
    return this;
  }

  public TrainConfigBuilder modulesToSave(List<String> modulesToSave) {
    this.modulesToSave = modulesToSave;
    return this;
  }

  public TrainConfigBuilder initA(InitA initA) {
    this.initA = initA;
    return this;
  }

  public TrainConfigBuilder initAdapter(String initAdapter) {
    this.initAdapter = initAdapter;
    return this;
  }

  public TrainConfigBuilder gradientCorrection(GradientCorrectionMode gradientCorrection) {
    this.gradientCorrection = gradientCorrection;
    return this;
  }

  public TrainConfigBuilder useRslora(boolean useRslora) {
    this.useRslora = useRslora;
    return this;
  }

  public TrainConfigBuilder workers(int workers) {
    this.workers = workers;
    return this;
  }

  public TrainConfigBuilder device(DeviceChoice device) {
    this.device = device;
    return this;
  }

  public TrainConfigBuilder dtype(DType dtype) {
    this.dtype = dtype;
    return this;
  }

  public TrainConfigBuilder baseDtype(BaseDType baseDtype) {
    this.baseDtype = baseDtype;
    return this;
  }

  public TrainConfigBuilder batchSize(int batchSize) {
    this.batchSize = batchSize;
    return this;
  }

  public TrainConfigBuilder microBatchSize(int microBatchSize) {
    this.microBatchSize = microBatchSize;
    return this;
  }

  public TrainConfigBuilder epochs(double epochs) {
    this.epochs = epochs;
    return this;
  }

  public TrainConfigBuilder maxSteps(int maxSteps) {
    this.maxSteps = maxSteps;
    return this;
  }

  public TrainConfigBuilder learningRate(double learningRate) {
    this.learningRate = learningRate;
    return this;
  }

  public TrainConfigBuilder schedule(Schedule schedule) {
    this.schedule = schedule;
    return this;
  }

  public TrainConfigBuilder warmupSteps(int warmupSteps) {
    this.warmupSteps = warmupSteps;
    return this;
  }

  public TrainConfigBuilder weightDecay(double weightDecay) {
    this.weightDecay = weightDecay;
    return this;
  }

  public TrainConfigBuilder beta1(double beta1) {
    this.beta1 = beta1;
    return this;
  }

  public TrainConfigBuilder beta2(double beta2) {
    this.beta2 = beta2;
    return this;
  }

  public TrainConfigBuilder epsilon(double epsilon) {
    this.epsilon = epsilon;
    return this;
  }

  public TrainConfigBuilder maxGradNorm(double maxGradNorm) {
    this.maxGradNorm = maxGradNorm;
    return this;
  }

  public TrainConfigBuilder maxLength(int maxLength) {
    this.maxLength = maxLength;
    return this;
  }

  public TrainConfigBuilder shuffle(boolean shuffle) {
    this.shuffle = shuffle;
    return this;
  }

  public TrainConfigBuilder packing(boolean packing) {
    this.packing = packing;
    return this;
  }

  public TrainConfigBuilder groupByLength(boolean groupByLength) {
    this.groupByLength = groupByLength;
    return this;
  }

  public TrainConfigBuilder seed(long seed) {
    this.seed = seed;
    return this;
  }

  public TrainConfigBuilder evalEvery(int evalEvery) {
    this.evalEvery = evalEvery;
    return this;
  }

  public TrainConfigBuilder metrics(String metrics) {
    this.metrics = metrics;
    return this;
  }

  public TrainConfigBuilder headLearningRate(double headLearningRate) {
    this.headLearningRate = headLearningRate;
    return this;
  }

  public TrainConfigBuilder memory(long memory) {
    this.memory = memory;
    return this;
  }

  public TrainConfigBuilder recompute(Recompute recompute) {
    this.recompute = recompute;
    return this;
  }

  /** Changes where the state of training is kept. */
  public TrainConfigBuilder checkpointing(UnaryOperator<Checkpointing> change) {
    checkpointing = change.apply(checkpointing);
    return this;
  }

  public TrainConfigBuilder synchronisation(UnaryOperator<Synchronisation> change) {
    synchronisation = change.apply(synchronisation);
    return this;
  }

  public TrainConfigBuilder extras(UnaryOperator<Extras> change) {
    extras = change.apply(extras);
    return this;
  }

  public TrainConfigBuilder stopping(UnaryOperator<Stopping> change) {
    stopping = change.apply(stopping);
    return this;
  }

  /** The configuration, or an {@link IllegalArgumentException} with every problem, one a line. */
  public TrainConfig build() {
    return TrainConfigChecks.checked(
        new TrainConfig(
            task,
            taskSettings,
            model,
            data,
            format,
            evalData,
            columns,
            reading,
            output,
            method,
            rank,
            alpha,
            targetModules,
            excludeModules,
            layersToTransform,
            rankPattern,
            alphaPattern,
            loraDropout,
            TrainedHead.beside(modulesToSave, task, method, taskSettings),
            initA,
            initAdapter,
            gradientCorrection,
            useRslora,
            workers,
            device,
            dtype,
            baseDtype == null ? BaseDType.of(dtype) : baseDtype,
            batchSize,
            microBatchSize,
            recompute,
            memory,
            epochs,
            maxSteps,
            learningRate == null ? method.usualLearningRate() : learningRate,
            schedule,
            warmupSteps,
            weightDecay,
            beta1,
            beta2,
            epsilon,
            maxGradNorm,
            maxLength,
            shuffle,
            packing,
            groupByLength,
            seed,
            evalEvery,
            metrics,
            headLearningRate,
            checkpointing,
            stopping,
            synchronisation,
            extras));
  }
}
