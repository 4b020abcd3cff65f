package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;
import java.util.List;

/**
 * Everything that decides a training run; one component for each flag of {@code train}.
 *
 * <p>Made by {@link #builder()}, which reports all problems at once. Text that is not given is
 * empty, never null.
 *
 * @param task what the model learns
 * @param model folder of the base checkpoint
 * @param data path or table of the training data
 * @param format how data and evalData are stored
 * @param evalData path or table of the evaluation data; empty means none
 * @param output folder that the adapter or checkpoint is written to; must not exist
 * @param method what is trainable
 * @param rank rank of the adapters
 * @param alpha scale of the adapters: s = alpha / rank
 * @param targetModules modules that get an adapter
 * @param modulesToSave modules that are trained as a whole
 * @param initA how A is made
 * @param initAdapter folder of an adapter to start from; empty means none
 * @param gradientCorrection what happens to B's gradient
 * @param useRslora scale by alpha / sqrt(rank)
 * @param workers how many executors train
 * @param device where to train
 * @param dtype number format of the frozen weights and activations
 * @param batchSize sequences a step over all workers
 * @param microBatchSize sequences that a worker takes through the model at once
 * @param epochs passes over the data; ignored where maxSteps is positive
 * @param maxSteps optimizer steps; 0 means by epochs
 * @param learningRate peak learning rate
 * @param schedule how the learning rate runs
 * @param warmupSteps steps over which the learning rate rises
 * @param weightDecay decoupled weight decay
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param maxGradNorm global norm to clip at; 0 is off
 * @param maxLength tokens a sequence is cut to
 * @param shuffle whether each epoch has its own order
 * @param seed seed of A and of the order
 * @param evalEvery steps between evaluations; 0 means at the end only
 * @param metrics file for one JSON line a step; empty means none
 */
