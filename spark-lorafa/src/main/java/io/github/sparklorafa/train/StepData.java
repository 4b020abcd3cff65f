package io.github.sparklorafa.train;

import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.RowOrder;
import io.github.sparklorafa.data.RowView;
import io.github.sparklorafa.data.TokenMasking;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.data.TokenStore;
import java.nio.file.Path;

/** What each step trains on, as the configuration says: the same for every worker. */
final class StepData {
  /** Of all evaluations of all runs, so that their losses can be compared. */
  private static final long EVALUATION_SEED = 0;

  private StepData() {}

  /** The rows as they are trained on. */
  static RowView view(TrainConfig config, Path modelFolder) {
    return view(config, modelFolder, config.seed());
  }

  /** The rows as they are evaluated on, the same whatever the run's seed. */
  static RowView evaluationView(TrainConfig config, Path modelFolder) {
    return view(config, modelFolder, EVALUATION_SEED);
  }

  private static RowView view(TrainConfig config, Path modelFolder, long seed) {
    return config.task() == Task.MASKED_LM
        ? TokenMasking.open(modelFolder, config.taskSettings().mlmProbability(), seed)
        : RowView.PLAIN;
  }

  /** What a batch counts: rows, or packed ones. */
  static TokenSequences sequences(TrainConfig config, TokenStore rows) {
    return config.packing()
        ? TokenSequences.packed(rows, config.maxLength())
        : TokenSequences.rows(rows);
  }

  /** Which sequences each worker trains on in each step. */
  static BatchOrder order(TrainConfig config, TokenSequences sequences, int workers) {
    RowOrder order = config.shuffle() ? RowOrder.SHUFFLED : RowOrder.SEQUENTIAL;
    BatchOrder plain =
        config.maxSteps() > 0
            ? BatchOrder.forSteps(
                sequences.count(),
                config.batchSize(),
                workers,
                order,
                config.seed(),
                config.maxSteps())
            : BatchOrder.forEpochs(
                sequences.count(),
                config.batchSize(),
                workers,
                order,
                config.seed(),
                config.epochs());
    return config.groupByLength() ? plain.groupedByLength(sequences::tokens) : plain;
  }
}
