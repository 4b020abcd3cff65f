package io.github.sparklorafa.bigdl.seam;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import scala.Option;

/**
 * Leads BigDL to the blocks of the run that it works for: the number with which a block's name
 * begins is that of an {@code AllReduceParameter}, and each of a process has its own.
 */
public final class BlockManagerWrapper$ {
  public static final BlockManagerWrapper$ MODULE$ = new BlockManagerWrapper$();

  private final Map<Long, BlockStore> stores = new ConcurrentHashMap<>();
  private final AtomicLong nextId = new AtomicLong();

  private BlockManagerWrapper$() {}

  /** A new id, whose blocks are those of {@code store} until {@link #close}. */
  public long open(BlockStore store) {
    long id = nextId.getAndIncrement();
    stores.put(id, store);
    return id;
  }

  /** Forgets an id. */
  public void close(long id) {
    stores.remove(id);
  }

  public void putBytes(BlockId id, ByteBuffer bytes, StorageLevel level) {
    store(id).put(rest(id), bytes);
  }

  public Option<BlockResult> getLocal(BlockId id) {
    return option(store(id).kept(rest(id)).map(BlockResult::new));
  }

  public void putSingle(BlockId id, Object value, StorageLevel level, boolean tellMaster) {
    store(id).keep(rest(id), value);
  }

  /** BigDL removes before it puts; here nothing is put twice. */
  public void removeBlock(BlockId id) {}

  public Option<ByteBuffer> getLocalBytes(BlockId id) {
    return option(store(id).own(rest(id)));
  }

  public Option<ByteBuffer> getLocalOrRemoteBytes(BlockId id) {
    return Option.apply(store(id).fetch(rest(id)));
  }

  /** Locks are given back when bytes are handed out. */
  public void unlock(BlockId id) {}

  private static <T> Option<T> option(Optional<T> value) {
    return Option.apply(value.orElse(null));
  }

  private BlockStore store(BlockId id) {
    BlockStore store = stores.get(Long.parseLong(id.name().substring(0, digits(id))));
    if (store == null) {
      throw new IllegalStateException(
          "Cannot use block " + id.name() + ": its run has ended (report this)");
    }
    return store;
  }

  private static String rest(BlockId id) {
    return id.name().substring(digits(id));
  }

  private static int digits(BlockId id) {
    int end = 0;
    while (Character.isDigit(id.name().charAt(end))) {
      end++;
    }
    return end;
  }
}
