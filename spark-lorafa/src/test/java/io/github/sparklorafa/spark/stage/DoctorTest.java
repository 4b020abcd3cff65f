package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.spark.stage.Finding.Level;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two executor JVMs, examined, with Kryo. */
@Tag("spark")
@Timeout(240)
class DoctorTest {
  private static TrainingCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        TrainingCluster.start(
            "local-cluster[2,1,1024]",
            "spark.serializer",
            "org.apache.spark.serializer.KryoSerializer",
            "spark.scheduler.maxRegisteredResourcesWaitingTime",
            "5s");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void findsNothingWrongWithAGoodCluster() {
    String model = TrainingCluster.reference("llama-gqa").toString();

    List<Finding> findings = Doctor.examine(cluster.spark(), model, 2);

    assertThat(findings).noneMatch(finding -> finding.level() == Level.PROBLEM);
    // Spark names the loopback address as it first saw it.
    assertThat(findings.stream().map(Finding::place).distinct())
        .extracting(place -> place.replace("on localhost", "on 127.0.0.1"))
        .containsExactlyInAnyOrder("driver", "executor 0 on 127.0.0.1", "executor 1 on 127.0.0.1");
    assertThat(findings.stream().filter(finding -> finding.place().startsWith("executor 0")))
        .extracting(Finding::what)
        .containsExactly(
            "Java",
            "libtorch",
            "processor",
            "memory",
            "local disk",
            "GPUs",
            "model",
            "network address",
            "network");
    assertThat(findings.stream().filter(finding -> finding.what().equals("network")))
        .extracting(Finding::text)
        .containsOnly("reaches the others of 2 executors");
  }

  @Test
  void saysWhatIsWrongAndStillLooksAtTheExecutors() {
    List<Finding> findings = Doctor.examine(cluster.spark(), "nowhere", 3);

    assertThat(findings.stream().filter(finding -> finding.level() == Level.PROBLEM))
        .extracting(finding -> finding.place().split(" ")[0] + " " + finding.what())
        .containsExactlyInAnyOrder(
            "driver settings",
            "driver model type",
            "driver model",
            "executor model",
            "executor model");
    assertThat(findings)
        .filteredOn(finding -> finding.what().equals("settings"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.text()).startsWith("Cannot run 3 workers: "));
  }
}
