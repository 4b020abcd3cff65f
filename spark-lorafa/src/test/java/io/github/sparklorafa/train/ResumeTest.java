package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.BaseDType;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that ends in the middle goes on from its last checkpoint as if nothing had been. */
class ResumeTest {
  private static final int KILLED_AT = 11;
  private static final int STEPS = 15;

  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

  /** 24 rows in batches of 5: an epoch has 5 steps, the last one short. */
  private TrainConfigBuilder config(Method method) {
    return LocalTraining.config(method)
        .workers(2)
        .batchSize(5)
        .microBatchSize(1)
        .maxSteps(0)
        .epochs(3)
        .shuffle(true)
        .schedule(Schedule.LINEAR)
        .warmupSteps(3)
        .weightDecay(0.1)
        .checkpointing(c -> c.withDir("given").withEvery(4));
  }

  private TrainInputs inputs(TrainConfig config, String output) {
    TrainingCheckpoints checkpoints =
        TrainingCheckpoints.at(folder.resolve("checkpoints").toString(), new Configuration());
    return new TrainInputs(
        config,
        LocalTraining.MODEL,
        Optional.empty(),
        ReferenceRun.data(),
        Optional.of(config.evalData()).filter(data -> !data.isEmpty()).map(data -> otherRows()),
        folder.resolve(output),
        Optional.of(checkpoints),
        List.of(checkpoints));
  }

  /** Training on the reference's rows soon makes the loss on these rise. */
  private static TokenStore otherRows() {
    return TokenStore.of(
        IntStream.range(0, 7)
            .mapToObj(
                row ->
                    Example.of(IntStream.range(0, 12).map(i -> (row * 31 + i * i) % 96).toArray()))
            .toList());
  }

  private List<Worker> train(TrainConfig config, String output) {
    return train(config, output, Long.MAX_VALUE);
  }

  private List<Worker> train(TrainConfig config, String output, long killedAt) {
    TrainListener listener = LocalTraining.killedAfter(killedAt, notes);
    return LocalTraining.train(config.workers(), rank -> inputs(config, output), listener);
  }

  private void killed(TrainConfig config, long step) {
    assertThatThrownBy(() -> train(config, "killed", step)).hasMessageContaining("killed");
    assertThat(folder.resolve("killed")).doesNotExist();
  }

  private List<Worker> undisturbed(TrainConfig config) {
    TrainInputs inputs =
        new TrainInputs(
            config,
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            config.evalData().isEmpty() ? Optional.empty() : Optional.of(otherRows()),
            folder.resolve("undisturbed"));
    return LocalTraining.train(config.workers(), rank -> inputs);
  }

  private Stream<String> checkpoints() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  /** Changes the settings of a case. */
  private interface Change extends UnaryOperator<TrainConfigBuilder> {}

  private static Arguments with(String name, Change change, Method... methods) {
    return Arguments.of(named(name, change), List.of(methods));
  }

  static Stream<Arguments> everyCase() {
    return Stream.of(
            with("plain", config -> config, Method.values()),
            with(
                "with a head and corrected gradients",
                config ->
                    config
                        .gradientCorrection(GradientCorrectionMode.GRAM)
                        .modulesToSave(List.of("lm_head"))
                        .headLearningRate(1e-3),
                Method.LORA_FA),
            with("with dropout", config -> config.loraDropout(0.3), Method.LORA_FA, Method.LORA),
            with("in bf16", config -> config.dtype(DType.BF16), Method.values()),
            with(
                "on a base in 4 bits",
                config -> config.baseDtype(BaseDType.NF4),
                Method.LORA_FA,
                Method.LORA),
            with("packed", config -> config.packing(true).maxLength(24), Method.LORA_FA))
        .flatMap(
            one ->
                ((List<?>) one.get()[1])
                    .stream().map(method -> Arguments.of(method, one.get()[0])));
  }

