package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.ObjectStore;
import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints of training in an object store, and file systems that fail while they are written.
 */
class RemoteCheckpointsTest {
  private static final int STEPS = 10;
  private static final String PLACE = "store://bucket/checkpoints";

  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private Path bucket;
  private Configuration store;
  private ObjectStore.Faults faults;

  @BeforeEach
  void store() {
    bucket = folder.resolve("bucket");
    store = ObjectStore.over(bucket);
    faults = ObjectStore.faults(bucket);
  }

  private static TrainConfig config() {
    return LocalTraining.config(Method.LORA_FA)
        .workers(2)
        .maxSteps(STEPS)
        .checkpointing(c -> c.withDir("given").withEvery(3))
        .build();
  }

  private List<Worker> train(String output, long killedAt) {
    TrainingCheckpoints checkpoints = TrainingCheckpoints.in(PLACE, store);
    TrainInputs inputs =
        new TrainInputs(
            config(),
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            Optional.empty(),
            folder.resolve(output),
            Optional.of(checkpoints),
            List.of(checkpoints));
    TrainListener listener = LocalTraining.killedAfter(killedAt, notes);
    return LocalTraining.train(2, rank -> inputs, listener);
  }

  private double[] undisturbed() {
    return LocalTraining.train(config(), folder.resolve("undisturbed")).get(0).losses();
  }

  private List<String> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(bucket.resolve("checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assertSameResult(String output) {
    assertThat(folder.resolve(output).resolve(AdapterFiles.MODEL))
        .hasSameBinaryContentAs(folder.resolve("undisturbed").resolve(AdapterFiles.MODEL));
  }

  @Test
  void goesOnBitForBitFromAnObjectStore() throws IOException {
    double[] whole = undisturbed();
    assertThatThrownBy(() -> train("killed", 8)).hasMessageContaining("killed");
    assertThat(checkpoints()).containsExactly("step-000003", "step-000006");
    Files.createDirectories(bucket.resolve("checkpoints/.step-000009-torn"));

    double[] resumed = train("resumed", Long.MAX_VALUE).get(0).losses();

    assertThat(resumed).isEqualTo(Arrays.copyOfRange(whole, 6, STEPS));
    assertThat(notes).contains("Going on after step 6 from " + PLACE + "/step-000006");
    assertThat(checkpoints()).containsExactly("step-000006", "step-000009");
    assertSameResult("resumed");
  }

  /** Hadoop's local file systems tell of it by an Error, not by an IOException. */
  @Test
  void aFullDiskCostsACheckpointAndNotTheRun() throws IOException {
    faults.full = path -> path.toString().contains(".step-000006-");

    double[] losses = train("full", Long.MAX_VALUE).get(0).losses();

    assertThat(losses).isEqualTo(undisturbed());
    assertSameResult("full");
    assertThat(notes)
        .containsOnlyOnce(
            "Cannot write checkpoint: "
                + PLACE
                + "/step-000006 (No space left on device; check free space, permissions and the"
                + " connection); training goes on without it");
    assertThat(checkpoints()).containsExactly("step-000003", "step-000009");
  }

  @Test
  void aRenameThatBreaksHalfWayLeavesNoCheckpoint() throws IOException {
    double[] whole = undisturbed();
    // Three files of the first checkpoint, one of the second.
    faults.renamesUntilFailure.set(4);
    assertThatThrownBy(() -> train("killed", 8)).hasMessageContaining("killed");
    assertThat(notes)
        .anySatisfy(
            note ->
                assertThat(note)
                    .contains("/step-000006 (503 Slow Down; check")
                    .endsWith("; training goes on without it"));
    assertThat(checkpoints()).containsExactly("step-000003");

    double[] resumed = train("resumed", Long.MAX_VALUE).get(0).losses();

    assertThat(resumed).isEqualTo(Arrays.copyOfRange(whole, 3, STEPS));
    assertSameResult("resumed");
  }
}
