package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.TokenStore;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Regression on 24 rows in batches of 4, in the data's order, of which row 13 has a number whose
 * square fp32 cannot hold.
 */
class FiniteStepsTest {
  private static final int ROWS = 24;
  private static final float TOO_LARGE = 3e38f;

  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

  private static Example row(int row, double label) {
    int[] ids = IntStream.range(0, 4 + row % 5).map(i -> 3 + (row * 7 + i * i) % 40).toArray();
    return Example.withNumbers(ids, (float) label);
  }

  private static TokenStore rows(int count, IntToDoubleFunction label) {
    return TokenStore.of(
        IntStream.range(0, count).mapToObj(row -> row(row, label.applyAsDouble(row))).toList());
  }

  private static TokenStore poisoned() {
    return rows(ROWS, row -> row == 13 ? TOO_LARGE : row % 3);
  }

  private static TrainConfigBuilder config(OnNan onNan) {
    return LocalTraining.config(Method.LORA_FA)
        .task(Task.SEQUENCE_CLASSIFICATION)
        .taskSettings(
            settings ->
                settings.withNumLabels(1).withProblemType(TaskSettings.ProblemType.REGRESSION))
        .schedule(Schedule.CONSTANT)
        .microBatchSize(1)
        .weightDecay(0.1)
        .maxSteps(12)
        .stopping(s -> s.withOnNan(onNan));
  }

  private List<Worker> train(TrainConfig config, TokenStore rows, String output, long killedAt) {
    Optional<TrainingCheckpoints> checkpoints =
        Optional.of(config.checkpointing().checkpointDir())
            .filter(dir -> !dir.isEmpty())
            .map(dir -> TrainingCheckpoints.in(dir, new Configuration()));
    TrainInputs inputs =
        new TrainInputs(
            config,
            ReferenceRun.folder("roberta-mlm"),
            Optional.empty(),
            rows,
            Optional.empty(),
            folder.resolve(output),
            checkpoints,
            checkpoints.stream().toList());
    TrainListener listener = LocalTraining.killedAfter(killedAt, notes);
    return LocalTraining.train(config.workers(), rank -> inputs, listener);
  }

  private List<Worker> train(TrainConfig config, TokenStore rows, String output) {
    return train(config, rows, output, -1);
  }

  private Path adapter(String output) {
    return folder.resolve(output).resolve(AdapterFiles.MODEL);
  }

  /** Rows 12 to 15, dealt out in runs. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 'worker 0, micro-batch 2'",
    "1, 4, 'worker 0, micro-batch 1'",
    "2, 1, 'worker 0, micro-batch 2'",
    "3, 1, 'worker 0, micro-batch 2'",
    "5, 1, 'worker 1, micro-batch 1'"
  })
  void stopsWithTheRowAndWhoHadIt(int workers, int microBatch, String who) {
    TrainConfig config = config(OnNan.STOP).workers(workers).microBatchSize(microBatch).build();
    assertThatThrownBy(() -> train(config, poisoned(), "out"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot go on after step 4: loss Infinity, gradient norm ")
        .hasMessageContaining(", from row 13 (" + who + ") (look for damaged rows and weights,");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  /** As if there had been no such batches: neither weights nor moments nor their decay move. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void skipsAsIfTheBatchWereNotThere(int workers) {
    TrainConfigBuilder config = config(OnNan.SKIP).workers(workers);

    List<Worker> skipping = train(config.build(), poisoned(), "skipping");

    TokenStore without =
        TokenStore.of(
            IntStream.range(0, ROWS)
                .filter(row -> row / 4 != 3)
                .mapToObj(row -> row(row, row % 3))
                .toList());
    List<Worker> whole = train(config.maxSteps(10).build(), without, "without");
    assertThat(adapter("skipping")).hasSameBinaryContentAs(adapter("without"));
    TrainSummary summary = skipping.get(0).summary();
    assertThat(summary.steps()).isEqualTo(12);
    assertThat(summary.skippedSteps()).isEqualTo(2);
    assertThat(summary.firstLoss()).isEqualTo(whole.get(0).summary().firstLoss());
    assertThat(summary.lastLoss()).isEqualTo(whole.get(0).summary().lastLoss());
    assertThat(skipping.get(0).losses()[3]).isInfinite();
    assertThat(notes).hasSize(3);
    assertThat(notes.get(0))
        .startsWith("Left out step 4: loss Infinity, gradient norm ")
        .endsWith(", from row 13 (worker 0, micro-batch 2)");
    assertThat(notes.get(1)).startsWith("Left out step 10: ");
    assertThat(notes.get(2))
        .isEqualTo("Left out 2 of 12 steps, whose loss or gradient was not finite");
  }

  /**
   * Each worker by itself for four steps: row 13 is worker 0's, in the last of them. So worker 0
   * goes into the average with three steps and their 6 rows, worker 1 with four and 8.
   */
  @Test
  void aWorkerByItselfLeavesOutItsStepAndItsWeightInTheAverage() {
    TrainConfigBuilder config = config(OnNan.SKIP).workers(2).maxSteps(4);
    List<Worker> together =
        train(config.synchronisation(s -> s.withEvery(4)).build(), poisoned(), "together");

    TrainConfigBuilder alone = config(OnNan.STOP).batchSize(2);
    train(alone.maxSteps(3).build(), share(0), "first");
    train(alone.maxSteps(4).build(), share(1), "second");
    Map<String, double[]> first = LocalStepsTest.values(adapter("first"));
    Map<String, double[]> second = LocalStepsTest.values(adapter("second"));
    LocalStepsTest.values(adapter("together"))
        .forEach(
            (name, values) -> {
              double[] mean = new double[values.length];
              for (int i = 0; i < mean.length; i++) {
                mean[i] = (6 * first.get(name)[i] + 8 * second.get(name)[i]) / 14;
              }
              assertThat(values).as(name).containsExactly(mean, within(1e-6));
            });
    assertThat(together.get(0).losses()[3]).as("of worker 1's rows alone").isFinite();
    assertThat(together.get(0).summary().skippedSteps()).isZero();
    assertThat(notes)
        .singleElement()
        .asString()
        .startsWith("Left out step 4: loss Infinity, gradient norm ")
        .endsWith(", from row 13 (worker 0)");
  }

