package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** Heads see rows of their own, fewer than the tokens: a mask of dropout fits them. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta-mlm"})
  void dropoutReachesTheHeadsOfSeveralWorkersAsOfOne(String model) {
    double[] one = dropped(model, 1);
    double[] three = dropped(model, 3);
    for (int i = 0; i < one.length; i++) {
      assertThat(three[i]).isCloseTo(one[i], within(1e-4));
    }
  }

  /** With every third row of the masked ones without a label. */
  private double[] dropped(String model, int workers) {
    boolean masked = model.endsWith("mlm");
    List<Example> rows = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int[] ids = new Random(i).ints(3 + i % 7, 3, 46).toArray();
      int[] labels = new int[ids.length];
      Arrays.fill(labels, Example.IGNORED);
      labels[i % ids.length] = i % 3 == 0 ? Example.IGNORED : 5;
      rows.add(
          masked
              ? new Example(ids, labels, LabelKind.SAME_TOKENS)
              : Example.withNumbers(ids, i % CLASSES));
    }
    TrainConfig config =
        LocalTraining.config(Method.LORA)
            .task(masked ? Task.MASKED_LM : Task.SEQUENCE_CLASSIFICATION)
            .loraDropout(0.3)
            .workers(workers)
            .batchSize(6)
            .microBatchSize(2)
            .maxSteps(6)
            .build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder(model),
            Optional.empty(),
            TokenStore.of(rows),
            Optional.empty(),
            temporary.resolve(model + workers));
    return LocalTraining.train(workers, rank -> inputs).get(0).losses();
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
