package io.github.sparklorafa.train;

import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.RowOrder;
import io.github.sparklorafa.data.TokenSequences;
import io.github.sparklorafa.data.TokenStore;

/** What each step trains on, as the configuration says: the same for every worker. */
final class StepData {
  private StepData() {}

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
