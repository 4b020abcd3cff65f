package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.tensor.NativeFloats;
import java.util.Optional;
import java.util.ServiceLoader;

/** A way to sum buffers over {@link Blocks}. One thread at a time uses it. */
public interface BlockSum extends AutoCloseable {
  /** How the numbers travel, and how they are added up. */
  enum Numbers {
    /** In fp32, in the order of the ranks: the bits of every other transport. */
    EXACT,
    /** In half the bytes, and in what loses the implementation documents. */
    HALF
  }

  /**
   * Finds a way by its name; {@link java.util.ServiceLoader} knows those whose jars are on the
   * class path.
   */
  interface Provider {
    /** Whose all-reduce it is. */
    String name();

    /** The one of that name, if its jar is there. */
    static Optional<Provider> find(String name) {
      return ServiceLoader.load(Provider.class).stream()
          .map(ServiceLoader.Provider::get)
          .filter(provider -> provider.name().equals(name))
          .findFirst();
    }

    /** The sum of one worker over its blocks, which the caller removes in the end. */
    BlockSum open(Blocks blocks);
  }

  /**
   * Replaces the buffer by the sum of all workers' buffers, with the same bits everywhere. Returns
   * only when nobody needs this worker's blocks for it any more.
   *
   * @param buffer of equal length on all workers, at least as many numbers as there are workers
   * @throws RuntimeException if a worker or a block is lost; this is then of no more use
   */
  void sum(NativeFloats buffer, Numbers numbers);

  /** Forgets what it holds besides the blocks. Doesn't throw. */
  @Override
  void close();
}
