package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pod that Spark's own code makes of the template and the settings in docs/operations.md. */
@Tag("long")
class KubernetesTest {
  private static final Path SPARK_HOME = Path.of(System.getenv("SPARK_HOME"));
  private static final Path REPOSITORY = Path.of(System.getProperty("spark-lorafa.repository"));

  @Test
  void templateLeavesTheNativesAPlace() throws Exception {
    JsonNode spec =
        pod(
            conf(
                "spark.executor.extraJavaOptions=-Dorg.bytedeco.javacpp.cachedir=/natives",
                "spark.kubernetes.executor.podTemplateFile="
                    + REPOSITORY.resolve("examples/kubernetes/executor.yaml"),
                "spark.executor.resource.gpu.amount=1",
                "spark.executor.resource.gpu.vendor=nvidia.com",
                "spark.executor.resource.gpu.discoveryScript=/opt/spark/gpus.sh"));
    JsonNode container = spec.at("/containers/0");
    assertThat(spec.at("/containers").size()).isEqualTo(1);
    assertThat(container.at("/volumeMounts").findValuesAsText("mountPath")).contains("/natives");
    assertThat(container.at("/env").toString())
        .contains("{\"name\":\"DJL_CACHE_DIR\",\"value\":\"/natives\"}")
        .contains("-Dorg.bytedeco.javacpp.cachedir=/natives");
    assertThat(spec.at("/securityContext/runAsUser").asInt()).isEqualTo(185);
    assertThat(container.at("/resources/limits/nvidia.com~1gpu").asText()).isEqualTo("1");
  }

  /** So what is planned is compared with what the container gets. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.executor.memory=2g",
        "spark.executor.memory=8g",
        "spark.executor.memory=8g spark.executor.memoryOverhead=19136m",
        "spark.executor.memory=8g spark.executor.memoryOverheadFactor=0.4",
        "spark.executor.memory=8g spark.kubernetes.memoryOverheadFactor=0.3",
        "spark.executor.memory=8g spark.executor.memoryOverheadFactor=0.4 spark.kubernetes.memoryOverheadFactor=0.3"
      })
  void grantedMemoryIsTheContainersLimit(String settings) throws Exception {
    SparkConf conf = conf(settings.split(" "));
    ExecutorMemory granted = ExecutorMemory.of(conf);
    assertThat(pod(conf).at("/containers/0/resources/limits/memory").asText())
        .isEqualTo(((granted.heapBytes() + granted.overheadBytes()) >> 20) + "Mi");
  }

  private static SparkConf conf(String... settings) {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.master", "k8s://https://localhost:6443")
            .set("spark.app.name", "train")
            .set("spark.driver.host", "driver")
            .set("spark.driver.port", "7078")
            .set("spark.kubernetes.container.image", "spark:3.5.5");
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      conf.set(parts[0], parts[1]);
    }
    return conf;
  }

  private static JsonNode pod(SparkConf conf) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                SPARK_HOME.resolveSibling("kubernetes") + "/*:" + SPARK_HOME.resolve("jars") + "/*",
                REPOSITORY
                    .resolve("spark-lorafa/src/test/kubernetes/ExecutorPod.java")
                    .toString()));
    for (scala.Tuple2<String, String> setting : conf.getAll()) {
      command.add(setting._1 + "=" + setting._2);
    }
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String json = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(json).isZero();
    return new ObjectMapper().readTree(json).at("/spec");
  }
}
