package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** T5 in the training loop: workers, micro-batches, dropout, evaluation. */
class T5TrainingTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @EnumSource
  void neitherWorkersNorMicroBatchesChangeTheLosses(Method method) {
    double[] one = losses(method, 0, 1, 4);
    assertThat(one[7]).isLessThan(one[1]);
    assertClose(losses(method, 0, 2, 1), one);
    assertClose(losses(method, 0, 3, 2), one);
  }

  /** Masks follow rows, whichever tokens of them a module sees. */
  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "FULL")
  void norDoTheyChangeThoseWithDropout(Method method) {
    double[] one = losses(method, 0.3, 1, 4);
    assertClose(losses(method, 0.3, 2, 1), one);
    double[] without = losses(method, 0, 1, 4);
    double difference = 0;
    for (int i = 0; i < one.length; i++) {
      difference = Math.max(difference, Math.abs(one[i] - without[i]));
    }
    assertThat(difference).isGreaterThan(1e-2);
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as("loss of step %d", i + 1).isCloseTo(expected[i], within(1e-4));
    }
  }

  private double[] losses(Method method, double dropout, int workers, int microBatchSize) {
    return train(
            LocalTraining.config(method)
                .loraDropout(dropout)
                .workers(workers)
                .microBatchSize(microBatchSize)
                .maxSteps(8)
                .learningRate(method == Method.FULL ? 5e-3 : 2e-2))
        .losses();
  }

  @Test
  void workersShareAnEvaluation() {
    double alone = evalLoss(1);
    assertThat(alone).isBetween(1.0, 12.0);
    assertThat(evalLoss(2)).isCloseTo(alone, within(1e-4));
  }

  private double evalLoss(int workers) {
    return train(
            LocalTraining.config(Method.LORA_FA)
                .maxSteps(6)
                .evalData("eval")
                .evalEvery(3)
                .workers(workers))
        .summary()
        .evalLoss();
  }

  private LocalTraining.Worker train(TrainConfigBuilder builder) {
    TrainConfig config = builder.task(Task.SEQ2SEQ).build();
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder("t5-gated"),
            Optional.empty(),
            TokenStore.of(T5ParityTest.rows()),
            config.evalEvery() > 0
                ? Optional.of(TokenStore.of(T5ParityTest.rows().subList(8, 13)))
                : Optional.empty(),
            temporary.resolve("%s-%d".formatted(config.method(), System.nanoTime())));
    return LocalTraining.train(config.workers(), rank -> inputs).get(0);
  }
}
