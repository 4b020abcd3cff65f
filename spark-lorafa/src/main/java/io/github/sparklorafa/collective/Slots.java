package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.javacpp.BytePointer;

/** Native memory for messages: for each peer as many slots as messages may be under way to it. */
final class Slots implements AutoCloseable {
  private final BytePointer memory;
  private final int depth;
  private final long slotBytes;

  Slots(int peers, int depth, long slotBytes) {
    this.depth = depth;
    this.slotBytes = slotBytes;
    try (Scope scope = new Scope()) {
      memory = scope.release(new BytePointer(peers * depth * slotBytes));
    }
  }

  /** Where message {@code number} from or to {@code peer} has its place. */
  NativeBytes slot(int peer, long number) {
    long index = (long) peer * depth + number % depth;
    return new NativeBytes(memory.address() + index * slotBytes, slotBytes);
  }

  @Override
  public void close() {
    memory.close();
  }
}
