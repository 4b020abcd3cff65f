package io.github.sparklorafa.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.sparklorafa.spark.stage.TrainingCluster.Heard;
import io.github.sparklorafa.train.DeviceChoice;
import io.github.sparklorafa.train.Schedule;
import io.github.sparklorafa.train.TrainConfig;
import io.github.sparklorafa.train.TrainConfigBuilder;
import io.github.sparklorafa.train.TrainingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training on three executor JVMs, with Kryo, which many sites make their default. */
@Tag("spark")
@Timeout(240)
class TrainingJobTest {
  private static TrainingCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    cluster =
        TrainingCluster.start(
            "local-cluster[3,1,1024]",
            "spark.serializer",
            "org.apache.spark.serializer.KryoSerializer",
            "spark.scheduler.maxRegisteredResourcesWaitingTime",
            "10s");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void oneTwoAndThreeWorkersTakeTheSameSteps() throws IOException {
    List<List<Double>> curves = new ArrayList<>();
    for (int workers = 1; workers <= 3; workers++) {
      Heard heard = new Heard();
      Path output = folder.resolve("new/adapter-" + workers);
      Path metrics = folder.resolve("metrics-" + workers);
      TrainConfig config =
          TrainingCluster.config(output)
              .workers(workers)
              .metrics(metrics.toString())
              .evalData("given")
              .evalEvery(10)
              .build();

      TrainingResult result =
          TrainingJob.run(
              cluster.spark(),
              cluster.rows(23).repartition(workers + 1),
              Optional.of(cluster.rows(7)),
              config,
              List.of(heard));

      assertThat(result.attempts()).isEqualTo(1);
      assertThat(result.rows()).isEqualTo(23);
      assertThat(result.summary().steps()).isEqualTo(20);
      assertThat(output.resolve("adapter_model.safetensors")).isNotEmptyFile();
      assertThat(output.resolve("adapter_config.json")).isNotEmptyFile();
      assertThat(Files.readAllLines(metrics)).hasSize(22).allMatch(line -> isJson(line));
      curves.add(heard.losses());
    }

    assertThat(curves.get(0)).hasSize(20);
    assertThat(curves.get(0).get(19)).isLessThan(curves.get(0).get(0));
    for (int step = 0; step < 20; step++) {
      assertThat(curves.get(1).get(step)).isCloseTo(curves.get(0).get(step), within(1e-4));
      assertThat(curves.get(2).get(step)).isCloseTo(curves.get(0).get(step), within(1e-4));
    }
    assertThat(hiddenFiles(folder.resolve("new"))).as("what is left beside the output").isEmpty();
  }

  /** The rows, the settings and the losses are those that PEFT's run wrote down. */
  @ParameterizedTest
  @CsvSource({"llama-gqa, adapter-zero, lora-fa", "qwen2, adapter-qwen2, qwen2"})
  void takesPeftsTwentySteps(String model, String adapter, String name) throws IOException {
    ObjectMapper json = new ObjectMapper();
    JsonNode rows = json.readTree(TrainingCluster.reference("batches.json").toFile()).get("rows");
    List<String> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(row.toString()));
    Path data = Files.write(folder.resolve("rows.jsonl"), lines);
    JsonNode run = json.readTree(TrainingCluster.reference("runs/" + name + "/run.json").toFile());
    TrainConfig config =
        TrainingCluster.config(folder.resolve("adapter"))
            .model(TrainingCluster.reference(model).toString())
            .workers(2)
            .initAdapter(TrainingCluster.reference(adapter).toString())
            .alpha(8)
            .batchSize(4)
            .learningRate(run.at("/settings/learning_rate").asDouble())
            .schedule(Schedule.COSINE)
            .warmupSteps(3)
            .weightDecay(0.01)
            .shuffle(false)
            .build();
    Heard heard = new Heard();

    cluster.train(config, cluster.spark().read().json(data.toString()), heard);

