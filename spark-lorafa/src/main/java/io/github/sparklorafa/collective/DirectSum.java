package io.github.sparklorafa.collective;

import io.github.sparklorafa.collective.Links.BrokenLinkException;
import io.github.sparklorafa.collective.Links.Lane;
import io.github.sparklorafa.tensor.NativeFloats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sums over processes: each rank adds up its own chunk of the buffer and sends the sum to all.
 *
 * <p>All arithmetic of all transports is here; {@link Links} only carry bytes. The buffer is cut
 * into one chunk a rank ({@link Cut}). A rank gets the others' numbers of its chunk (the addends),
 * adds them in the order of the ranks, and sends what comes out; so each number is added up in one
 * place, in an order that depends on nothing, and each rank sends (size − 1) / size of the buffer
 * twice. A ring would send as much, but add in another order in each chunk, and its last number
 * would come after 2 (size − 1) messages instead of 2.
 *
 * <p>Chunks travel in pieces. A rank sends at most {@link #window} pieces of a chunk ahead of the
 * sums that come back, so that every message finds its place reserved, no message has to say that
 * there is room, and a slot is free once the sum of the piece before it has come.
 */
final class DirectSum implements Communicator {
  private static final int WIDEST_WINDOW = 8;
  private static final int NARROWEST_WINDOW = 2;

  /** Pieces under way to all ranks, as far as the windows' limits allow. */
  private static final int UNDER_WAY = 64;

  private static final long LONGEST_PIECE = 1 << 17;
  private static final long SHORTEST_PIECE = 1 << 10;
  private static final long INBOX_NUMBERS = 1 << 24;

  /**
   * How long a worker that has lost another keeps its own links: until all have seen who was lost
   * first, and not who left because of it.
   */
  private static final Duration GRACE = Duration.ofMillis(300);

  private final Links links;
  private final List<String> names;
  private final Duration timeout;
  private final int rank;
  private final int size;
  private final int window;
  private final int lag;
  private final long piece;
  private final long[] addendsSent;
  private final long[] addendsReceived;
  private final long[] sumsReceived;
  private long sumsSent;
  private final Slots inbox;
  private final ReentrantLock turn = new ReentrantLock();
  private final AtomicReference<String> failure = new AtomicReference<>();
  private HalfSlots half;
  private boolean closed;

  /** Where numbers in bfloat16 wait; there only once they are asked for. */
  private record HalfSlots(Slots addends, Slots sums, Slots ownSums, Slots wide) {
    static HalfSlots of(int size, int window, long piece) {
      long bytes = piece * WireDType.BF16.bytes();
      return new HalfSlots(
          new Slots(size, window, bytes),
          new Slots(size, window, bytes),
          new Slots(1, window, bytes),
          new Slots(1, 1, piece * Float.BYTES));
    }

    void close() {
      List.of(addends, sums, ownSums, wide).forEach(Slots::close);
    }
  }

  DirectSum(Links links, List<String> names, Duration timeout) {
    this.links = links;
    this.names = List.copyOf(names);
    this.timeout = timeout;
    this.rank = links.rank();
    this.size = links.size();
    this.window = window(size);
    this.lag = window / 2;
    this.piece = longestPiece(size);
    this.addendsSent = new long[size];
    this.addendsReceived = new long[size];
    this.sumsReceived = new long[size];
    this.inbox = new Slots(size, window, piece * Float.BYTES);
    for (int peer = 0; peer < size; peer++) {
      for (int number = 0; peer != rank && number < window; number++) {
        links.receive(Lane.ADDEND, peer, inbox.slot(peer, number));
      }
    }
  }

  /**
   * Pieces under way to each rank: fewer with many ranks, so that they may be longer. Sums are
   * awaited half as many pieces behind the addends, so that neither waits for the other.
   */
  static int window(int size) {
    int each = UNDER_WAY / Math.max(1, size - 1);
    return Math.max(NARROWEST_WINDOW, Math.min(WIDEST_WINDOW, each));
  }

  /**
   * Numbers in a piece: fewer with many ranks, so that all inboxes of a rank stay within bounds.
   */
  static long longestPiece(int size) {
    long fitting = INBOX_NUMBERS / window(size) / Math.max(1, size - 1);
    return Math.max(SHORTEST_PIECE, Math.min(LONGEST_PIECE, Long.highestOneBit(fitting)));
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Traffic sent() {
    return links.sent();
  }

  @Override
  public void sum(NativeFloats buffer, WireDType wire) {
    turn.lock();
    try {
      failIfAborted();
      if (size > 1 && buffer.count() > 0) {
        exchange(buffer, wire);
      }
      failIfAborted();
    } finally {
      turn.unlock();
    }
  }

  private void exchange(NativeFloats buffer, WireDType wire) {
    if (wire == WireDType.BF16 && half == null) {
      half = HalfSlots.of(size, window, piece);
    }
    boolean done = false;
    try {
      new Exchange(buffer, Cut.of(buffer.count(), size, piece), wire).run();
      done = true;
    } catch (BrokenLinkException e) {
      throw lost(e);
    } finally {
      if (!done) {
        links.abort();
        links.close();
      }
    }
  }

  @Override
  public void abort(String cause) {
    fail("Cannot sum over workers: rank " + rank + " was stopped (" + cause + ")");
    links.abort();
  }

  @Override
  public void close() {
    fail("Cannot sum over workers: the communicator is closed (see the error before)");
    if (!turn.tryLock()) {
      links.abort(); // another thread sums: it ends soon now, and uses the memory until then
      turn.lock();
    }
    try {
      links.close();
      if (!closed) {
        closed = true;
        inbox.close();
        if (half != null) {
          half.close();
        }
      }
    } finally {
      turn.unlock();
    }
  }

  private void fail(String cause) {
    failure.compareAndSet(null, cause);
  }

  private void failIfAborted() {
    if (failure.get() != null) {
      throw new CollectiveException(failure.get());
    }
  }

  private CollectiveException lost(BrokenLinkException e) {
    failIfAborted();
    String peer = e.peer() < 0 ? "another worker" : names.get(e.peer());
    String cause =
        String.format("Cannot sum over workers: rank %d lost %s (%s)", rank, peer, e.getMessage());
    fail(cause);
    try {
      TimeUnit.NANOSECONDS.sleep(GRACE.toNanos());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return new CollectiveException(cause, e);
  }

  /** One call of {@link #sum}. */
  private final class Exchange {
    private final NativeFloats buffer;
    private final Cut cut;
    private final WireDType wire;

    Exchange(NativeFloats buffer, Cut cut, WireDType wire) {
      this.buffer = buffer;
      this.cut = cut;
      this.wire = wire;
    }

    void run() {
      for (int round = 0; round < Math.min(window, cut.rounds()); round++) {
        sendAddends(round);
      }
      for (int round = 0; round < cut.rounds() + lag; round++) {
        if (round < cut.rounds() && cut.gives(rank)) {
          addUp(round);
        }
        if (round >= lag) {
          takeSums(round - lag);
        }
      }
      links.awaitSent(timeout);
    }

    /** Begins with the next rank, so that not all send to the same one first. */
    private void sendAddends(int round) {
      for (int step = 1; step < size; step++) {
        int peer = (rank + step) % size;
        if (cut.gives(peer)) {
          sendAddend(peer, round);
        }
      }
    }

    private void sendAddend(int peer, int round) {
      NativeFloats numbers = cut.piece(buffer, peer, round);
      long number = addendsSent[peer]++;
      if (wire == WireDType.FP32) {
        links.receive(Lane.SUM, peer, NativeMemory.bytes(numbers));
        links.send(Lane.ADDEND, peer, NativeMemory.bytes(numbers));
      } else {
        NativeBytes message = run(half.addends().slot(peer, number), numbers.count());
        WireNumbers.narrow(numbers, message.address());
        links.receive(Lane.SUM, peer, run(half.sums().slot(peer, number), numbers.count()));
        links.send(Lane.ADDEND, peer, message);
      }
    }

    private void addUp(int round) {
      NativeFloats own = cut.piece(buffer, rank, round);
      WireNumbers.round(own, wire);
      NativeFloats sum = rank == 0 ? own : firstAddend(own.count());
      for (int peer = 1; peer < size; peer++) {
        if (peer == rank) {
          WireNumbers.add(own, sum.address(), WireDType.FP32);
          sum = own;
        } else {
          WireNumbers.add(sum, awaitAddend(peer, own.count()), wire);
        }
      }
      // The places are given back before the sums go out, which ask for what comes next.
      for (int peer = 0; peer < size; peer++) {
        if (peer != rank) {
          long next = addendsReceived[peer]++ + window;
          links.receive(Lane.ADDEND, peer, inbox.slot(peer, next));
        }
      }
      sendSum(own);
    }

    private NativeFloats firstAddend(long count) {
      long address = awaitAddend(0, count);
      if (wire == WireDType.FP32) {
        return new NativeFloats(address, count);
      }
      NativeFloats wide = new NativeFloats(half.wide().slot(0, 0).address(), count);
      WireNumbers.widen(address, wide);
      return wide;
    }

    private long awaitAddend(int peer, long count) {
      links.awaitReceived(Lane.ADDEND, peer, count * wire.bytes(), timeout);
      return inbox.slot(peer, addendsReceived[peer]).address();
    }

    private void sendSum(NativeFloats sum) {
      NativeBytes message = NativeMemory.bytes(sum);
      if (wire == WireDType.BF16) {
        message = run(half.ownSums().slot(0, sumsSent++), sum.count());
        WireNumbers.narrow(sum, message.address());
        WireNumbers.widen(message.address(), sum);
      }
      for (int step = 1; step < size; step++) {
        links.send(Lane.SUM, (rank + step) % size, message);
      }
    }

    private void takeSums(int round) {
      for (int step = 1; step < size; step++) {
        int peer = (rank + step) % size;
        if (cut.gives(peer)) {
          takeSum(peer, cut.piece(buffer, peer, round));
          if (round + window < cut.rounds()) {
            sendAddend(peer, round + window);
          }
        }
      }
    }

    private void takeSum(int peer, NativeFloats numbers) {
      links.awaitReceived(Lane.SUM, peer, numbers.count() * wire.bytes(), timeout);
      long number = sumsReceived[peer]++;
      if (wire == WireDType.BF16) {
        WireNumbers.widen(half.sums().slot(peer, number).address(), numbers);
      }
    }

    /** The part of a slot that as many numbers take. */
    private NativeBytes run(NativeBytes slot, long count) {
      return new NativeBytes(slot.address(), count * wire.bytes());
    }
  }
}
