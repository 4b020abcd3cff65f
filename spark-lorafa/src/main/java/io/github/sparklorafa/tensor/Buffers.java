package io.github.sparklorafa.tensor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.PointerConsumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * New tensors in memory that earlier ones of the process left, so that a training step touches no
 * fresh pages: the system's zeroed ones cost a fifth of a step.
 *
 * <p>The memory of a tensor comes back when its last reference goes, and is given to the next one
 * of about its size. Memory that lies idle never lifts the total above the most that was in use at
 * once: before it would, it goes back to the system. So the peak is what it is without reuse.
 *
 * <p>Thread-safe. Tensors below {@value #SMALLEST} bytes are libtorch's own.
 */
public final class Buffers {
  private static final long SMALLEST = 1 << 20;
  private static final long ALIGNMENT = 64;

  /**
   * Memory of one tensor.
   *
   * @param memory as it was allocated
   * @param start its first aligned byte
   */
  private record Block(Pointer memory, long start, long bytes) {}

  private static final Map<Long, Block> USED = new HashMap<>();
  private static final Map<Long, Deque<Block>> IDLE = new HashMap<>();

  /** Idle blocks, longest idle first. */
  private static final Set<Block> BY_AGE = new LinkedHashSet<>();

  private static long used;
  private static long idle;
  private static long mostUsed;

  private Buffers() {}

  /**
   * Bytes that tensors hold, that wait for the next one, and the most that tensors held at once
   * since {@link #trim}.
   */
  public record Usage(long used, long idle, long mostUsed) {}

  /** A tensor of {@code shape}, its numbers undefined; the innermost scope owns it. */
  public static Tensor empty(ScalarType type, long... shape) {
    try (Scope scope = new Scope()) {
      TensorOptions options = new TensorOptions(type);
      long bytes = torch.elementSize(type);
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      return scope.keep(
          bytes < SMALLEST
              ? torch.empty(shape, options, null)
              : torch.from_blob(
                  new Pointer(take(bytes)), shape, Holder.DELETER, options, new DeviceOptional()));
    }
  }

  /** A tensor of the shape and type of {@code like}, its numbers undefined. */
  public static Tensor emptyLike(Tensor like) {
    return empty(like.scalar_type(), LongStream.range(0, like.dim()).map(like::size).toArray());
  }

  /** Gives all idle memory back to the system. */
  public static synchronized void trim() {
    evict(0);
    mostUsed = used;
  }

  /** What is held now. */
  public static synchronized Usage usage() {
    return new Usage(used, idle, mostUsed);
  }

  private static synchronized AlignedPointer take(long bytes) {
    long size = rounded(bytes);
    Deque<Block> fitting = IDLE.get(size);
    Block block = fitting == null ? null : fitting.pollLast();
    if (block == null) {
      evict(Math.max(0, Math.max(mostUsed, used + size) - used - size));
      block = allocate(size);
    } else {
      BY_AGE.remove(block);
      idle -= size;
    }
    used += size;
    mostUsed = Math.max(mostUsed, used);
    USED.put(block.start(), block);
    return new AlignedPointer(block.start());
  }

  private static synchronized void giveBack(long start) {
    Block block = USED.remove(start);
    used -= block.bytes();
    idle += block.bytes();
    IDLE.computeIfAbsent(block.bytes(), size -> new ArrayDeque<>()).addLast(block);
    BY_AGE.add(block);
  }

  /** Frees the longest idle blocks until at most {@code allowed} bytes lie idle. */
  private static void evict(long allowed) {
    Iterator<Block> oldest = BY_AGE.iterator();
    while (idle > allowed) {
      Block block = oldest.next();
      oldest.remove();
      IDLE.get(block.bytes()).remove(block);
      idle -= block.bytes();
      Pointer.free(block.memory());
    }
  }

  private static Block allocate(long bytes) {
    Pointer memory = Pointer.malloc(bytes + ALIGNMENT);
    if (memory == null || memory.isNull()) {
      throw new OutOfMemoryError(
          "Cannot allocate %,d bytes of native memory (give the process more, or use a smaller micro-batch)"
              .formatted(bytes));
    }
    long start = (memory.address() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return new Block(memory, start, bytes);
  }

  /**
   * Up to the next eighth of a power of two: micro-batches of about one length share their blocks.
   * What is never written takes no memory.
   */
  static long rounded(long bytes) {
    long step = Math.max(1, Long.highestOneBit(bytes) / 8);
    return (bytes + step - 1) / step * step;
  }

  /** A pointer to memory that is not its own. */
  private static final class AlignedPointer extends Pointer {
    AlignedPointer(long address) {
      this.address = address;
    }
  }

  /** Called by libtorch when a tensor's last reference goes. */
  private static final class Deleter extends PointerConsumer {
    @Override
    public void call(Pointer data) {
      giveBack(data.address());
    }
  }

  /** Made once, when libtorch is loaded; libtorch keeps its address. */
  private static final class Holder {
    static final Deleter DELETER = make();

    private static Deleter make() {
      try (Scope scope = new Scope()) {
        return scope.release(new Deleter());
      }
    }
  }
}
