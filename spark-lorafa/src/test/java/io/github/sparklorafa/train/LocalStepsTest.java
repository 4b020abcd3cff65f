package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.SafetensorsFile;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.data.BatchOrder;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.LoraModule;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps that workers take by themselves, and their average. */
class LocalStepsTest {
  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private final List<EvaluationReport> evaluations =
      Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  private static TrainConfigBuilder config(Method method, int workers, int every) {
    return LocalTraining.config(method)
        .workers(workers)
        .schedule(Schedule.CONSTANT)
        .synchronisation(s -> s.withEvery(every));
  }

  private List<Worker> train(TrainConfig config, TokenStore data, String name) {
    TrainInputs inputs =
        new TrainInputs(
            config,
            LocalTraining.MODEL,
            Optional.empty(),
            data,
            Optional.of(data).filter(same -> config.evalEvery() > 0),
            folder.resolve(name));
    return LocalTraining.train(config.workers(), rank -> inputs, listening(Long.MAX_VALUE));
  }

  private TrainListener listening(long killedAt) {
    return new TrainListener() {
      @Override
      public void onStep(StepReport report) {
        if (report.step() == killedAt) {
          throw new IllegalStateException("killed");
        }
      }

      @Override
      public void onEvaluation(EvaluationReport report) {
        evaluations.add(report);
      }

      @Override
      public void onNote(String note) {
        notes.add(note);
      }
    };
  }

  private static String file(Method method) {
    return method == Method.FULL ? "model.safetensors" : AdapterFiles.MODEL;
  }

  @ParameterizedTest
  @EnumSource
  void oneWorkerTakesTheOrdinaryRun(Method method) {
    TrainConfig ordinary = config(method, 1, 1).build();
    TrainConfig local = config(method, 1, 8).build();
    Worker expected = train(ordinary, ReferenceRun.data(), "ordinary").get(0);
    Worker actual = train(local, ReferenceRun.data(), "local").get(0);
    assertThat(actual.losses()).isEqualTo(expected.losses());
    assertThat(actual.gradNorms()).isEqualTo(expected.gradNorms());
    assertThat(folder.resolve("local").resolve(file(method)))
        .hasSameBinaryContentAs(folder.resolve("ordinary").resolve(file(method)));
  }

  /**
   * Each worker's share of three steps, trained on by a run of its own, and averaged here. Rows
   * differ in their terms; with 2 rows one of 3 workers has none.
   */
  @ParameterizedTest
  @CsvSource({
    "LORA_FA, 2, 4",
    "LORA_FA, 3, 3",
    "LORA_FA, 3, 2",
    "LORA, 2, 4",
    "FULL, 3, 3",
    "FULL, 3, 1"
  })
  void whatIsTrainedIsTheMeanByLossTerms(Method method, int workers, int batchSize) {
    TrainConfig config = config(method, workers, 3).batchSize(batchSize).maxSteps(3).build();
    Worker together = train(config, rowsWithTerms(), "together").get(0);

    List<Share> shares = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      alone(config, rank).ifPresent(shares::add);
    }
    double terms = shares.stream().mapToDouble(Share::terms).sum();
    Map<String, double[]> mean = new LinkedHashMap<>();
    for (Share share : shares) {
      share.values.forEach(
          (name, values) -> {
            double[] sum = mean.computeIfAbsent(name, first -> new double[values.length]);
            for (int i = 0; i < sum.length; i++) {
              sum[i] += values[i] * (share.terms() / terms);
            }
          });
    }
    Map<String, double[]> actual = values(folder.resolve("together").resolve(file(method)));
    assertThat(actual.keySet()).isEqualTo(mean.keySet());
    actual.forEach(
        (name, values) ->
            assertThat(values).as(name).containsExactly(mean.get(name), within(2e-7)));

