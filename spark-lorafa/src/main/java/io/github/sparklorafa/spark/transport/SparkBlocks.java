package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Meeting;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.shuffle.BlockFetchingListener;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.storage.TestBlockId;
import org.apache.spark.util.io.ChunkedByteBuffer;
import scala.Option;
import scala.reflect.ClassTag$;

/**
 * {@link Blocks} in Spark's own block managers. A block is fetched from the executor that put it:
 * the driver, whom the block manager would ask where blocks are, has no part in a sum.
 */
final class SparkBlocks implements Blocks {
  private final BlockManager manager;
  private final List<BlockPlace> places;
  private final List<String> names;
  private final int rank;
  private final String prefix;
  private final Meeting meeting;
  private final Duration timeout;
  private final Set<BlockId> put = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<ByteBuffer>> awaited = ConcurrentHashMap.newKeySet();
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong fetched = new AtomicLong();
  private volatile boolean aborted;

  /**
   * @param places of all workers, in rank order
   * @param names of them, for messages
   * @param run a word that no other run, nor another attempt of this one, has
   * @param timeout for a block to come
   */
  SparkBlocks(
      BlockManager manager,
      List<BlockPlace> places,
      List<String> names,
      int rank,
      String run,
      Meeting meeting,
      Duration timeout) {
    this.manager = manager;
    this.places = List.copyOf(places);
    this.names = List.copyOf(names);
    this.rank = rank;
    this.prefix = "spark-lorafa-" + run + "-";
    this.meeting = meeting;
    this.timeout = timeout;
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return places.size();
  }

  /** Fetches from other workers, and the bytes that came. */
  long messages() {
    return messages.get();
  }

  long fetchedBytes() {
    return fetched.get();
  }

  /** The block manager has no kind of its own for others; this one means nothing to Spark. */
  private BlockId id(String name) {
    return new TestBlockId(prefix + name);
  }

  @Override
  public void put(String name, ByteBuffer bytes) {
    BlockId id = id(name);
    put.add(id);
    boolean kept =
        manager.putBytes(
            id,
            new ChunkedByteBuffer(bytes),
            StorageLevel.MEMORY_ONLY_SER(),
            false,
            ClassTag$.MODULE$.Any());
    if (!kept) {
      throw new CollectiveException(
          "Cannot keep block %s of %d bytes: executor %s has no storage memory left for it (raise spark.executor.memory, or unpersist what is cached)"
              .formatted(id, bytes.remaining(), manager.blockManagerId().executorId()));
    }
  }

  @Override
  public Optional<ByteBuffer> own(String name) {
    BlockId id = id(name);
    Option<BlockData> data = manager.getLocalBytes(id);
    if (data.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(data.get().toByteBuffer());
    } finally {
      manager.releaseLock(id, Option.empty());
    }
  }

  @Override
  public ByteBuffer fetch(int owner, String name) {
    BlockPlace place = places.get(owner);
    if (place.equals(BlockPlace.of(manager.blockManagerId()))) {
      return own(name).orElseThrow(() -> missing(owner, name, "it is not there any more", null));
    }
    CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
    awaited.add(answer);
    try {
      if (aborted) {
        throw missing(owner, name, "the sum was stopped", null);
      }
      String[] ids = {id(name).name()};
      manager
          .blockTransferService()
          .fetchBlocks(place.host(), place.port(), place.executor(), ids, new Answer(answer), null);
      ByteBuffer bytes = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      messages.incrementAndGet();
      fetched.addAndGet(bytes.remaining());
      return bytes;
    } catch (ExecutionException e) {
      throw missing(owner, name, firstLine(e.getCause()), e.getCause());
    } catch (CancellationException e) {
      throw missing(owner, name, "the sum was stopped", e);
    } catch (TimeoutException e) {
      throw missing(owner, name, "nothing came for " + timeout.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw missing(owner, name, "the waiting thread was interrupted", e);
    } finally {
      awaited.remove(answer);
    }
  }

  private CollectiveException missing(int owner, String name, String why, Throwable cause) {
    return new CollectiveException(
        "Cannot sum over workers: rank %d did not get block %s from %s: %s (blocks are evicted where executors cache much: raise spark.executor.memory; see the log of that executor)"
            .formatted(rank, id(name), names.get(owner), why),
        cause);
  }

  private static String firstLine(Throwable cause) {
    return Texts.of(cause).lines().findFirst().orElse("");
  }

  @Override
  public void meet() {
    meeting.hold();
  }

  /** Ends what is awaited, on any thread. */
  void abort() {
    aborted = true;
    awaited.forEach(answer -> answer.cancel(false));
  }

  /** Removes this worker's blocks from its executor. */
  void removeAll() {
    for (BlockId id : put) {
      manager.removeBlock(id, false);
    }
    put.clear();
    meeting.close();
  }

  /** Copies a block as it comes. */
  private record Answer(CompletableFuture<ByteBuffer> bytes) implements BlockFetchingListener {
    @Override
    public void onBlockFetchSuccess(String block, ManagedBuffer data) {
      try {
        ByteBuffer view = data.nioByteBuffer();
        ByteBuffer copy = ByteBuffer.allocate(view.remaining());
        bytes.complete(copy.put(view).flip());
      } catch (Exception | OutOfMemoryError e) { // nioByteBuffer says IOException
        bytes.completeExceptionally(e);
      }
    }

    @Override
    public void onBlockFetchFailure(String block, Throwable cause) {
      bytes.completeExceptionally(cause);
    }
  }
}
