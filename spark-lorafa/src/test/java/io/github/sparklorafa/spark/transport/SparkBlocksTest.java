package io.github.sparklorafa.spark.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.collective.Meeting;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.BlockManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blocks in the block manager of this process, fetched over the network from itself. */
@Tag("spark")
class SparkBlocksTest {
  private static final List<String> NAMES = List.of("rank 0 here", "rank 1 there");

  private static SparkSession spark;
  private static BlockManager manager;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.shuffle.io.maxRetries", "0")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    manager = SparkEnv.get().blockManager();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  /** Of rank 0, whose peer is another executor by its name. */
  private static SparkBlocks blocks(String run, BlockPlace peer) {
    Communicator alone = LocalCommunicator.group(1).get(0);
    List<BlockPlace> places = List.of(BlockPlace.of(manager.blockManagerId()), peer);
    return new SparkBlocks(
        manager, places, NAMES, 0, run, new Meeting(alone), Duration.ofSeconds(20));
  }

  private static BlockPlace over(int port) {
    return new BlockPlace("7", manager.blockManagerId().host(), port);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length);
    for (int value : values) {
      bytes.put((byte) value);
    }
    return bytes.flip();
  }

  @Test
  void fetchesOverTheNetworkWhatTheOwnerHasWrittenLast() {
    SparkBlocks blocks = blocks("written", over(manager.blockManagerId().port()));
    blocks.put("numbers", bytes(1, 2, 3));

    assertThat(blocks.fetch(1, "numbers")).isEqualTo(bytes(1, 2, 3));
    blocks.own("numbers").orElseThrow().put(0, (byte) 9);
    assertThat(blocks.fetch(1, "numbers")).isEqualTo(bytes(9, 2, 3));
    assertThat(blocks.fetch(0, "numbers")).isEqualTo(bytes(9, 2, 3));
    assertThat(blocks.messages()).isEqualTo(2);
    assertThat(blocks.fetchedBytes()).isEqualTo(6);

    blocks.removeAll();
    assertThat(blocks.own("numbers")).isEmpty();
  }

  @Test
  void namesABlockThatIsNotThereAndItsWorker() {
    SparkBlocks blocks = blocks("missing", over(manager.blockManagerId().port()));

    assertThatThrownBy(() -> blocks.fetch(1, "numbers"))
        .isInstanceOf(CollectiveException.class)
        .hasMessageStartingWith(
            "Cannot sum over workers: rank 0 did not get block test_spark-lorafa-missing-numbers"
                + " from rank 1 there: ");
    assertThatThrownBy(() -> blocks.fetch(0, "numbers"))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("from rank 0 here: it is not there any more");
    blocks.removeAll();
  }

  @Test
  void namesAWorkerThatIsNotThere() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    SparkBlocks blocks = blocks("gone", over(free));

    assertThatThrownBy(() -> blocks.fetch(1, "numbers"))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("from rank 1 there: ");
    blocks.removeAll();
  }

  @Test
  void fetchesNothingOnceItIsStopped() {
    SparkBlocks blocks = blocks("stopped", over(manager.blockManagerId().port()));
    blocks.put("numbers", bytes(1));
    blocks.abort();

    assertThatThrownBy(() -> blocks.fetch(1, "numbers"))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("the sum was stopped");
    blocks.removeAll();
  }

  @Test
  void saysThatThereIsNoRoom() {
    SparkBlocks blocks = blocks("full", over(manager.blockManagerId().port()));
    ByteBuffer large = ByteBuffer.allocate(1 << 29);

    assertThatThrownBy(
            () -> {
              blocks.put("one", large);
              blocks.put("two", large.duplicate());
              blocks.put("three", large.duplicate());
            })
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("of 536870912 bytes")
        .hasMessageContaining("no storage memory left");
    blocks.removeAll();
  }
}
