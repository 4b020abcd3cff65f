/**
 * From rows of a dataset to ragged micro-batches of token ids; knows neither Spark nor libtorch.
 *
 * <ol>
 *   <li>{@link io.github.sparklorafa.data.RowShape} says which columns a dataset is read by.
 *   <li>{@link io.github.sparklorafa.data.Examples} makes an {@link
 *       io.github.sparklorafa.data.Example} of each row, with the checkpoint's {@link
 *       io.github.sparklorafa.data.TextTokenizer}; {@link io.github.sparklorafa.data.RowTally}
 *       counts the rows that are skipped and refuses those that are wrong.
 *   <li>{@link io.github.sparklorafa.data.TokenShardWriter} stores the examples once, durably, and
 *       {@link io.github.sparklorafa.data.TokenStoreManifest} makes one {@link
 *       io.github.sparklorafa.data.TokenStore} of all shards, with a checksum of the data.
 *   <li>{@link io.github.sparklorafa.data.BatchOrder} is the pure function that says which rows a
 *       worker trains on in a step; {@link io.github.sparklorafa.data.MicroBatches} and {@link
 *       io.github.sparklorafa.data.BatchPrefetcher} turn them into {@link
 *       io.github.sparklorafa.data.TokenBatch}es.
 * </ol>
 *
 * <pre>{@code
 * try (TextTokenizer tokenizer = TextTokenizer.open(modelFolder)) {
 *   Examples examples = Examples.limitedTo(maxLength, vocabSize);
 *   RowTally tally = new RowTally();
 *   for (long row = 0; row < texts.size(); row++) {
 *     Optional<Example> example = tally.take(row, examples.fromText(tokenizer, texts.get(row)));
 *     if (example.isPresent()) {
 *       writer.append(example.get());
 *     }
 *   }
 * }
 *
 * BatchOrder order = BatchOrder.forSteps(store.rows(), 16, worldSize, RowOrder.SHUFFLED, 42, 100);
 * for (long step = 0; step < order.steps(); step++) {
 *   for (TokenBatch batch : MicroBatches.of(store, order.rows(step, rank), 4)) {
 *     ...
 *   }
 * }
 * }</pre>
 */
package io.github.sparklorafa.data;