    for (int step = 0; step < 3; step++) {
      int at = step;
      double loss = shares.stream().mapToDouble(share -> share.lossSums[at]).sum();
      double stepTerms = shares.stream().mapToDouble(share -> share.stepTerms[at]).sum();
      assertThat(together.losses()[step]).isCloseTo(loss / stepTerms, within(1e-5));
    }
  }

  /** What one worker's rows alone make of the model. */
  private record Share(Map<String, double[]> values, double[] lossSums, double[] stepTerms) {
    double terms() {
      return Arrays.stream(stepTerms).sum();
    }
  }

  /** Without terms a worker by itself stays where it is, which a run of one worker does not. */
  private static TokenStore rowsWithTerms() {
    TokenStore all = ReferenceRun.data();
    return TokenStore.of(
        LongStream.range(0, all.rows())
            .mapToObj(all::example)
            .filter(example -> example.lossTerms() > 0)
            .toList());
  }

  private Optional<Share> alone(TrainConfig config, int rank) {
    TokenStore data = rowsWithTerms();
    BatchOrder order = StepData.order(config, StepData.sequences(config, data), config.workers());
    List<Example> rows = new ArrayList<>();
    double[] terms = new double[3];
    for (int step = 0; step < 3; step++) {
      for (long row : order.rows(step, rank)) {
        rows.add(data.example(row));
        terms[step] += data.example(row).lossTerms();
      }
    }
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    TrainConfig own = config(config.method(), 1, 1).batchSize(rows.size() / 3).maxSteps(3).build();
    Worker worker = train(own, TokenStore.of(rows), "alone" + rank).get(0);
    double[] lossSums = new double[3];
    for (int step = 0; step < 3; step++) {
      lossSums[step] = worker.losses()[step] * terms[step];
    }
    return Optional.of(
        new Share(
            values(folder.resolve("alone" + rank).resolve(file(config.method()))),
            lossSums,
            terms));
  }

  static Map<String, double[]> values(Path file) {
    Map<String, double[]> values = new LinkedHashMap<>();
    try (Scope scope = new Scope();
        SafetensorsFile stored = SafetensorsFile.open(file)) {
      for (String name : stored.names()) {
        Tensor tensor = stored.load(name, DType.FP32).contiguous();
        float[] read = new float[(int) tensor.numel()];
        new FloatPointer(tensor.data_ptr()).get(read);
        values.put(name, IntStream.range(0, read.length).mapToDouble(i -> read[i]).toArray());
      }
    }
    return values;
  }

  /** {@code mean(B) mean(A)} beside {@code mean(B A)}: the same where A is frozen. */
  @ParameterizedTest
  @CsvSource({"LORA_FA, 0, 1e-7", "LORA, 1e-5, 1"})
  void averagesTheUpdatesOfLoraFaExactly(Method method, double least, double most) {
    TrainConfig config = config(method, 2, 3).maxSteps(3).build();
    train(config, rowsWithTerms(), "together");
    Map<String, double[]> mean = values(folder.resolve("together").resolve(AdapterFiles.MODEL));
    List<Share> shares = List.of(alone(config, 0).get(), alone(config, 1).get());
    double terms = shares.get(0).terms() + shares.get(1).terms();
    double largest = 0;
    for (String name : mean.keySet()) {
      if (name.endsWith(LoraModule.B_SUFFIX)) {
        String a = name.replace(LoraModule.B_SUFFIX, LoraModule.A_SUFFIX);
        double[] ofMeans = product(mean.get(name), mean.get(a));
        double[] one = product(shares.get(0).values.get(name), shares.get(0).values.get(a));
        double[] other = product(shares.get(1).values.get(name), shares.get(1).values.get(a));
        for (int i = 0; i < ofMeans.length; i++) {
          double meanOfProducts =
              (one[i] * shares.get(0).terms() + other[i] * shares.get(1).terms()) / terms;
          largest = Math.max(largest, Math.abs(ofMeans[i] - meanOfProducts));
        }
      }
    }
    assertThat(largest).isBetween(least, most);
  }

  /** Of {@code b [out, 4]} and {@code a [4, in]}. */
  private static double[] product(double[] b, double[] a) {
    int rank = 4;
    int out = b.length / rank;
    int in = a.length / rank;
    double[] product = new double[out * in];
    for (int o = 0; o < out; o++) {
      for (int k = 0; k < rank; k++) {
        for (int i = 0; i < in; i++) {
          product[o * in + i] += b[o * rank + k] * a[k * in + i];
        }
      }
    }
    return product;
  }

  @Test
  void loraIsToldThatItsAverageIsNoAverageOfUpdates() {
    train(config(Method.LORA, 2, 2).maxSteps(2).build(), ReferenceRun.data(), "lora");
    assertThat(notes).anyMatch(note -> note.startsWith("Every 2 steps A and B are averaged, and"));
    notes.clear();
    train(config(Method.LORA_FA, 2, 2).maxSteps(2).build(), ReferenceRun.data(), "lora-fa");
    assertThat(notes).isEmpty();
  }

  /** The trained numbers go once in H steps; two numbers a step say what the loss was. */
  @ParameterizedTest
  @CsvSource({"1, fp32, 4", "4, fp32, 4", "8, fp32, 4", "1, bf16, 2", "4, bf16, 2"})
  void sendsAnHthOfTheBytes(int every, String wire, int bytes) {
    TrainConfig config =
        config(Method.LORA_FA, 2, every)
            .synchronisation(s -> s.withWireDtype(wire))
            .maxSteps(16)
            .build();
    Worker worker = train(config, ReferenceRun.data(), "sent").get(0);
    long trained = worker.summary().trainableParameters();
    long sent = worker.steps().stream().mapToLong(StepReport::bucketBytes).sum();
    assertThat(sent).isEqualTo(16 / every * trained * bytes + 16 * 2 * Float.BYTES);
    for (StepReport step : worker.steps()) {
      boolean synchronises = step.step() % every == 0;
      assertThat(step.bucketBytes() > 0).isEqualTo(synchronises);
      assertThat(step.syncSeconds() > 0).isEqualTo(synchronises);
    }
  }

  @Test
  void lossesTravelInFp32WhateverGradientsDo() {
    TrainConfigBuilder config = LocalTraining.config(Method.LORA_FA).workers(2);
    double[] exact = train(config.build(), ReferenceRun.data(), "fp32").get(0).losses();
    double[] rounded =
        train(
                config.synchronisation(s -> s.withWireDtype("bf16")).build(),
                ReferenceRun.data(),
                "bf16")
            .get(0)
            .losses();
    assertThat(rounded[0]).isEqualTo(exact[0]);
    assertThat(rounded).isNotEqualTo(exact).containsExactly(exact, within(0.02));
  }

  /** Every second step is evaluated, every third one synchronised. */
  @Test
  void isEvaluatedWhereAllWorkersHaveTheSame() {
    TrainConfig config =
        config(Method.LORA_FA, 2, 3).maxSteps(7).evalData("given").evalEvery(2).build();
    List<Worker> workers = train(config, ReferenceRun.data(), "evaluated");
    assertThat(
            workers.get(0).steps().stream()
                .filter(step -> step.bucketBytes() > 0)
                .map(StepReport::step))
        .containsExactly(2L, 3L, 4L, 6L, 7L);
    assertThat(workers.get(0).losses()).isEqualTo(workers.get(1).losses());
    for (long step : new long[] {2, 4, 6, 7}) {
      assertThat(
              evaluations.stream()
                  .filter(report -> report.step() == step)
                  .map(EvaluationReport::evalLoss)
                  .distinct())
          .as("step %d", step)
          .hasSize(1);
    }
  }

  private TrainInputs checkpointed(TrainConfig config, String name, String checkpoints) {
    TrainingCheckpoints kept =
        TrainingCheckpoints.at(folder.resolve(checkpoints).toString(), new Configuration());
    return new TrainInputs(
        config,
        LocalTraining.MODEL,
        Optional.empty(),
        ReferenceRun.data(),
        Optional.empty(),
        folder.resolve(name),
        Optional.of(kept),
        List.of(kept));
  }

  private static TrainConfigBuilder checkpointed(Method method) {
    return config(method, 2, 3)
        .batchSize(5)
        .microBatchSize(1)
        .maxSteps(14)
        .shuffle(true)
        .checkpointing(c -> c.withDir("given").withEvery(4));
  }

  /** Step 8 is saved, between the synchronisations after 6 and 9; step 9 is the end. */
  @ParameterizedTest
  @EnumSource
  void goesOnBitForBitFromBetweenTwoSynchronisations(Method method) throws IOException {
    TrainConfig config = checkpointed(method).build();
    double[] whole =
        LocalTraining.train(2, rank -> checkpointed(config, "whole", "one"), listening(-1))
            .get(0)
            .losses();
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    2, rank -> checkpointed(config, "killed", "other"), listening(9)))
        .hasMessageContaining("killed");
    List<Worker> resumed =
        LocalTraining.train(2, rank -> checkpointed(config, "resumed", "other"), listening(-1));
    for (Worker worker : resumed) {
      assertThat(worker.steps().get(0).step()).isEqualTo(9);
      assertThat(worker.losses()).isEqualTo(Arrays.copyOfRange(whole, 8, 14));
    }
    assertThat(folder.resolve("resumed").resolve(file(method)))
        .hasSameBinaryContentAs(folder.resolve("whole").resolve(file(method)));
    assertThat(notes).noneMatch(note -> note.contains("workers what"));
  }

  @Test
  void goesOnWithAnotherNumberOfWorkersAndSaysThatLossesDiffer() {
    TrainConfig config = checkpointed(Method.LORA_FA).build();
    assertThatThrownBy(
            () -> LocalTraining.train(2, rank -> checkpointed(config, "killed", "c"), listening(9)))
        .hasMessageContaining("killed");
    TrainConfig three = checkpointed(Method.LORA_FA).workers(3).build();
    Worker resumed =
        LocalTraining.train(3, rank -> checkpointed(three, "resumed", "c"), listening(-1)).get(0);
    assertThat(resumed.steps().stream().map(StepReport::step).toList())
        .isEqualTo(LongStream.rangeClosed(9, 14).boxed().toList());
    assertThat(notes)
        .contains(
            "Going on with 3 workers what 2 began: with sync every 3 the same rows are trained on in"
                + " the same steps, but others are averaged, so the losses differ");
    assertThatThrownBy(
            () ->
                LocalTraining.train(
                    2,
                    rank ->
                        checkpointed(
                            checkpointed(Method.LORA_FA)
                                .synchronisation(s -> s.withEvery(1).withWireDtype("bf16"))
                                .build(),
                            "other",
                            "c"),
                    listening(-1)))
        .hasMessageContaining("sync-every is 3, not not given; wire-dtype is not given, not bf16");
  }
}
