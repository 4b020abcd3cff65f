package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.lora.Method;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DropoutTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @EnumSource(value = Method.class, mode = EnumSource.Mode.EXCLUDE, names = "FULL")
  void neitherWorkersNorMicroBatchesChangeTheLosses(Method method) {
    double[] one = losses(method, 0.3, 1, 4);
    double[] two = losses(method, 0.3, 2, 1);
    double[] without = losses(method, 0, 1, 4);
    assertThat(two).hasSameSizeAs(one);
    double difference = 0;
    for (int i = 0; i < one.length; i++) {
      assertThat(two[i]).as("loss of step %d", i + 1).isCloseTo(one[i], within(1e-4));
      difference = Math.max(difference, Math.abs(one[i] - without[i]));
    }
    assertThat(difference).isGreaterThan(1e-2);
  }

  private double[] losses(Method method, double dropout, int workers, int microBatchSize) {
    Path output = temporary.resolve("%s-%s-%d".formatted(method, dropout, workers));
    TrainConfig config =
        LocalTraining.config(method)
            .loraDropout(dropout)
            .workers(workers)
            .microBatchSize(microBatchSize)
            .maxSteps(8)
            .learningRate(2e-2)
            .build();
    LocalTraining.Worker first = LocalTraining.train(config, output).get(0);
    try (AdapterFiles adapter = AdapterFiles.open(output)) {
      assertThat(adapter.config().dropout()).isEqualTo(dropout);
    }
    return first.losses();
  }
}
