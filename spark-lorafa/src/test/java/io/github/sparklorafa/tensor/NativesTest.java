package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativesTest {
  @ParameterizedTest
  @CsvSource({"2.34, true", "2.35, false", "2.36, false", "2.4, true", "1.99, true", "3.0, false"})
  void comparesVersionsByNumber(String version, boolean older) {
    assertThat(Natives.olderThan(version, "2.35")).isEqualTo(older);
  }

  @Test
  void laterLoadsSetTheThreads() {
    Natives.load(2);
    assertThat(torch.get_num_threads()).isEqualTo(2);
    assertThat(blasThreads()).isEqualTo(2);
    Natives.load(0);
    assertThat(torch.get_num_threads()).isEqualTo(1);
    assertThat(blasThreads()).isEqualTo(1);
  }

  private static int blasThreads() {
    long address = Loader.addressof("openblas_get_num_threads").address();
    return Function.getFunction(new Pointer(address)).invokeInt(new Object[0]);
  }

  @Test
  void residentMemoryIsAtMostItsPeak() {
    assertThat(ProcessMemory.residentBytes()).isBetween(1L << 20, ProcessMemory.peakBytes());
  }
}