  /** What each of two workers gets of the good rows: every other two. */
  private static TokenStore share(int rank) {
    return TokenStore.of(
        IntStream.range(0, 16)
            .filter(row -> row / 2 % 2 == rank)
            .mapToObj(row -> row(row, row == 13 ? 0 : row % 3))
            .toList());
  }

  @Test
  void aStepThatNoWorkerTakesByItselfChangesNothing() {
    TokenStore rows = rows(ROWS, row -> row / 4 == 3 ? TOO_LARGE : row % 3);
    TrainConfigBuilder config = config(OnNan.SKIP).workers(2).synchronisation(s -> s.withEvery(4));

    TrainSummary summary = train(config.maxSteps(4).build(), rows, "four").get(0).summary();
    // The third step is the end, so that all synchronise there.
    TrainSummary whole = train(config.maxSteps(3).build(), rows, "three").get(0).summary();

    assertThat(adapter("four")).hasSameBinaryContentAs(adapter("three"));
    assertThat(summary.skippedSteps()).isEqualTo(1);
    assertThat(summary.lastLoss()).isEqualTo(whole.lastLoss());
    assertThat(notes).contains("Left out 1 of 4 steps, whose loss or gradient was not finite");
  }

  /** AdamW counts the steps that it took, also when the run goes on from a checkpoint. */
  @Test
  void goesOnBitForBitAfterASkip() {
    TrainConfig config =
        config(OnNan.SKIP)
            .workers(2)
            .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(4))
            .build();
    assertThatThrownBy(() -> train(config, poisoned(), "killed", 6)).hasMessage("killed");
    TrainSummary resumed = train(config, poisoned(), "resumed").get(0).summary();

    train(config(OnNan.SKIP).workers(2).build(), poisoned(), "undisturbed");

    assertThat(adapter("resumed")).hasSameBinaryContentAs(adapter("undisturbed"));
    assertThat(resumed.skippedSteps()).isEqualTo(2);
  }

  /** Who meets a bad row goes on from the last checkpoint without it. */
  @Test
  void aRunThatStoppedGoesOnSkipping() {
    TrainConfigBuilder config =
        config(OnNan.STOP)
            .checkpointing(c -> c.withDir(folder.resolve("state").toString()).withEvery(2));
    assertThatThrownBy(() -> train(config.build(), poisoned(), "stopped"))
        .isInstanceOf(TrainingException.class);

    train(config.stopping(s -> s.withOnNan(OnNan.SKIP)).build(), poisoned(), "resumed");

    train(config(OnNan.SKIP).build(), poisoned(), "undisturbed");
    assertThat(notes).anyMatch(note -> note.startsWith("Going on after step 2 from "));
    assertThat(adapter("resumed")).hasSameBinaryContentAs(adapter("undisturbed"));
  }

  @Test
  void doesNotSkipForEver() {
    TokenStore all = rows(ROWS, row -> row < 4 ? 1 : TOO_LARGE);
    TrainConfig config = config(OnNan.SKIP).maxSteps(20).batchSize(2).build();
    assertThatThrownBy(() -> train(config, all, "out"))
        .isInstanceOf(TrainingException.class)
        .hasMessageStartingWith("Cannot go on after step 12: loss Infinity, ")
        .hasMessageContaining(
            "from each of its rows, so that the weights are suspect: row 22 (worker 0, micro-batch"
                + " 1), row 23 (worker 0, micro-batch 2), and it is the 10th step in a row");
    assertThat(notes).hasSize(9);
  }

  /** Losses that fp32 holds one by one, and not their sum. */
  @Test
  void saysThatNoRowAloneDidIt() {
    TokenStore rows = rows(100, row -> 2e18);
    TrainConfig config = config(OnNan.STOP).batchSize(100).build();
    assertThatThrownBy(() -> train(config, rows, "out"))
        .hasMessageStartingWith("Cannot go on after step 1: loss Infinity, ")
        .hasMessageContaining(
            "from none of its rows alone, but all together: row 0, row 1, row 2, row 3, row 4, row"
                + " 5, row 6, row 7, row 8, row 9 and 90 more (");
  }

  @Test
  void namesTheRowsThatWerePacked() {
    List<Example> rows = new ArrayList<>();
    for (int row = 0; row < 8; row++) {
      rows.add(Example.of(3 + row, 5, 7, 9));
    }
    assertThat(io.github.sparklorafa.data.TokenSequences.packed(TokenStore.of(rows), 8).rows(1))
        .containsExactly(2, 3);
  }
}
