package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.gloo.UnboundBuffer;

/**
 * Sums over processes in a ring, on Gloo's own connections and buffers.
 *
 * <p>The buffer is cut into one chunk for each rank. In the first size − 1 rounds each rank adds
 * what comes from the left to its own and passes it on, so that each chunk is complete on one rank;
 * in the next size − 1 rounds the complete chunks go round. Each number is added up in one place
 * and copied, hence the same bits everywhere; each rank sends 2 (size − 1) / size of the buffer.
 * Chunks travel in pieces, and a piece is passed on as soon as it is there, so that the rounds
 * overlap.
 *
 * <p>Why not {@code ProcessGroupGloo}: its work can't be taken back, so that an aborted sum would
 * go on writing to memory that its owner has freed. These buffers can be left at any time.
 */
final class GlooCommunicator implements Communicator {
  private static final long PIECE = 1 << 19;

  private final GlooEndpoint endpoint;
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final FloatPointer[] inboxMemory;
  private final List<UnboundBuffer> waiting = new ArrayList<>();
  private long nextSlot;
  private String failure;
  private boolean closed;

  /** A run of the buffer that travels as one message. */
  private record Piece(long offset, long count) {
    long byteOffset() {
      return offset * Float.BYTES;
    }

    long bytes() {
      return count * Float.BYTES;
    }
  }

  GlooCommunicator(GlooEndpoint endpoint, int rank, int size, Duration timeout) {
    this.endpoint = endpoint;
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    try (Scope scope = new Scope()) {
      inboxMemory = new FloatPointer[] {new FloatPointer(PIECE), new FloatPointer(PIECE)};
      scope.release(inboxMemory[0]);
      scope.release(inboxMemory[1]);
    }
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
  public void sum(NativeFloats buffer, WireDType wire) {
    failIfAborted();
    if (size == 1 || buffer.count() == 0) {
      return;
    }
    WireRounding.apply(buffer, wire);
    try (Scope scope = new Scope();
        Ring ring = new Ring(buffer)) {
      ring.run();
    } catch (CollectiveException e) {
      throw e;
    } catch (RuntimeException e) {
      throw lost(e);
    }
    WireRounding.apply(buffer, wire);
    failIfAborted();
  }

  @Override
  public void abort(String cause) {
    synchronized (waiting) {
      if (failure == null) {
        failure = "Cannot sum over workers: rank " + rank + " was stopped (" + cause + ")";
      }
      for (UnboundBuffer buffer : waiting) {
        buffer.abortWaitRecv();
        buffer.abortWaitSend();
      }
      if (!closed) {
        endpoint.disconnect();
      }
    }
  }

  @Override
  public void close() {
    synchronized (waiting) {
      if (!closed) {
        closed = true;
        endpoint.close();
        inboxMemory[0].close();
        inboxMemory[1].close();
        failure =
            failure == null
                ? "Cannot sum over workers: the communicator is closed (see the error before)"
                : failure;
      }
    }
  }

  private CollectiveException lost(RuntimeException e) {
    failIfAborted();
    abort(GlooErrors.text(e));
    return new CollectiveException(
        String.format(
            "Cannot sum over workers: rank %d lost rank %s (%s)",
            rank, neighbours(), GlooErrors.text(e)),
        e);
  }

  private String neighbours() {
    int left = endpoint.left();
    int right = endpoint.right();
    return left == right ? "" + left : left + " or " + right;
  }

  private void failIfAborted() {
    synchronized (waiting) {
      if (failure != null) {
        throw new CollectiveException(failure);
      }
    }
  }

  /** One call of {@link #sum}. */
  private final class Ring implements AutoCloseable {
    private final NativeFloats buffer;
    private final UnboundBuffer whole;
    private final UnboundBuffer[] inbox = new UnboundBuffer[2];
    private final Milliseconds patience = new Milliseconds(timeout.toMillis());
    private final long firstSlot = nextSlot;
    private long sent;
    private long awaited;

    Ring(NativeFloats buffer) {
      this.buffer = buffer;
      this.whole =
          endpoint.context().createUnboundBuffer(NativeMemory.pointer(buffer), buffer.bytes());
      for (int i = 0; i < 2; i++) {
        inbox[i] =
            endpoint.context().createUnboundBuffer(inboxMemory[i], inboxMemory[i].capacity() * 4);
      }
      synchronized (waiting) {
        waiting.addAll(List.of(whole, inbox[0], inbox[1]));
      }
    }

    void run() {
      List<Piece> toAdd = new ArrayList<>();
      List<Piece> toCopy = new ArrayList<>();
      for (int round = 0; round < size - 1; round++) {
        addPieces(rank - round - 1, toAdd);
        addPieces(rank - round, toCopy);
      }
      List<Piece> own = new ArrayList<>();
      addPieces(rank, own);
      List<Piece> last = new ArrayList<>();
      addPieces(rank - size + 2, last);

      own.forEach(this::send);
      reduce(toAdd);
      pass(toCopy, toCopy.size() - last.size());
      for (long i = 0; i < sent; i++) {
        finish(whole.waitSend(patience));
      }
      nextSlot = firstSlot + 2L * pieces();
    }

    private void reduce(List<Piece> pieces) {
      for (int i = 0; i < Math.min(2, pieces.size()); i++) {
        receive(inbox[i], 0, pieces.get(i));
      }
      for (int i = 0; i < pieces.size(); i++) {
        Piece piece = pieces.get(i);
        finish(inbox[i % 2].waitRecv(patience));
        add(piece, i % 2);
        send(piece);
        if (i + 2 < pieces.size()) {
          receive(inbox[i % 2], 0, pieces.get(i + 2));
        }
      }
    }

    private void pass(List<Piece> pieces, int passedOn) {
      pieces.forEach(piece -> receive(whole, piece.byteOffset(), piece));
      for (int i = 0; i < pieces.size(); i++) {
        finish(whole.waitRecv(patience));
        if (i < passedOn) {
          send(pieces.get(i));
        }
      }
    }

    private void add(Piece piece, int from) {
      try (Scope scope = new Scope()) {
        NativeFloats addend = new NativeFloats(inboxMemory[from].address(), piece.count());
        NativeMemory.tensor(NativeMemory.slice(buffer, piece.offset(), piece.count()))
            .add_(NativeMemory.tensor(addend));
      }
    }

    private void send(Piece piece) {
      whole.send(endpoint.right(), firstSlot + sent++, piece.byteOffset(), piece.bytes());
    }

    private void receive(UnboundBuffer into, long byteOffset, Piece piece) {
      into.recv(endpoint.left(), firstSlot + awaited++, byteOffset, piece.bytes());
    }

    private void finish(boolean done) {
      if (!done) {
        failIfAborted();
      }
    }

    /** Pieces of the whole buffer, the same number on all ranks. */
    private int pieces() {
      List<Piece> all = new ArrayList<>();
      for (int chunk = 0; chunk < size; chunk++) {
        addPieces(chunk, all);
      }
      return all.size();
    }

    private void addPieces(int chunk, List<Piece> pieces) {
      int index = Math.floorMod(chunk, size);
      long end = buffer.count() * (index + 1) / size;
      for (long offset = buffer.count() * index / size; offset < end; offset += PIECE) {
        pieces.add(new Piece(offset, Math.min(PIECE, end - offset)));
      }
    }

    @Override
    public void close() {
      synchronized (waiting) {
        waiting.clear();
      }
      // Freed before the memory is given back to the caller: Gloo then drops what is still under
      // way.
      whole.close();
      inbox[0].close();
      inbox[1].close();
    }
  }
}
