package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CausesTest {
  @Test
  void tellsTheWholeChainOnce() {
    Exception disk = new IOException("no space left");
    Exception error =
        new IllegalArgumentException("Cannot read: x (look)", new RuntimeException(disk));

    assertThat(Causes.text(error))
        .isEqualTo(
            "Cannot read: x (look), because: java.lang.RuntimeException: java.io.IOException: no"
                + " space left");
  }
}
