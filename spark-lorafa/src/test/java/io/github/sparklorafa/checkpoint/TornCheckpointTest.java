package io.github.sparklorafa.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkpoint of four files, each cut at every length, and each with every byte changed. */
class TornCheckpointTest {
  private static final String HEADER = "{\"format_version\":1,\"step\":7}\n";

  @TempDir Path folder;

  private TrainingCheckpoints checkpoints;
  private Path newest;

  @BeforeEach
  void writeTwo() {
    Natives.ensureLoaded();
    checkpoints = TrainingCheckpoints.in(folder.resolve("state").toString(), new Configuration());
    Path best = folder.resolve("best");
    try (Scope scope = new Scope()) {
      Map<String, Tensor> tensors =
          Map.of("value.b", Tensor.create(1f, 2f, 3f), "exp_avg.b", Tensor.create(4f, 5f, 6f));
      SafetensorsWriter.write(best, SafetensorsWriter.entries(tensors, DType.FP32));
      for (int step : new int[] {4, 7}) {
        checkpoints.write(
            step, HEADER, SafetensorsWriter.entries(tensors, DType.FP32), Optional.of(best));
      }
    }
    newest = folder.resolve("state").resolve(TrainingCheckpoints.name(7));
  }

  private StoredState fetch(long step) throws IOException, DamagedCheckpointException {
    return checkpoints.fetch(step, Files.createTempDirectory(folder, "copy"));
  }

  /** Of all its files the manifest alone may change without a harm: by white space. */
  private void assertDamagedOrTheSame(Path file, String what) throws IOException {
    try (StoredState read = fetch(7)) {
      assertThat(file.getFileName().toString()).as(what).isEqualTo(TrainingCheckpoints.MANIFEST);
      assertThat(read.header()).as(what).isEqualTo(HEADER);
      assertThat(read.tensors().names()).as(what).containsExactlyInAnyOrder("value.b", "exp_avg.b");
      assertThat(read.best()).as(what).isPresent();
    } catch (DamagedCheckpointException e) {
      assertThat(e).as(what).hasMessageStartingWith("Cannot resume from: ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"state.safetensors", "best.safetensors", "state.json", "manifest.json"})
  void isNeverTakenForAWholeOne(String name) throws IOException, DamagedCheckpointException {
    Path file = newest.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertDamagedOrTheSame(file, name + " cut to " + length + " bytes");
    }
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= (byte) (1 << i % 8);
      Files.write(file, changed);
      assertDamagedOrTheSame(file, name + " with byte " + i + " changed");
    }
    Files.write(file, whole);
    fetch(7).close();
  }

  @Test
  void theOneBeforeIsWholeAllTheSame() throws IOException, DamagedCheckpointException {
    Files.write(newest.resolve("state.json"), new byte[0]);
    assertThat(checkpoints.steps()).isEqualTo(List.of(7L, 4L));
    assertThatThrownBy(() -> fetch(7)).isInstanceOf(DamagedCheckpointException.class);
    fetch(4).close();
  }
}
