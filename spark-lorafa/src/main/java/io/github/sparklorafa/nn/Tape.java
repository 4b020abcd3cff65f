package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Storage;
import org.bytedeco.pytorch.Tensor;

/**
 * What the forward pass keeps for the backward pass of one micro-batch: last kept, first taken. The
 * bytes are counted exactly, by distinct storages: a view pins its whole storage, and an input that
 * three layers share counts once. Not thread-safe.
 *
 * <p>A tape that {@link Recompute recomputes} keeps less. In the place of a tensor that can be
 * {@link #derive derived} from what is kept anyway it remembers how, and makes it when it is taken.
 * A whole {@link #segment} of the model keeps its input alone; in the backward pass it is run
 * forward again, onto this same tape, before it is run backward.
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

  /** A tensor that was kept and must be given back to the backward pass. */
  private interface Kept {
    /** Hands it to the innermost scope of the caller. */
    Tensor take();

    /** Gives it up. */
    void forget();
  }

  private final Deque<Kept> kept = new ArrayDeque<>();
  private final Map<Long, Pinned> storages = new HashMap<>();
  private final Map<Tensor, Derived> derived = new IdentityHashMap<>();
  private final Recompute recompute;
  private final boolean discarding;
  private long bytes;
  private long peakBytes;
  private OptionalLong firstTaken = OptionalLong.empty();

  /** An empty tape that recomputes nothing. */
  public Tape() {
    this(Recompute.NONE);
  }

  /** An empty tape. */
  public Tape(Recompute recompute) {
    this(recompute, false);
  }

  private Tape(Recompute recompute, boolean discarding) {
    this.recompute = recompute;
    this.discarding = discarding;
  }

  /** A tape that keeps nothing, for passes that no backward pass follows. */
  public static Tape discarding() {
    return new Tape(Recompute.NONE, true);
  }

  /** Keeps {@code tensor} beyond the caller's scope. */
  public void keep(Tensor tensor) {
    if (discarding) {
      return;
    }
    Derived origin = derived.get(tensor);
    kept.push(origin == null ? new Stored(tensor) : origin.use());
  }

  /**
   * Says that {@code y} can be made again from what this tape keeps: whoever keeps {@code y} itself
   * costs nothing then, if elementwise recomputation is on.
   *
   * @param again makes {@code y} bit by bit, owned by the innermost scope; called for the first of
   *     those that keep it at a time, and before what was kept up to now is taken
   */
  public void derive(Tensor y, Supplier<Tensor> again) {
    if (recomputes(Recompute.ELEMENTWISE)) {
      derived.put(y, new Derived(again));
    }
  }

  /** Whether the backward pass computes again what {@code part} names. */
  public boolean recomputes(Recompute part) {
    return recompute.includes(part);
  }

  /**
   * The tape for a segment of the model that can be run again from its input: this one or, if
   * {@code part} is recomputed, one that keeps nothing. Then {@code x} is kept here, and the
   * backward pass takes it and runs the segment forward on this tape before it runs it backward.
   */
  public Tape segment(Recompute part, Tensor x) {
    if (!recomputes(part)) {
      return this;
    }
    keep(x);
    return discarding();
  }

  /**
   * The tensor kept last, handed to the innermost scope of the caller: it is freed when that
   * closes.
   */
  public Tensor take() {
    if (firstTaken.isEmpty()) {
      firstTaken = OptionalLong.of(System.nanoTime());
    }
    Kept last = kept.pop();
    Tensor tensor = last.take();
    last.forget();
    return tensor;
  }

  /** Bytes kept now. */
  public long bytes() {
    return bytes;
  }

  /** The most bytes that were kept at once. */
  public long peakBytes() {
    return peakBytes;
  }

  /** {@link System#nanoTime} of the first {@link #take}, where the backward pass began. */
  public OptionalLong firstTaken() {
    return firstTaken;
  }

  /** Whether everything was taken. */
  public boolean isEmpty() {
    return kept.isEmpty();
  }

  /** Gives back whatever was not taken, as after an evaluation or an error. */
  @Override
  public void close() {
    while (!kept.isEmpty()) {
      kept.pop().forget();
    }
    derived.clear();
  }

  /** A tensor itself. */
  private final class Stored implements Kept {
    private final Tensor tensor;
    private final long storage;

    Stored(Tensor tensor) {
      this.tensor = tensor;
      tensor.retainReference();
      try (Scope scope = new Scope()) {
        Storage ofTensor = tensor.storage();
        storage = ofTensor.unsafeGetStorageImpl().address();
        Pinned pinned = storages.get(storage);
        if (pinned == null) {
          pinned = new Pinned(ofTensor.nbytes());
          storages.put(storage, pinned);
          bytes += pinned.bytes;
          peakBytes = Math.max(peakBytes, bytes);
        }
        pinned.tensors++;
      }
    }

    @Override
    public Tensor take() {
      Scope.adopt(tensor);
      return tensor;
    }

    @Override
    public void forget() {
      Pinned pinned = storages.get(storage);
      if (--pinned.tensors == 0) {
        storages.remove(storage);
        bytes -= pinned.bytes;
      }
      tensor.releaseReference();
    }
  }

  /** How a tensor is made again: for the first who takes it, and held until the last has. */
  private final class Derived implements Kept {
    private final Supplier<Tensor> again;
    private Tensor made;
    private int users;

    Derived(Supplier<Tensor> again) {
      this.again = again;
    }

    Derived use() {
      users++;
      return this;
    }

    @Override
    public Tensor take() {
      if (made == null) {
        try (Scope scope = new Scope()) {
          made = scope.release(again.get());
        }
        derived.put(made, this);
      }
      Scope.adopt(made);
      return made;
    }

    @Override
    public void forget() {
      if (--users == 0 && made != null) {
        made.releaseReference();
        made = null;
      }
    }
  }
}
