package io.github.sparklorafa.bigdl.seam;

import java.nio.ByteBuffer;
import java.util.Optional;

/** The blocks of one {@code AllReduceParameter}, by what stands behind its id in their names. */
public interface BlockStore {
  /** Keeps bytes under a new name. */
  void put(String name, ByteBuffer bytes);

  /** Bytes that this worker has put, themselves. */
  Optional<ByteBuffer> own(String name);

  /** Bytes of whichever worker has put them. */
  ByteBuffer fetch(String name);

  /** Keeps an object of this worker's. */
  void keep(String name, Object value);

  /** The object that was kept; empty if there is none. */
  Optional<Object> kept(String name);
}
