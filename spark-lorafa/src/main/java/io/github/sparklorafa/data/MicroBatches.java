package io.github.sparklorafa.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Cuts the sequences that a worker trains on in a step into micro-batches. */
public final class MicroBatches {

  private MicroBatches() {}

  /**
   * Reads rows and joins them to micro-batches, in order; the last one may be smaller.
   *
   * @param rows indexes of the rows; without any there is no micro-batch
   * @param microBatchSize sequences of one micro-batch; 0 for all in one
   */
  public static List<TokenBatch> of(TokenStore store, long[] rows, int microBatchSize) {
    return of(TokenSequences.rows(store), rows, microBatchSize);
  }

  /**
   * Reads sequences and joins their documents to micro-batches, in order; the last one may be
   * smaller.
   *
   * @param chosen indexes of the sequences; without any there is no micro-batch
   * @param microBatchSize sequences of one micro-batch; 0 for all in one
   */
  public static List<TokenBatch> of(TokenSequences sequences, long[] chosen, int microBatchSize) {
    return of(sequences, chosen, microBatchSize, RowView.PLAIN, 0);
  }

  /**
   * The same with the documents as {@code view} shows them in a step.
   *
   * @param step from 0
   */
  public static List<TokenBatch> of(
      TokenSequences sequences, long[] chosen, int microBatchSize, RowView view, long step) {
    if (microBatchSize < 0) {
      throw new IllegalArgumentException(
          "Cannot cut micro-batches: size %d (a positive number of sequences, or 0 for all in one)"
              .formatted(microBatchSize));
    }
    int size = microBatchSize == 0 ? Math.max(1, chosen.length) : microBatchSize;
    List<TokenBatch> batches = new ArrayList<>();
    for (int from = 0; from < chosen.length; from += Math.min(size, chosen.length - from)) {
      List<Example> examples = new ArrayList<>();
      LongStream.Builder documents = LongStream.builder();
      for (int i = from; i - from < size && i < chosen.length; i++) {
        List<Example> packed = sequences.documents(chosen[i]);
        for (int document = 0; document < packed.size(); document++) {
          long number = Mix64.mix(chosen[i]) + document;
          examples.add(view.of(packed.get(document), number, step));
          documents.add(number);
        }
      }
      batches.add(TokenBatch.of(examples, documents.build().toArray()));
    }
    return batches;
  }
}
