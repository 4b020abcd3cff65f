package io.github.sparklorafa.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class LibraryPagesTest {
  private static final long PAGE = 4096;
  private static final long READ = 64L << 20;

  @Test
  void releasesWhatIsReadOfTheLibrariesAndKeepsThemWorking() throws IOException {
    Natives.ensureLoaded();
    assertThat(productOfOnes()).isEqualTo(8);
    readCode();
    long before = ProcessMemory.residentBytes();
    LibraryPages.release();
    assertThat(before - ProcessMemory.residentBytes()).isBetween(READ * 3 / 4, READ * 2);
    assertThat(productOfOnes()).isEqualTo(8);
  }

  private static double productOfOnes() {
    try (Scope scope = new Scope()) {
      Tensor ones = torch.ones(2, 2);
      return ones.mm(ones).sum().item_float();
    }
  }

  /** Brings a part of libtorch's code into memory. */
  private static void readCode() throws IOException {
    String region =
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(line -> line.contains(" r-xp ") && line.contains("/libtorch_cpu.so"))
            .findFirst()
            .orElseThrow();
    long start = Long.parseUnsignedLong(region.substring(0, region.indexOf('-')), 16);
    Pointer code = new Pointer(start);
    long sum = 0;
    for (long offset = 0; offset < READ; offset += PAGE) {
      sum += code.getByte(offset);
    }
    assertThat(sum).isNotZero();
  }
}
