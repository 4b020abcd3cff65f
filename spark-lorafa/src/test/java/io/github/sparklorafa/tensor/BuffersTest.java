package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.tensor.Buffers.Usage;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BuffersTest {
  private static final long MIB = 1 << 20;

  private long usedBefore;

  @BeforeEach
  void trim() {
    Natives.ensureLoaded();
    Buffers.trim();
    usedBefore = Buffers.usage().used();
  }

  @Test
  void handsTheMemoryOfAFreedTensorToTheNextOne() {
    long first = addressOfOne(4 * MIB);
    assertThat(Buffers.usage()).isEqualTo(new Usage(usedBefore, 4 * MIB, usedBefore + 4 * MIB));
    assertThat(addressOfOne(4 * MIB)).isEqualTo(first);
    assertThat(addressOfOne(4 * MIB - 4)).as("a little smaller").isEqualTo(first);
  }

  @Test
  void keepsMemoryWhileAViewOfItLives() {
    try (Scope outer = new Scope()) {
      Tensor view;
      try (Scope inner = new Scope()) {
        view = inner.keep(floats(4 * MIB).narrow(0, 0, 10).fill_(Scalars.of(7)));
      }
      assertThat(Buffers.usage().used()).isEqualTo(usedBefore + 4 * MIB);
      floats(4 * MIB).fill_(Scalars.of(8));
      assertThat(view.sum().item_float()).isEqualTo(70);
    }
    assertThat(Buffers.usage().used()).isEqualTo(usedBefore);
  }

  @Test
  void neverHoldsMoreThanWasInUseAtOnce() {
    addressOfOne(8 * MIB);
    for (long size : new long[] {2, 3, 4, 5, 6, 7}) {
      addressOfOne(size * MIB);
      Usage usage = Buffers.usage();
      assertThat(usage.used() + usage.idle()).isLessThanOrEqualTo(usedBefore + 8 * MIB);
      assertThat(usage.mostUsed()).isEqualTo(usedBefore + 8 * MIB);
    }
  }

  @Test
  void givesIdleMemoryBackToTheSystem() {
    long bytes = 256 * MIB;
    try (Scope scope = new Scope()) {
      floats(bytes).fill_(Scalars.of(1));
    }
    long resident = ProcessMemory.residentBytes();
    Buffers.trim();
    assertThat(Buffers.usage().idle()).isZero();
    assertThat(ProcessMemory.residentBytes()).isLessThan(resident - bytes * 3 / 4);
  }

  @Test
  void leavesSmallTensorsToLibtorch() {
    addressOfOne(MIB - 4);
    assertThat(Buffers.usage()).isEqualTo(new Usage(usedBefore, 0, usedBefore));
  }

  @Test
  void roundsToAnEighthOfAPowerOfTwo() {
    assertThat(Buffers.rounded(4 * MIB)).isEqualTo(4 * MIB);
    assertThat(Buffers.rounded(4 * MIB + 1)).isEqualTo(4 * MIB + MIB / 2);
    assertThat(Buffers.rounded(7 * MIB + MIB / 2 + 1)).isEqualTo(8 * MIB);
  }

  @Test
  void isLikeAnotherTensor() {
    try (Scope scope = new Scope()) {
      Tensor like = torch.ones(3, 5).to(ScalarType.BFloat16);
      Tensor empty = Buffers.emptyLike(like);
      assertThat(empty.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
      assertThat(new long[] {empty.size(0), empty.size(1)}).containsExactly(3, 5);
    }
  }

  private static Tensor floats(long bytes) {
    return Buffers.empty(ScalarType.Float, bytes / Float.BYTES);
  }

  private static long addressOfOne(long bytes) {
    try (Scope scope = new Scope()) {
      return floats(bytes).data_ptr().address();
    }
  }
}