  @ParameterizedTest
  @MethodSource("everyCase")
  void goesOnBitForBit(Method method, Change change) throws IOException {
    TrainConfig config = change.apply(config(method)).build();
    List<Worker> whole = undisturbed(config);
    killed(config, KILLED_AT);
    assertThat(checkpoints()).containsExactly("step-000004", "step-000008");

    List<Worker> resumed = train(config, "resumed");

    for (int rank = 0; rank < 2; rank++) {
      List<StepReport> steps = resumed.get(rank).steps();
      assertThat(steps).hasSize(STEPS - 8);
      for (StepReport step : steps) {
        StepReport expected = whole.get(rank).steps().get((int) step.step() - 1);
        assertThat(step.loss()).isEqualTo(expected.loss());
        assertThat(step.gradNorm()).isEqualTo(expected.gradNorm());
        assertThat(step.learningRate()).isEqualTo(expected.learningRate());
        assertThat(step.epoch()).isEqualTo(expected.epoch());
      }
      TrainSummary summary = resumed.get(rank).summary();
      assertThat(summary.steps()).isEqualTo(STEPS);
      assertThat(summary.firstLoss()).isEqualTo(whole.get(rank).summary().firstLoss());
      assertThat(summary.tokens()).isEqualTo(whole.get(rank).summary().tokens());
    }
    String result = method == Method.FULL ? "model.safetensors" : AdapterFiles.MODEL;
    assertThat(folder.resolve("resumed").resolve(result))
        .hasSameBinaryContentAs(folder.resolve("undisturbed").resolve(result));
    assertThat(checkpoints()).containsExactly("step-000008", "step-000012");
    try (Stream<Path> beside = Files.list(folder)) {
      assertThat(beside).noneMatch(file -> file.getFileName().toString().startsWith("."));
    }
  }

  @Test
  void goesOnWithAnotherNumberOfWorkers() {
    TrainConfigBuilder config = config(Method.LORA_FA);
    double[] whole = undisturbed(config.build()).get(0).losses();
    killed(config.build(), KILLED_AT);

    double[] resumed =
        train(config.workers(3).microBatchSize(2).build(), "resumed").get(0).losses();

    for (int i = 0; i < resumed.length; i++) {
      assertThat(resumed[i]).isCloseTo(whole[8 + i], within(1e-4));
    }
  }

  @Test
  void aFinishedRunWritesItsResultAgain() throws IOException {
    TrainConfig config = config(Method.LORA_FA).epochs(1.6).build();
    train(config, "first");
    assertThat(checkpoints()).contains("step-000008");
    assertThat(train(config, "second").get(0).steps()).isEmpty();
    assertThat(folder.resolve("second").resolve(AdapterFiles.MODEL))
        .hasSameBinaryContentAs(folder.resolve("first").resolve(AdapterFiles.MODEL));
  }

  /** With a constant learning rate, the steps of a longer run begin with those of a shorter one. */
  @Test
  void aConstantScheduleMayGoOnLonger() {
    TrainConfigBuilder config = config(Method.LORA_FA).schedule(Schedule.CONSTANT).maxSteps(8);
    train(config.build(), "first");
    List<Worker> longer = train(config.maxSteps(12).build(), "longer");
    assertThat(longer.get(0).losses())
        .isEqualTo(
            IntStream.range(8, 12)
                .mapToDouble(i -> undisturbed(config.build()).get(0).losses()[i])
                .toArray());
  }

