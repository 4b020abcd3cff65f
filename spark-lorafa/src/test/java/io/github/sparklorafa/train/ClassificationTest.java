package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A new classifier on a masked language model, by the trainer's loop. */
class ClassificationTest {
  private static final int CLASSES = 3;

  @TempDir Path temporary;

  /** Which of three tokens a sequence holds. */
  private static TokenStore rows() {
    Random random = new Random(5);
    List<Example> rows = new ArrayList<>();
    for (int i = 0; i < 96; i++) {
      int[] ids = random.ints(4 + i % 9, 10, 46).toArray();
      ids[0] = 0;
      ids[1 + random.nextInt(ids.length - 1)] = 3 + i % CLASSES;
      rows.add(Example.withNumbers(ids, i % CLASSES));
    }
    return TokenStore.of(rows);
  }

  private List<LocalTraining.Worker> train(Method method, int workers, int steps) {
    Path output = temporary.resolve(method + "-" + workers);
    TrainConfig config =
        LocalTraining.config(method)
            .task(Task.SEQUENCE_CLASSIFICATION)
            .taskSettings(settings -> settings.withNumLabels(CLASSES))
            .workers(workers)
            .batchSize(12)
            .learningRate(method == Method.FULL ? 3e-3 : 1e-2)
            .maxSteps(steps)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder("roberta-mlm"),
            Optional.empty(),
            rows(),
            Optional.empty(),
            output);
    return LocalTraining.train(workers, rank -> inputs);
  }

  @ParameterizedTest
  @EnumSource
  void learnsWhichTokenIsThere(Method method) {
    double[] losses = train(method, 1, 160).get(0).losses();
    assertThat(losses[0]).isCloseTo(Math.log(CLASSES), within(0.1));
    double last = 0;
    for (int i = 150; i < 160; i++) {
      last += losses[i] / 10;
    }
    assertThat(last).isLessThan(0.3);
  }

  /** Each row counts the same, on whatever worker: 12 rows are 5, 4 and 3 there. */
  @Test
  void severalWorkersTrainAsOne() {
    double[] one = train(Method.LORA_FA, 1, 20).get(0).losses();
    for (int workers : new int[] {2, 3, 5}) {
      double[] several = train(Method.LORA_FA, workers, 20).get(0).losses();
      for (int i = 0; i < one.length; i++) {
        assertThat(several[i]).isCloseTo(one[i], within(1e-4));
      }
    }
  }

  /** PEFT's keys for a classifier. */
  @Test
  void theAdapterHoldsTheNewHead() {
    train(Method.LORA_FA, 1, 2);
    try (AdapterFiles adapter = AdapterFiles.open(temporary.resolve(Method.LORA_FA + "-1"))) {
      assertThat(adapter.names())
          .contains(
              "classifier.dense.weight",
              "classifier.out_proj.bias",
              "roberta.encoder.layer.1.attention.self.query.lora_B.weight")
          .noneMatch(name -> name.startsWith("lm_head"));
      assertThat(adapter.shape("classifier.out_proj.weight")).containsExactly(CLASSES, 16);
    }
  }
}
