package io.github.sparklorafa.train;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.lora.AdapterConfig;
import io.github.sparklorafa.lora.AdapterPatterns;
import io.github.sparklorafa.lora.InitA;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.nn.Recompute;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that decides a training run; one component for each flag of {@code train}.
 *
 * <p>Made by {@link #builder()}, which reports all problems at once. Text that is not given is
 * empty, never null.
 *
 * @param task what the model learns
 * @param taskSettings what single tasks have to be told beyond what all have
 * @param model folder of the base checkpoint
 * @param data path or table of the training data
 * @param format how data and evalData are stored
 * @param evalData path or table of the evaluation data; empty means none
 * @param columns names of the columns of both
 * @param reading how both are read, beside the format
 * @param output folder that the adapter or checkpoint is written to; must not exist
 * @param method what is trainable
 * @param rank rank of the adapters
 * @param alpha scale of the adapters: s = alpha / rank
 * @param targetModules modules that get an adapter
 * @param excludeModules modules that get none all the same
 * @param layersToTransform numbers of the only layers that get adapters; empty means all
 * @param rankPattern ranks of modules, by regular expressions for the ends of their names
 * @param alphaPattern alphas in the same way
 * @param loraDropout share of the numbers of A's input that training leaves out at random
 * @param modulesToSave modules that are trained as a whole
 * @param initA how A is made
 * @param initAdapter folder of an adapter to start from; empty means none
 * @param gradientCorrection what happens to B's gradient
 * @param useRslora scale by alpha / sqrt(rank)
 * @param workers how many executors train
 * @param device where to train
 * @param dtype number format of the frozen weights and activations
 * @param baseDtype how the frozen weights of linear layers are held
 * @param batchSize sequences a step over all workers
 * @param microBatchSize sequences that go through the model at once, or {@link #AUTO}
 * @param recompute what the backward pass computes again so that it need not be kept
 * @param memory bytes that a worker may take outside the Java heap; 0 means as the cluster says
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
 * @param maxLength tokens a sequence is cut to; 0 means as many as is usual for the model
 * @param shuffle whether each epoch has its own order
 * @param packing whether rows are packed into sequences of maxLength tokens, which batches count
 * @param groupByLength whether the sequences of a batch are of like lengths
 * @param seed seed of A, of the order, of dropout and of masking
 * @param evalEvery steps between evaluations; 0 means at the end only
 * @param metrics file for one JSON line a step; empty means none
 * @param headLearningRate peak learning rate of modules to save; 0 means learningRate
 * @param checkpointing where the state of training is kept
 * @param stopping which step's values are the result
 * @param synchronisation how workers keep in step
 * @param extras what other jars bring
 */
public record TrainConfig(
    Task task,
    TaskSettings taskSettings,
    String model,
    String data,
    DataFormat format,
    String evalData,
    Columns columns,
    Reading reading,
    String output,
    Method method,
    int rank,
    double alpha,
    List<String> targetModules,
    List<String> excludeModules,
    List<Integer> layersToTransform,
    Map<String, Integer> rankPattern,
    Map<String, Double> alphaPattern,
    double loraDropout,
    List<String> modulesToSave,
    InitA initA,
    String initAdapter,
    GradientCorrectionMode gradientCorrection,
    boolean useRslora,
    int workers,
    DeviceChoice device,
    DType dtype,
    BaseDType baseDtype,
    int batchSize,
    int microBatchSize,
    Recompute recompute,
    long memory,
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
    boolean packing,
    boolean groupByLength,
    long seed,
    int evalEvery,
    String metrics,
    double headLearningRate,
    Checkpointing checkpointing,
    Stopping stopping,
    Synchronisation synchronisation,
    Extras extras)
    implements Serializable {
  /** As many sequences at once as fit into memory. */
  public static final int AUTO = 0;

  /** Copies lists and maps, in their order; the checks are the builder's. */
  public TrainConfig {
    targetModules = List.copyOf(targetModules);
    excludeModules = List.copyOf(excludeModules);
    layersToTransform = List.copyOf(layersToTransform);
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    modulesToSave = List.copyOf(modulesToSave);
  }

  /** Starts from the defaults. */
  public static TrainConfigBuilder builder() {
    return new TrainConfigBuilder();
  }

  /** What the model is asked to learn; without a number of labels, as many as its head has. */
  public Objective objective() {
    return switch (task) {
      case CAUSAL_LM -> new Objective.CausalLm();
      case MASKED_LM -> new Objective.MaskedLm();
      case SEQUENCE_CLASSIFICATION ->
          new Objective.Classification(taskSettings.numLabels(), taskSettings.problemType().kind());
      case SEQ2SEQ -> new Objective.Seq2Seq();
    };
  }

  /** The same for a model: cut to its usual length, where no other was asked for. */
  public TrainConfig fittedTo(ModelConfig shape) {
    return maxLength == 0 ? with(method, shape.usualLength(), microBatchSize, recompute) : this;
  }

  /** The same with that many sequences at once. */
  public TrainConfig withMicroBatchSize(int sequences) {
    return with(method, maxLength, sequences, recompute);
  }

  /** The same run in another way, to be compared with it; nothing is checked. */
  public TrainConfig comparedWith(Method otherMethod, Recompute otherRecompute) {
    return with(otherMethod, maxLength, microBatchSize, otherRecompute);
  }

  private TrainConfig with(Method how, int tokens, int sequences, Recompute again) {
    return new TrainConfig(
        task,
        taskSettings,
        model,
        data,
        format,
        evalData,
        columns,
        reading,
        output,
        how,
        rank,
        alpha,
        targetModules,
        excludeModules,
        layersToTransform,
        rankPattern,
        alphaPattern,
        loraDropout,
        modulesToSave,
        initA,
        initAdapter,
        gradientCorrection,
        useRslora,
        workers,
        device,
        dtype,
        baseDtype,
        batchSize,
        sequences,
        again,
        memory,
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
        tokens,
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
        extras);
  }

  /**
   * The part that says where adapters go and how they are scaled.
   *
   * @throws IllegalArgumentException if a regular expression cannot be read
   */
  public AdapterConfig adapter() {
    AdapterPatterns patterns =
        new AdapterPatterns(
            rankPattern, alphaPattern, layersToTransform, List.of(), excludeModules);
    return new AdapterConfig(
        rank, alpha, targetModules, modulesToSave, useRslora, patterns, loraDropout);
  }
}
