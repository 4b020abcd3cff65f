package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums over the threads of one process: every thread adds its share of the buffers, in rank order.
 */
public final class LocalCommunicator implements Communicator {
  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final LocalGroup group;
  private final int rank;

  private LocalCommunicator(LocalGroup group, int rank) {
    this.group = group;
    this.rank = rank;
  }

  /** The ends of a new group, in rank order; one thread each. */
  public static List<Communicator> group(int size) {
    return group(size, TIMEOUT);
  }

  /** The ends of a new group whose sums fail after {@code timeout}. */
  public static List<Communicator> group(int size, Duration timeout) {
    Natives.ensureLoaded();
    LocalGroup group = new LocalGroup(size, timeout);
    return IntStream.range(0, size)
        .<Communicator>mapToObj(rank -> new LocalCommunicator(group, rank))
        .toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return group.size();
  }

  @Override
  public void sum(NativeFloats buffer, WireDType wire) {
    NativeFloats[] buffers = group.meet(rank, buffer);
    try (Scope scope = new Scope()) {
      addShare(buffers, wire);
    } finally {
      group.part();
    }
  }

  @Override
  public void abort(String cause) {
    group.abort("Cannot sum over workers: rank " + rank + " stopped (" + cause + ")");
  }

  @Override
  public void close() {
    abort("it has left the group");
  }

  private void addShare(NativeFloats[] buffers, WireDType wire) {
    long start = buffers[0].count() * rank / size();
    long count = buffers[0].count() * (rank + 1) / size() - start;
    if (size() == 1 || count == 0) {
      return;
    }
    Tensor[] shares = new Tensor[size()];
    for (int other = 0; other < size(); other++) {
      NativeFloats share = NativeMemory.slice(buffers[other], start, count);
      WireNumbers.round(share, wire);
      shares[other] = NativeMemory.tensor(share);
    }
    for (int other = 1; other < size(); other++) {
      shares[0].add_(shares[other]);
    }
    WireNumbers.round(NativeMemory.slice(buffers[0], start, count), wire);
    for (int other = 1; other < size(); other++) {
      shares[other].copy_(shares[0]);
    }
  }
}