    assertThat(heard.losses()).hasSize(20);
    for (int step = 0; step < 20; step++) {
      assertThat(heard.losses().get(step))
          .as("loss of step %d", step + 1)
          .isCloseTo(run.get("losses").get(step).asDouble(), within(1e-4));
    }
  }

  /** Documents that are packed, on a model with a window, over one executor and over three. */
  @Test
  void packedDocumentsTakeTheSameStepsOnAnyNumberOfWorkers() {
    List<List<Double>> curves = new ArrayList<>();
    for (int workers : new int[] {1, 3}) {
      Heard heard = new Heard();
      TrainConfig config =
          TrainingCluster.config(folder.resolve("packed-" + workers))
              .model(TrainingCluster.reference("qwen2").toString())
              .packing(true)
              .maxLength(24)
              .workers(workers)
              .build();
      TrainingResult result = cluster.train(config, cluster.rows(23), heard);
      assertThat(result.rows()).isEqualTo(23);
      assertThat(result.summary().tokens()).isGreaterThan(20 * 5 * 12);
      curves.add(heard.losses());
    }

    assertThat(curves.get(0)).hasSize(20);
    assertThat(curves.get(0).get(19)).isLessThan(curves.get(0).get(0));
    for (int step = 0; step < 20; step++) {
      assertThat(curves.get(1).get(step)).isCloseTo(curves.get(0).get(step), within(1e-4));
    }
  }

  @Test
  void whatNoRetryCuresFailsAtOnceWithTheFirstCause() throws IOException {
    Heard heard = new Heard();
    TrainConfig config =
        TrainingCluster.config(folder.resolve("adapter")).learningRate(1e30).maxSteps(200).build();

    assertThatThrownBy(() -> cluster.train(config, cluster.rows(23), heard))
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching("(?s)Cannot train: worker \\d on .*: Cannot go on after step \\d+: .*");
    assertThat(heard.starts).hasSize(1);
    assertThat(hiddenFiles(folder)).isEmpty();
    assertThat(folder.resolve("adapter")).doesNotExist();
  }

  @Test
  void aWrongRowFailsAtOnceWithItsNumber() throws IOException {
    List<Row> rows = new ArrayList<>(cluster.rows(5).collectAsList());
    rows.add(RowFactory.create(List.of(5, 97, 6)));
    Dataset<Row> data =
        cluster.spark().createDataFrame(rows, StructType.fromDDL("input_ids array<int>"));
    TrainConfig config = TrainingCluster.config(folder.resolve("adapter")).build();

    assertThatThrownBy(() -> cluster.train(config, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "Cannot train on 1 row with ids outside the vocabulary, the first is row \\d:"
                + " input_ids has 97 at position 1, outside .*");
    assertThat(hiddenFiles(folder)).isEmpty();
  }

  @Test
  void reportsAllProblemsBeforeAnyStage() throws IOException {
    Path output = Files.createDirectory(folder.resolve("adapter"));
    Files.writeString(output.resolve("file"), "");
    TrainConfig config =
        TrainingCluster.config(output)
            .workers(4)
            .device(DeviceChoice.CUDA)
            .targetModules(List.of("query"))
            .build();
    Dataset<Row> data = cluster.spark().range(3).toDF("number");

    assertThatThrownBy(() -> cluster.train(config, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot run 4 workers: 3 executors")
        .hasMessageContaining("Cannot use device: cuda")
        .hasMessageContaining("exists (give another one, or delete it)")
        .hasMessageContaining("Cannot read the dataset: ")
        .hasMessageContaining("Cannot adapt target modules: query");
  }

  @Tag("long")
  @Test
  void aLostExecutorMakesTrainingBeginAgain() {
    TrainConfigBuilder config =
        TrainingCluster.config(folder.resolve("undisturbed")).workers(3).maxSteps(200);
    Heard undisturbed = new Heard();
    cluster.train(config.build(), cluster.rows(23), undisturbed);
    Heard heard = new Heard();
    KillAnExecutor killer = new KillAnExecutor();

    TrainingResult result =
        cluster.train(
            config.output(folder.resolve("adapter").toString()).build(),
            cluster.rows(23),
            heard,
            killer);

    assertThat(result.attempts()).isEqualTo(2);
    assertThat(heard.losses()).isEqualTo(undisturbed.losses());
    assertThat(killer.untilItBeganAgain()).isLessThan(Duration.ofSeconds(60));
  }

  /** Also with the metrics of both attempts in one file, each step once. */
  @Test
  void aLostExecutorMakesTrainingGoOnFromTheLastCheckpoint() throws IOException {
    TrainConfigBuilder config =
        TrainingCluster.config(folder.resolve("undisturbed")).workers(3).maxSteps(200);
    Heard undisturbed = new Heard();
    cluster.train(config.build(), cluster.rows(23), undisturbed);
    Heard heard = new Heard();
    Path metrics = folder.resolve("metrics");
    config
        .output(folder.resolve("adapter").toString())
        .metrics(metrics.toString())
        .checkpointing(c -> c.withDir(folder.resolve("checkpoints").toString()).withEvery(8));

    KillAnExecutor killer = new KillAnExecutor(folder.resolve("checkpoints/step-000016"));
    TrainingResult result = cluster.train(config.build(), cluster.rows(23), heard, killer);

    assertThat(result.attempts()).isEqualTo(2);
    assertThat(heard.starts).hasSize(2);
    assertThat(heard.starts.get(0).stepsDone()).isZero();
    assertThat(heard.starts.get(1).stepsDone()).isGreaterThanOrEqualTo(16);
    assertThat(heard.losses()).isEqualTo(undisturbed.losses());
    assertThat(Files.readAllLines(metrics)).hasSize(200).allMatch(line -> isJson(line));
    assertThat(folder.resolve("adapter/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
    try (Stream<Path> files = Files.list(folder.resolve("checkpoints"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("step-000192", "step-000200");
    }
    aNewRunGoesOnWhereThatOneEnded(config, metrics);
  }

  private void aNewRunGoesOnWhereThatOneEnded(TrainConfigBuilder config, Path metrics)
      throws IOException {
    Heard again = new Heard();
    cluster.train(
        config.output(folder.resolve("again").toString()).build(), cluster.rows(23), again);

    assertThat(again.starts.get(0).stepsDone()).isEqualTo(200);
    assertThat(again.steps).isEmpty();
    assertThat(Files.readAllLines(metrics)).hasSize(200);
    assertThat(folder.resolve("again/adapter_model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("undisturbed/adapter_model.safetensors"));
  }

  private static boolean isJson(String line) {
    try {
      return new ObjectMapper().readTree(line).has("step");
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Path> hiddenFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).toList();
    }
  }
}
