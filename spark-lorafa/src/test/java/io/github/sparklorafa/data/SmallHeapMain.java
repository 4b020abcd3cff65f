package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;

/**
 * Stores tokens, and reads them all in the order of a packed epoch, in a process with little heap.
 *
 * <p>Prints the bytes of the tokens, the most that the heap may hold, and whether what was read is
 * what was stored.
 */
final class SmallHeapMain {
  private static final int SHARDS = 3;
  private static final int ROWS = 11_000;

  private SmallHeapMain() {}

  /** Arguments: an empty folder. */
  public static void main(String[] args) throws IOException {
    List<ShardSummary> shards = new ArrayList<>();
    long stored = 0;
    for (int shard = 0; shard < SHARDS; shard++) {
      Random random = new Random(shard);
      try (TokenShardWriter writer =
          TokenShardWriter.create(new Configuration(false), args[0], shard, shard)) {
        for (int row = 0; row < ROWS; row++) {
          Example example = Example.of(random.ints(512, 0, 32_000).toArray());
          stored += sum(example.ids());
          writer.append(example);
        }
        shards.add(writer.commit());
      }
    }
    TokenStoreManifest.of(shards).write(new Configuration(false), args[0]);

    TokenStore store = TokenStore.open(Path.of(args[0]));
    TokenSequences packed = TokenSequences.packed(store, 1024);
    BatchOrder order = BatchOrder.forEpochs(packed.count(), 64, 1, RowOrder.SHUFFLED, 42, 1);
    long read =
        LongStream.range(0, order.steps())
            .flatMap(
                step ->
                    MicroBatches.of(packed, order.rows(step), 8).stream()
                        .mapToLong(batch -> sum(batch.ids())))
            .sum();
    System.out.printf(
        "%d %d %b%n",
        Integer.BYTES * store.tokens(), Runtime.getRuntime().maxMemory(), read == stored);
  }

  private static long sum(int[] ids) {
    long sum = 0;
    for (int id : ids) {
      sum += id;
    }
    return sum;
  }
}
