package io.github.sparklorafa.spark.transport;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Runs of bytes that each worker keeps in its executor's block manager, where the others fetch
 * them.
 *
 * <p>Any thread may use {@link #put}, {@link #own} and {@link #fetch}; {@link #meet} is for the
 * thread that sums.
 */
public interface Blocks {
  /** This worker's number, from 0. */
  int rank();

  /** The number of workers. */
  int size();

  /**
   * Keeps bytes in memory under a name that no worker has used before.
   *
   * @param bytes on the heap; who fetches them later sees what they hold then
   * @throws io.github.sparklorafa.collective.CollectiveException if there is no room for them
   */
  void put(String name, ByteBuffer bytes);

  /** The bytes that this worker keeps, themselves and no copy; empty if they are not there. */
  Optional<ByteBuffer> own(String name);

  /**
   * A copy of what worker {@code owner} keeps, on the heap; of its own bytes, these themselves.
   * Blocks until it has come, at most as long as a sum may take.
   *
   * @throws io.github.sparklorafa.collective.CollectiveException if it does not come, with the name
   *     of the block and of the worker
   */
  ByteBuffer fetch(int owner, String name);

  /**
   * Blocks until all workers have come here.
   *
   * @throws io.github.sparklorafa.collective.CollectiveException if one is lost
   */
  void meet();
}
