package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory for a second instance of everything that changes in a step, so that one can be written
 * while training changes the other. Taken once for a run: {@value #BYTES} bytes for each trained
 * number.
 */
final class StateCopy implements AutoCloseable {
  static final int BYTES = 3 * Float.BYTES;

  private final StateTensors state;
  private final Tensor memory;

  StateCopy(StateTensors state) {
    this.state = state;
    try (Scope scope = new Scope()) {
      List<Tensor> live = state.flat();
      long[] shape = {live.size(), live.get(0).numel()};
      memory = scope.release(torch.empty(shape, new TensorOptions(ScalarType.Float), null));
      // Touches every page now, so that no step pays for it.
      memory.zero_();
    }
  }

  /** Copies what there is now. */
  void take() {
    try (Scope scope = new Scope()) {
      List<Tensor> live = state.flat();
      for (int part = 0; part < live.size(); part++) {
        memory.select(0, part).copy_(live.get(part));
      }
    }
  }

  /** What {@link #take} copied, to be written; owned by the caller's scope. */
  List<Entry> entries() {
    return state.entries(memory.select(0, 0), memory.select(0, 1), memory.select(0, 2));
  }

  @Override
  public void close() {
    memory.close();
  }
}
