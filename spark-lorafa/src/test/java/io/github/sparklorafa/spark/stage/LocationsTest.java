package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationsTest {
  @TempDir Path folder;

  private String read() {
    return Locations.read(folder.toString(), Locations.MODEL_CONFIG, new Configuration());
  }

  @Test
  void readsSmallFilesOnly() throws IOException {
    Path config = folder.resolve(Locations.MODEL_CONFIG);
    Files.writeString(config, "{\"bos_token\": \"·\"}");
    assertThat(read()).isEqualTo("{\"bos_token\": \"·\"}");
    try (RandomAccessFile file = new RandomAccessFile(config.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThatThrownBy(this::read)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot read: %s has more than 67108864 bytes (name a folder with a checkpoint's own"
                + " config.json)",
            config);
  }
}
