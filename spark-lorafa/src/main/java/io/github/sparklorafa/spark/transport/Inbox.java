package io.github.sparklorafa.spark.transport;

import io.github.sparklorafa.collective.Links.BrokenLinkException;
import io.github.sparklorafa.collective.Links.Lane;
import io.github.sparklorafa.collective.NativeBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;

/**
 * Where messages from the others go, what has come, and who is lost. Knows nothing of connections.
 *
 * <p>Network threads deliver, the thread that sums waits.
 */
final class Inbox {
  private final Slot[][] slots;
  private final boolean[] left;
  private final ReadWriteLock memory = new ReentrantReadWriteLock();
  private boolean memoryClosed;
  private long unwritten;
  private int lost = -1;
  private String loss;

  /** One lane of one peer. */
  private static final class Slot {
    private final Queue<NativeBytes> places = new ArrayDeque<>();
    private final Queue<Long> arrived = new ArrayDeque<>();
    private long next;
  }

  /** A message that is coming in. */
  final class Delivery {
    private final Slot slot;
    private final Label label;
    private final NativeBytes place;
    private long written;

    private Delivery(Slot slot, Label label, NativeBytes place) {
      this.slot = slot;
      this.label = label;
      this.place = place;
    }

    /** Bytes that are still to come. */
    long missing() {
      return label.bytes() - written;
    }

    /** Room for all that is missing, for bytes that are read there; null if all is closed. */
    ByteBuf place() {
      memory.readLock().lock();
      try {
        long start = place.address() + written;
        return memoryClosed
            ? null
            : Unpooled.wrappedBuffer(new NativeBytes(start, missing()).view()).clear();
      } finally {
        memory.readLock().unlock();
      }
    }

    /** Counts bytes that were read to their place. */
    void isThere(int count) {
      written += count;
    }

    /** Copies the next bytes, of which there are no more than missing, unless all is closed. */
    void put(ByteBuffer bytes) {
      int count = bytes.remaining();
      memory.readLock().lock();
      try {
        if (!memoryClosed) {
          new NativeBytes(place.address() + written, count).view().put(bytes);
        }
      } finally {
        memory.readLock().unlock();
      }
      written += count;
    }

    /** Tells who waits. */
    void complete() {
      synchronized (Inbox.this) {
        slot.arrived.add(written);
        Inbox.this.notifyAll();
      }
    }
  }

  Inbox(int size) {
    slots = new Slot[Lane.values().length][size];
    left = new boolean[size];
    for (Slot[] lane : slots) {
      for (int peer = 0; peer < size; peer++) {
        lane[peer] = new Slot();
      }
    }
  }

  /** Gives the next message a place. */
  synchronized void expect(Lane lane, int from, NativeBytes place) {
    slots[lane.ordinal()][from].places.add(place);
  }

  /**
   * Begins a delivery.
   *
   * @throws IllegalArgumentException with the reason, if it isn't the message that is due
   */
  synchronized Delivery deliver(int from, Label label) {
    Slot slot = slots[label.lane().ordinal()][from];
    if (label.number() != slot.next) {
      throw new IllegalArgumentException(
          "message " + label.number() + " where " + slot.next + " was due");
    }
    NativeBytes place = slot.places.peek();
    if (place == null || label.bytes() <= 0 || label.bytes() > place.count()) {
      throw new IllegalArgumentException(
          "a message of " + label.bytes() + " bytes that has no place");
    }
    slot.places.remove();
    slot.next++;
    return new Delivery(slot, label, place);
  }

  /** Blocks until the next message is there. */
  synchronized void await(Lane lane, int from, long bytes, Duration timeout) {
    Slot slot = slots[lane.ordinal()][from];
    await(() -> !slot.arrived.isEmpty(), from, timeout);
    long arrived = slot.arrived.remove();
    if (arrived != bytes) {
      throw new BrokenLinkException(
          from, "it sent " + arrived + " bytes where " + bytes + " were due");
    }
  }

  /** Counts a message to another worker until it is written. */
  synchronized void sending() {
    unwritten++;
  }

  synchronized void written() {
    unwritten--;
    if (unwritten == 0) {
      notifyAll();
    }
  }

  /** Blocks until all that was sent is with the operating system. */
  synchronized void awaitWritten(Duration timeout) {
    await(() -> unwritten == 0, -1, timeout);
  }

  /** A peer that says that it has all and leaves: its connection may end. */
  synchronized void left(int peer) {
    left[peer] = true;
    notifyAll();
  }

  /** A connection that has ended: a loss, unless the peer has said that it leaves. */
  synchronized void closed(int peer) {
    if (!left[peer]) {
      lost(peer, "its connection was closed");
    }
  }

  /** The first loss fails all waits from now on. */
  synchronized void lost(int peer, String why) {
    if (loss == null) {
      lost = peer;
      loss = why;
      notifyAll();
    }
  }

  /**
   * Blocks until nobody copies to any of the places any more; nobody will. Who reads to them must
   * have ended before.
   */
  void closeMemory() {
    memory.writeLock().lock();
    memoryClosed = true;
    memory.writeLock().unlock();
  }

  private void await(BooleanSupplier done, int peer, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!done.getAsBoolean()) {
      failIfLost(peer);
      long milliseconds = (deadline - System.nanoTime()) / 1_000_000;
      if (milliseconds <= 0) {
        throw new BrokenLinkException(peer, "nothing came for " + timeout.toSeconds() + " s");
      }
      try {
        wait(milliseconds);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BrokenLinkException(peer, "the waiting thread was interrupted");
      }
    }
  }

  private void failIfLost(int peer) {
    if (loss != null) {
      throw new BrokenLinkException(lost, loss);
    }
    if (peer >= 0 && left[peer]) {
      throw new BrokenLinkException(peer, "it has left");
    }
  }
}
