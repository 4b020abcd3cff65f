package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An optimizer that another jar brings, divided among the workers. */
class SlicedOptimizerTest {
  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

  private TrainConfig config(int workers, String optimizer) {
    return LocalTraining.config(Method.LORA)
        .workers(workers)
        .maxSteps(12)
        .learningRate(0.05)
        .checkpointing(c -> c.withDir("given").withEvery(3))
        .extras(e -> e.withOptimizer(optimizer))
        .build();
  }

  private List<Worker> train(TrainConfig config, String output, String checkpoints, long killedAt) {
    TrainingCheckpoints kept =
        TrainingCheckpoints.at(folder.resolve(checkpoints).toString(), new Configuration());
    TrainInputs inputs =
        new TrainInputs(
            config,
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            Optional.empty(),
            folder.resolve(output),
            Optional.of(kept),
            List.of(kept));
    TrainListener listener = LocalTraining.killedAfter(killedAt, notes);
    return LocalTraining.train(config.workers(), rank -> inputs, listener);
  }

  private double[] losses(int workers) {
    String name = "whole" + workers;
    return train(config(workers, "plain:momentum"), name, name + "-state", Long.MAX_VALUE)
        .get(0)
        .losses();
  }

  @Test
  void goesOnTheSameAfterAKillOnAnyNumberOfWorkers() {
    double[] whole = losses(2);
    assertThat(whole[11]).isLessThan(whole[0]);
    assertThat(losses(1)).containsExactly(whole, within(1e-4));
    assertThat(losses(3)).containsExactly(whole, within(1e-4));

    for (int workers : new int[] {2, 3}) {
      String name = "killed" + workers;
      TrainConfig begun = config(2, "plain:momentum");
      assertThatThrownBy(() -> train(begun, name + "-first", name, 8)).isNotNull();
      TrainConfig resumed = config(workers, "plain:momentum");
      double[] rest = train(resumed, name + "-second", name, Long.MAX_VALUE).get(0).losses();
      assertThat(notes).anyMatch(note -> note.startsWith("Going on after step 6 from "));
      assertThat(rest).hasSize(6);
      for (int step = 6; step < 12; step++) {
        assertThat(rest[step - 6]).isEqualTo(whole[step], within(workers == 2 ? 0 : 1e-4));
      }
    }
    assertThat(folder.resolve("killed2-second").resolve(AdapterFiles.MODEL))
        .hasSameBinaryContentAs(folder.resolve("whole2").resolve(AdapterFiles.MODEL));
  }

  @Test
  void goesOnFromNoOtherOptimizersCheckpoint() {
    TrainConfig adam = config(2, "adamw");
    train(adam, "adam", "state", Long.MAX_VALUE);
    TrainConfig momentum = config(2, "plain:momentum");

    assertThatThrownBy(() -> train(momentum, "momentum", "state", Long.MAX_VALUE))
        .hasMessageContaining("optimizer is not given, not plain:momentum");
  }
}
