package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.Endpoint;
import io.github.sparklorafa.collective.Meeting;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManager;

/**
 * A worker whose gradients will lie in its executor's block manager. It listens as a {@link
 * SparkEndpoint} too, which carries few numbers and on which the workers wait for each other.
 */
public final class BlockEndpoint implements Endpoint {
  private static final String SEPARATOR = ";";
  private static final int WORD_BYTES = 8;

  private final SparkEndpoint control;
  private final BlockSum.Provider provider;
  private final BlockManager manager;
  private final int rank;
  private final Duration timeout;
  private final String word;

  private BlockEndpoint(
      SparkEndpoint control,
      BlockSum.Provider provider,
      BlockManager manager,
      int rank,
      Duration timeout) {
    this.control = control;
    this.provider = provider;
    this.manager = manager;
    this.rank = rank;
    this.timeout = timeout;
    byte[] random = new byte[WORD_BYTES];
    new SecureRandom().nextBytes(random);
    this.word = HexFormat.of().formatHex(random);
  }

  /**
   * Starts to listen with the settings and secrets of the executor; blocks for no one.
   *
   * @param address of this machine, as the other workers reach it
   * @param timeout that a worker waits for another in a sum
   * @throws io.github.sparklorafa.collective.CollectiveException if nobody can listen on that
   *     address
   */
  public static BlockEndpoint open(
      BlockSum.Provider provider, String address, int rank, int size, Duration timeout) {
    BlockManager manager = SparkEnv.get().blockManager();
    SparkEndpoint control = SparkEndpoint.open(address, rank, size, timeout);
    return new BlockEndpoint(control, provider, manager, rank, timeout);
  }

  @Override
  public String offer() {
    return String.join(
        SEPARATOR, control.offer(), word, BlockPlace.of(manager.blockManagerId()).text());
  }

  @Override
  public Communicator connect(List<String> offers, List<String> names) {
    List<String[]> parts = offers.stream().map(offer -> offer.split(SEPARATOR, 3)).toList();
    Communicator connected = control.connect(parts.stream().map(part -> part[0]).toList(), names);
    SparkBlocks blocks =
        new SparkBlocks(
            manager,
            parts.stream().map(part -> BlockPlace.of(part[2])).toList(),
            names,
            rank,
            parts.get(0)[1],
            new Meeting(connected),
            timeout);
    return new BlockCommunicator(connected, blocks, provider.open(blocks));
  }

  @Override
  public void close() {
    control.close();
  }
}
