package io.github.sparklorafa.train;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.RowOrder;
import io.github.sparklorafa.data.RowView;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.infer.AnswerScores;
import io.github.sparklorafa.infer.ClassScores;
import io.github.sparklorafa.infer.ModelInput;
import io.github.sparklorafa.model.Classifier;
import io.github.sparklorafa.model.Model;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The mean loss, and other metrics, over all rows of a data set, dealt out to the workers. */
final class Evaluation {
  private final TokenStore data;
  private final Communicator communicator;
  private final int microBatchSize;
  private final BatchOrder order;
  private final RowView view;
  private final Task task;
  private final Optional<AnswerEvaluation> answers;

  /** Of {@code data}, with a run's settings and model. */
  Evaluation(TokenStore data, TrainInputs inputs, Communicator communicator) {
    TrainConfig config = inputs.config();
    this.data = data;
    this.communicator = communicator;
    this.microBatchSize = config.microBatchSize();
    this.view = StepData.evaluationView(config, inputs.modelFolder());
    this.task = config.task();
    this.answers =
        config.stopping().metric().needsAnswers()
            ? Optional.of(new AnswerEvaluation(data, inputs))
            : Optional.empty();
    this.order =
        BatchOrder.forEpochs(
            data.rows(), config.batchSize(), communicator.size(), RowOrder.SEQUENTIAL, 0, 1);
  }

  /** Blocks until all workers are through with their share. */
  Evaluated run(Model model, ModelConfig shape) {
    Optional<ClassScores> classes = classes(model, shape);
    double loss = meanLoss(model, classes);
    Map<String, Double> scores = new LinkedHashMap<>();
    classes.ifPresent(
        own ->
            scores.putAll(
                ClassScores.values(CountSums.overAllWorkers(own.numbers(), communicator))));
    if (MetricForBest.PERPLEXITY.fits(task)) {
      scores.put(MetricForBest.PERPLEXITY.text(), Math.exp(loss));
    }
    answers.ifPresent(
        own -> {
          long[] numbers = own.numbers(model, shape, ownRows());
          scores.putAll(AnswerScores.values(CountSums.overAllWorkers(numbers, communicator)));
        });
    return new Evaluated(loss, scores);
  }

  private static Optional<ClassScores> classes(Model model, ModelConfig shape) {
    return model instanceof Classifier classifier && ClassScores.hasClasses(shape.objective())
        ? Optional.of(new ClassScores(classifier, (Objective.Classification) shape.objective()))
        : Optional.empty();
  }

  private LongStream ownRows() {
    return LongStream.range(0, order.steps())
        .flatMap(step -> LongStream.of(order.rows(step, communicator.rank())));
  }

  private double meanLoss(Model model, Optional<ClassScores> classes) {
    double sum = 0;
    long terms = 0;
    for (long step = 0; step < order.steps(); step++) {
      for (TokenBatch batch : batches(step)) {
        Model.LossSum loss = model.evaluate(ModelInput.of(batch));
        sum += loss.sum();
        terms += loss.terms();
        classes.ifPresent(scores -> scores.add(batch));
      }
    }
    return overAllWorkers(sum, terms);
  }

  /** The same rows in the same form each time: only which worker has them may change. */
  private List<TokenBatch> batches(long step) {
    long[] rows = order.rows(step, communicator.rank());
    return MicroBatches.of(TokenSequences.rows(data), rows, microBatchSize, view, 0);
  }

  private double overAllWorkers(double sum, long terms) {
    try (Scope scope = new Scope()) {
      Tensor both = torch.empty(new long[] {2}, new TensorOptions(ScalarType.Float), null);
      both.copy_(Tensor.create((float) sum, (float) terms));
      communicator.sum(new NativeFloats(both.data_ptr().address(), 2));
      return both.select(0, 0).item_float() / both.select(0, 1).item_float();
    }
  }
}