  @Test
  void aConstantScheduleGivesNoShorterRunTheModelOfALongerOne() throws IOException {
    TrainConfigBuilder config = config(Method.LORA_FA).schedule(Schedule.CONSTANT).maxSteps(12);
    train(config.build(), "longer");
    List<String> before = checkpoints().toList();

    assertThatThrownBy(() -> train(config.maxSteps(10).build(), "shorter"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot resume from: ")
        .hasMessageEndingWith(
            "step-000012 (12 steps are done, and this run has 10: let it have more, name an older"
                + " checkpoint, or use another checkpoint dir)");

    assertThat(folder.resolve("shorter")).doesNotExist();
    assertThat(checkpoints()).containsExactlyElementsOf(before);
  }

  /** With a constant schedule a run that ends at the best step has the values that are kept. */
  @ParameterizedTest
  @EnumSource
  void theBestStepIsWhatIsWrittenAlsoAfterAResume(Method method) throws IOException {
    TrainConfigBuilder config =
        config(method)
            .schedule(Schedule.CONSTANT)
            .learningRate(0.02)
            .evalData("given")
            .evalEvery(2)
            .epochs(8)
            .stopping(s -> s.withPatience(3));
    List<Worker> stopped = undisturbed(config.build());
    TrainSummary summary = stopped.get(0).summary();
    assertThat(summary.bestStep()).isBetween(2L, 32L);
    assertThat(summary.steps()).isEqualTo(summary.bestStep() + 6);
    assertThat(stopped.get(1).summary().steps()).isEqualTo(summary.steps());

    killed(config.build(), summary.steps() - 1);
    TrainSummary resumed = train(config.build(), "resumed").get(0).summary();
    assertThat(resumed.bestStep()).isEqualTo(summary.bestStep());
    assertThat(resumed.bestValue()).isEqualTo(summary.bestValue());
    assertThat(resumed.steps()).isEqualTo(summary.steps());

    TrainConfig ended = config.epochs(summary.bestStep() / 5.0).build();
    TrainInputs inputs =
        new TrainInputs(
            ended,
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            Optional.empty(),
            folder.resolve("ended"));
    LocalTraining.train(2, rank -> inputs);
    String result = method == Method.FULL ? "model.safetensors" : AdapterFiles.MODEL;
    for (String output : List.of("undisturbed", "resumed")) {
      assertThat(folder.resolve(output).resolve(result))
          .as(output)
          .hasSameBinaryContentAs(folder.resolve("ended").resolve(result));
    }
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        Arguments.of("state.safetensors", "cut", "state.safetensors has 100 bytes instead of"),
        Arguments.of("state.safetensors", "flip", "state.safetensors has another checksum"),
        Arguments.of("state.json", "delete", "state.json is missing"),
        Arguments.of("manifest.json", "delete", "manifest.json is missing"),
        Arguments.of("manifest.json", "cut", "manifest.json is no manifest"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void fallsBackToTheCheckpointBefore(String file, String damage, String note) throws IOException {
    TrainConfig config = config(Method.LORA_FA).build();
    killed(config, KILLED_AT);
    damage(folder.resolve("checkpoints/step-000008").resolve(file), damage);
    Files.createDirectories(folder.resolve("checkpoints/.step-000012-torn"));

    List<Worker> resumed = train(config, "resumed");

    assertThat(resumed.get(0).steps()).hasSize(STEPS - 4);
    assertThat(resumed.get(0).losses())
        .isEqualTo(Arrays.copyOfRange(undisturbed(config).get(0).losses(), 4, STEPS));
    assertThat(notes)
        .anySatisfy(
            said ->
                assertThat(said)
                    .startsWith("Cannot resume from: ")
                    .contains(
                        "step-000008 (it is unfinished or damaged: use an older one): ", note))
        .anySatisfy(said -> assertThat(said).startsWith("Going on after step 4 from "));
    assertThat(checkpoints()).containsExactly("step-000008", "step-000012");
  }

  @Test
  void startsNothingAnewOverCheckpointsThatAreAllDamaged() throws IOException {
    TrainConfig config = config(Method.LORA_FA).build();
    killed(config, KILLED_AT);
    List<String> before = checkpoints().toList();
    for (String checkpoint : before) {
      damage(folder.resolve("checkpoints").resolve(checkpoint).resolve("state.json"), "delete");
    }

    assertThatThrownBy(() -> train(config, "resumed"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot resume from any checkpoint: all are damaged; ")
        .hasMessageEndingWith("(name another checkpoint folder to start anew)");
    assertThat(checkpoints()).containsExactlyElementsOf(before);
  }

  private static void damage(Path file, String how) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    switch (how) {
      case "cut" -> Files.write(file, Arrays.copyOf(bytes, 100));
      case "flip" -> {
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
      default -> Files.delete(file);
    }
  }

  @Test
  void refusesACheckpointOfAnotherRunWithEveryDifference() {
    killed(config(Method.LORA_FA).build(), 5);

    TrainConfig other =
        config(Method.LORA)
            .rank(8)
            .batchSize(4)
            .targetModules(List.of("q_proj", "v_proj"))
            .epochs(2)
            .build();

    assertThatThrownBy(() -> train(other, "other"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot resume from: ")
        .hasMessageContaining(
            "step-000004 (it is another run's: use that run's settings and files, or another"
                + " checkpoint dir): batch-size is 5, not 4; ")
        .hasMessageContaining("; epochs is 3.0, not 2.0; ")
        .hasMessageContaining("; method is LORA_FA, not LORA; ")
        .hasMessageContaining("; rank is 4, not 8; ")
        .hasMessageContaining("; target-modules is [\"all-linear\"], not [\"q_proj\",\"v_proj\"]");
  }

  @Test
  void refusesACheckpointOfOtherData() {
    TrainConfig config = config(Method.LORA_FA).build();
    killed(config, 5);
    TrainInputs same = inputs(config, "other");
    TokenStore fewer =
        TokenStore.of(IntStream.range(0, 23).mapToObj(same.data()::example).toList());
    TrainInputs other =
        new TrainInputs(
            config,
            same.modelFolder(),
            Optional.empty(),
            fewer,
            Optional.empty(),
            same.outputFolder(),
            same.checkpoints(),
            same.resumeFrom());

    assertThatThrownBy(() -> LocalTraining.train(2, rank -> other))
        .hasMessageContaining("checksum of the data is ")
        .hasMessageContaining("rows of the data is 24, not 23");
  }
}
