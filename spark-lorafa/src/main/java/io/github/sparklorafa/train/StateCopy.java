package io.github.sparklorafa.train;

import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.tensor.Scope;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Memory for a second instance of everything that changes in a step, so that one can be written
 * while training changes the other. Taken once for a run: with AdamW {@value #BYTES} bytes for each
 * trained number.
 */
final class StateCopy implements AutoCloseable {
  static final int BYTES = 3 * Float.BYTES;

  private final StateTensors state;
  private final Tensor memory;

  StateCopy(StateTensors state) {
    this.state = state;
    try (Scope scope = new Scope()) {
      long[] shape = {state.parts(), state.count()};
      memory = scope.release(torch.empty(shape, new TensorOptions(ScalarType.Float), null));
      // Touches every page now, so that no step pays for it.
      memory.zero_();
    }
  }

  /** Copies what there is now. */
  void take() {
    state.copy(Optional.of(memory));
  }

  /** Leaves a copy out, for which other workers may wait. */
  void skip() {
    state.copy(Optional.empty());
  }

  /** What {@link #take} copied, to be written; owned by the caller's scope. */
  List<Entry> entries() {
    return state.entries(memory);
  }

  @Override
  public void close() {
    memory.close();
  }
}
