package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

/** After "Running Spark on YARN" and "Running Spark on Kubernetes" of Spark 3.5's documentation. */
class ExecutorMemoryTest {
  private static final long MIB = 1 << 20;

  private final SparkConf conf = new SparkConf(false);

  @Test
  void onlyContainersLimit() {
    for (String master :
        new String[] {"local[4]", "local-cluster[2,1,1024]", "spark://host:7077"}) {
      conf.set("spark.master", master);
      assertThat(ExecutorMemory.of(conf)).isEqualTo(new ExecutorMemory(1024 * MIB, 0));
      assertThat(ExecutorMemory.of(conf).isLimited()).isFalse();
    }
  }

  @Test
  void aTenthOfTheHeapButAtLeast384Mib() {
    for (String master : new String[] {"yarn", "k8s://https://host:6443"}) {
      conf.set("spark.master", master).set("spark.executor.memory", "2g");
      assertThat(ExecutorMemory.of(conf)).isEqualTo(new ExecutorMemory(2048 * MIB, 384 * MIB));
      conf.set("spark.executor.memory", "20g");
      assertThat(ExecutorMemory.of(conf)).isEqualTo(new ExecutorMemory(20_480 * MIB, 2048 * MIB));
    }
  }

  @Test
  void settingsOverruleFactorsAndFactorsTheUsualOne() {
    conf.set("spark.master", "k8s://https://host:6443").set("spark.executor.memory", "10g");
    conf.set("spark.kubernetes.memoryOverheadFactor", "0.2");
    assertThat(ExecutorMemory.of(conf).overheadBytes()).isEqualTo(2048 * MIB);
    conf.set("spark.executor.memoryOverheadFactor", "0.4");
    assertThat(ExecutorMemory.of(conf).overheadBytes()).isEqualTo(4096 * MIB);
    conf.set("spark.executor.memoryOverhead", "3g");
    assertThat(ExecutorMemory.of(conf).overheadBytes()).isEqualTo(3072 * MIB);
    conf.set("spark.executor.memoryOverhead", "100");
    assertThat(ExecutorMemory.of(conf).overheadBytes()).isEqualTo(100 * MIB);
  }

  @Test
  void theKubernetesFactorIsNotYarns() {
    conf.set("spark.master", "yarn").set("spark.executor.memory", "10g");
    conf.set("spark.kubernetes.memoryOverheadFactor", "0.2");
    assertThat(ExecutorMemory.of(conf).overheadBytes()).isEqualTo(1024 * MIB);
  }
}
