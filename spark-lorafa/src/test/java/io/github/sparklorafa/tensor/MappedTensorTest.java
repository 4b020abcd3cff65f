package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.InScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(InScope.class)
class MappedTensorTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 6; i++) {
      bytes.putFloat(i);
    }
    file = Files.write(folder.resolve("numbers"), bytes.array());
  }

  @Test
  void viewsStayValidAfterClosing() {
    Tensor view;
    try (MappedTensor mapped = MappedTensor.open(file)) {
      assertThat(mapped.size()).isEqualTo(24);
      view = mapped.view(8, ScalarType.Float, 4, 2, 2);
    }
    assertThat(view.shape()).containsExactly(2, 2);
    assertThat(view.sum().item_float()).isEqualTo(2 + 3 + 4 + 5);
  }

  @Test
  void writesNeverReachTheFile() throws IOException {
    try (MappedTensor mapped = MappedTensor.open(file)) {
      mapped.view(0, ScalarType.Float, 4, 6).fill_(Scalars.of(7));
    }
    assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getFloat(4))
        .isEqualTo(1);
  }

  @Test
  void refusesViewsThatLeaveTheFile() {
    try (MappedTensor mapped = MappedTensor.open(file)) {
      for (long offset : new long[] {-4, 2, 12, 24}) {
        assertThatThrownBy(() -> mapped.view(offset, ScalarType.Float, 4, 2, 2))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("Cannot map tensor");
      }
    }
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> MappedTensor.open(folder.resolve("none")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none");
  }
}