public record TrainConfig(
    Task task,
    String model,
    String data,
    DataFormat format,
    String evalData,
    String output,
    Method method,
    int rank,
    double alpha,
    List<String> targetModules,
    List<String> modulesToSave,
    InitA initA,
    String initAdapter,
    GradientCorrectionMode gradientCorrection,
    boolean useRslora,
    int workers,
    DeviceChoice device,
    DType dtype,
    int batchSize,
    int microBatchSize,
    double epochs,
    int maxSteps,
    double learningRate,
    Schedule schedule,
    int warmupSteps,
    double weightDecay,
    double beta1,
    double beta2,
    double epsilon,
    double maxGradNorm,
    int maxLength,
    boolean shuffle,
    long seed,
    int evalEvery,
    String metrics)
    implements Serializable {

  /** Copies the lists; the checks are the builder's. */
  public TrainConfig {
    targetModules = List.copyOf(targetModules);
    modulesToSave = List.copyOf(modulesToSave);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The part that says where adapters go and how they are scaled. */
  public AdapterConfig adapter() {
    return new AdapterConfig(rank, alpha, targetModules, modulesToSave, useRslora);
  }

  /** Starts from the defaults; {@link #build()} checks all fields together. */
  public static final class Builder {
    private Task task = Task.CAUSAL_LM;
    private String model = "";
    private String data = "";
    private DataFormat format = DataFormat.PARQUET;
    private String evalData = "";
    private String output = "";
    private Method method = Method.LORA_FA;
    private int rank = 16;
    private double alpha = 32;
    private List<String> targetModules = List.of("all-linear");
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
    private double epochs = 1;
    private int maxSteps = 0;
    private double learningRate = 5e-4;
    private Schedule schedule = Schedule.LINEAR;
    private int warmupSteps = 0;
    private double weightDecay = 0;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private double maxGradNorm = 1.0;
    private int maxLength = 512;
    private boolean shuffle = true;
    private long seed = 42;
    private int evalEvery = 0;
    private String metrics = "";

    private Builder() {}

    public Builder task(Task task) {
      this.task = task;
      return this;
    }

    public Builder model(String model) {
      this.model = model;
      return this;
    }

    public Builder data(String data) {
      this.data = data;
      return this;
    }

    public Builder format(DataFormat format) {
      this.format = format;
      return this;
    }

    public Builder evalData(String evalData) {
      this.evalData = evalData;
      return this;
    }

    public Builder output(String output) {
      this.output = output;
      return this;
    }

    public Builder method(Method method) {
      this.method = method;
      return this;
    }

    public Builder rank(int rank) {
      this.rank = rank;
      return this;
    }

    public Builder alpha(double alpha) {
      this.alpha = alpha;
      return this;
    }

    public Builder targetModules(List<String> targetModules) {
      this.targetModules = targetModules;
      return this;
    }

    public Builder modulesToSave(List<String> modulesToSave) {
      this.modulesToSave = modulesToSave;
      return this;
    }

    public Builder initA(InitA initA) {
      this.initA = initA;
      return this;
    }

    public Builder initAdapter(String initAdapter) {
      this.initAdapter = initAdapter;
      return this;
    }

    public Builder gradientCorrection(GradientCorrectionMode gradientCorrection) {
      this.gradientCorrection = gradientCorrection;
      return this;
    }

    public Builder useRslora(boolean useRslora) {
      this.useRslora = useRslora;
      return this;
    }

    public Builder workers(int workers) {
      this.workers = workers;
      return this;
    }

    public Builder device(DeviceChoice device) {
      this.device = device;
      return this;
    }

    public Builder dtype(DType dtype) {
      this.dtype = dtype;
      return this;
    }

    public Builder batchSize(int batchSize) {
      this.batchSize = batchSize;
      return this;
    }

    public Builder microBatchSize(int microBatchSize) {
      this.microBatchSize = microBatchSize;
      return this;
    }

    public Builder epochs(double epochs) {
      this.epochs = epochs;
      return this;
    }

    public Builder maxSteps(int maxSteps) {
      this.maxSteps = maxSteps;
      return this;
    }

    public Builder learningRate(double learningRate) {
      this.learningRate = learningRate;
      return this;
    }

    public Builder schedule(Schedule schedule) {
      this.schedule = schedule;
      return this;
    }

    public Builder warmupSteps(int warmupSteps) {
      this.warmupSteps = warmupSteps;
      return this;
    }

    public Builder weightDecay(double weightDecay) {
      this.weightDecay = weightDecay;
      return this;
    }

    public Builder beta1(double beta1) {
      this.beta1 = beta1;
      return this;
    }

    public Builder beta2(double beta2) {
      this.beta2 = beta2;
      return this;
    }

    public Builder epsilon(double epsilon) {
      this.epsilon = epsilon;
      return this;
    }

    public Builder maxGradNorm(double maxGradNorm) {
      this.maxGradNorm = maxGradNorm;
      return this;
    }

    public Builder maxLength(int maxLength) {
      this.maxLength = maxLength;
      return this;
    }

    public Builder shuffle(boolean shuffle) {
      this.shuffle = shuffle;
      return this;
    }

    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    public Builder evalEvery(int evalEvery) {
      this.evalEvery = evalEvery;
      return this;
    }

    public Builder metrics(String metrics) {
      this.metrics = metrics;
      return this;
    }

    /**
     * The configuration, if nothing is wrong with it.
     *
     * @throws IllegalArgumentException with every problem, one a line
     */
    public TrainConfig build() {
      TrainConfig config =
          new TrainConfig(
              task,
              model,
              data,
              format,
              evalData,
              output,
              method,
              rank,
              alpha,
              targetModules,
              modulesToSave,
              initA,
              initAdapter,
              gradientCorrection,
              useRslora,
              workers,
              device,
              dtype,
              batchSize,
              microBatchSize,
              epochs,
              maxSteps,
              learningRate,
              schedule,
              warmupSteps,
              weightDecay,
              beta1,
              beta2,
              epsilon,
              maxGradNorm,
              maxLength,
              shuffle,
              seed,
              evalEvery,
              metrics);
      TrainConfigChecks.problems(config).throwIfAny();
      return config;
    }
  }
}
