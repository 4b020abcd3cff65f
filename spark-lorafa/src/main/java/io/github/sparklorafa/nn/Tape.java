package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Storage;
import org.bytedeco.pytorch.Tensor;

/**
 * What the forward pass keeps for the backward pass of one micro-batch: last kept, first taken. The
 * bytes are counted exactly, by distinct storages: a view pins its whole storage, and an input that
 * three layers share counts once. Not thread-safe.
 */
public final class Tape implements AutoCloseable {
  /** Storage of a kept tensor, and how many kept tensors lie in it. */
  private static final class Pinned {
    private final long bytes;
    private int tensors;

    Pinned(long bytes) {
      this.bytes = bytes;
    }
  }

  private record Kept(Tensor tensor, long storage) {}

  private final Deque<Kept> kept = new ArrayDeque<>();
  private final Map<Long, Pinned> storages = new HashMap<>();
  private final boolean discarding;
  private long bytes;
  private long peakBytes;

  /** An empty tape. */
  public Tape() {
    this(false);
  }

  private Tape(boolean discarding) {
    this.discarding = discarding;
  }

  /** A tape that keeps nothing, for passes that no backward pass follows. */
  public static Tape discarding() {
    return new Tape(true);
  }

  /** Keeps {@code tensor} beyond the caller's scope. */
  public void keep(Tensor tensor) {
    if (discarding) {
      return;
    }
    tensor.retainReference();
    try (Scope scope = new Scope()) {
      Storage storage = tensor.storage();
      long address = storage.unsafeGetStorageImpl().address();
      Pinned pinned = storages.get(address);
      if (pinned == null) {
        pinned = new Pinned(storage.nbytes());
        storages.put(address, pinned);
        bytes += pinned.bytes;
        peakBytes = Math.max(peakBytes, bytes);
      }
      pinned.tensors++;
      kept.push(new Kept(tensor, address));
    }
  }

  /**
   * The tensor kept last, handed to the innermost scope of the caller: it is freed when that
   * closes.
   */
  public Tensor take() {
    Kept last = kept.pop();
    Scope.adopt(last.tensor());
    forget(last);
    return last.tensor();
  }

  /** Bytes kept now. */
  public long bytes() {
    return bytes;
  }

  /** The most bytes that were kept at once. */
  public long peakBytes() {
    return peakBytes;
  }

  /** Whether everything was taken. */
  public boolean isEmpty() {
    return kept.isEmpty();
  }

  /** Gives back whatever was not taken, as after an evaluation or an error. */
  @Override
  public void close() {
    while (!kept.isEmpty()) {
      forget(kept.pop());
    }
  }

  private void forget(Kept last) {
    Pinned pinned = storages.get(last.storage());
    if (--pinned.tensors == 0) {
      storages.remove(last.storage());
      bytes -= pinned.bytes;
    }
    last.tensor().releaseReference();
  }
}
