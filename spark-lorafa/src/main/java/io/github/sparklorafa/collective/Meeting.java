package io.github.sparklorafa.collective;

import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Scope;
import org.bytedeco.javacpp.FloatPointer;

/**
 * A barrier of the workers of a {@link Communicator}: a sum of one number, that of the meeting.
 *
 * <p>One thread at a time uses it, and nobody else the communicator meanwhile.
 */
public final class Meeting implements AutoCloseable {
  /** The sum of so large numbers over thousands of workers is exact in fp32. */
  private static final int NUMBERS = 1 << 10;

  private final Communicator communicator;
  private final FloatPointer number;
  private long held;

  /** Over a communicator, which is left to the caller. */
  public Meeting(Communicator communicator) {
    this.communicator = communicator;
    try (Scope scope = new Scope()) {
      number = scope.release(new FloatPointer(1L));
    }
  }

  /**
   * Blocks until all workers have come here as often.
   *
   * @throws CollectiveException if one is lost, or is at another meeting
   */
  public void hold() {
    float own = held++ % NUMBERS;
    number.put(own);
    communicator.sum(new NativeFloats(number.address(), 1));
    if (number.get() != own * communicator.size()) {
      throw new CollectiveException(
          "Cannot sum over workers: rank %d is at another place than the others (see their errors)"
              .formatted(communicator.rank()));
    }
  }

  @Override
  public void close() {
    number.close();
  }
}
