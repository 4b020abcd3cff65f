package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.checkpoint.AdapterFiles;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.collective.CollectiveException;
import io.github.sparklorafa.collective.Communicator;
import io.github.sparklorafa.collective.LocalCommunicator;
import io.github.sparklorafa.collective.WireDType;
import io.github.sparklorafa.data.MicroBatches;
import io.github.sparklorafa.data.TokenBatch;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.nn.Tape;
import io.github.sparklorafa.tensor.NativeFloats;
import io.github.sparklorafa.tensor.Natives;
import io.github.sparklorafa.tensor.Scope;
import io.github.sparklorafa.train.LocalTraining.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Gradients that leave during the backward pass: the same bits, and no way to hang. */
@Timeout(120)
class GradientSumTest {
  private static final long SMALL_PART = 100;
  private static final OptionalLong WHOLE = OptionalLong.of(Long.MAX_VALUE);

  private static final Comparator<NativeFloats> BY_ADDRESS =
      Comparator.comparingLong(NativeFloats::address);

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    Natives.load(1);
  }

  @AfterEach
  void noThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("gradient-sum-") && thread.isAlive());
  }

  /** 4 rows on 3 workers divide unevenly; with 2 rows one worker has none. */
  @ParameterizedTest
  @CsvSource({
    "LORA_FA, 2, 4",
    "LORA_FA, 3, 2",
    "LORA, 3, 4",
    "FULL, 2, 4",
    "FULL, 3, 2",
  })
  void noBitDependsOnHowTheBucketIsCut(Method method, int workers, int batchSize)
      throws IOException {
    TrainConfig config =
        LocalTraining.config(method)
            .workers(workers)
            .batchSize(batchSize)
            .microBatchSize(1)
            .maxSteps(6)
            .build();
    List<Worker> whole = train(config, "whole", WHOLE);
    for (long part : new long[] {SMALL_PART, 1000, 4096}) {
      List<Worker> cut = train(config, "cut" + part, OptionalLong.of(part));
      for (int rank = 0; rank < workers; rank++) {
        assertThat(cut.get(rank).losses()).isEqualTo(whole.get(rank).losses());
        assertThat(cut.get(rank).gradNorms()).isEqualTo(whole.get(rank).gradNorms());
      }
      String result = method == Method.FULL ? "model.safetensors" : AdapterFiles.MODEL;
      assertThat(folder.resolve("cut" + part).resolve(result))
          .hasSameBinaryContentAs(folder.resolve("whole").resolve(result));
    }
  }

  private List<Worker> train(TrainConfig config, String output, OptionalLong part) {
    TrainInputs inputs =
        new TrainInputs(
            config,
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            Optional.empty(),
            folder.resolve(output));
    return LocalTraining.train(config.workers(), rank -> inputs, new TrainListener() {}, part);
  }

  @Test
  void tellsWhatTheSumTookAndWhatOfItWasWaitedFor() {
    TrainConfig config = LocalTraining.config(Method.FULL).workers(2).maxSteps(3).build();
    for (OptionalLong part : List.of(WHOLE, OptionalLong.of(1000))) {
      for (StepReport step : train(config, "at" + part.getAsLong(), part).get(0).steps()) {
        assertThat(step.syncSeconds()).isPositive().isLessThanOrEqualTo(step.seconds());
        assertThat(step.syncWaitSeconds()).isPositive().isLessThanOrEqualTo(step.syncSeconds());
      }
    }
  }

  /** One worker in the middle of a step. */
  private static final class Step implements AutoCloseable {
    private final Scope scope = new Scope();
    private final NoGradGuard noGrad = new NoGradGuard();
    private final HuggingFaceFolder opened;
    private final TrainedModel trained;
    private final List<Throwable> told = new ArrayList<>();
    private final GradientSum sum;

    Step(Communicator communicator) {
      TrainConfig config = LocalTraining.config(Method.FULL).build();
      opened =
          HuggingFaceFolder.open(
              LocalTraining.MODEL, config.dtype(), Optional.of(config.objective()));
      trained = TrainedModel.open(config, opened, Map.of());
      sum =
          new GradientSum(
              trained.trainables(),
              communicator,
              told::add,
              WireDType.FP32,
              OptionalLong.of(SMALL_PART));
    }

    void backward() {
      TokenBatch batch = MicroBatches.of(ReferenceRun.data(), new long[] {0, 1}, 2).get(0);
      sum.begin();
      try (Scope ofBatch = new Scope();
          Tape tape = new Tape()) {
        trained.trainStep(0, batch, tape);
      }
      trained.trainables().putLoss(0, 1, 1);
    }

    @Override
    public void close() {
      sum.close();
      trained.close();
      opened.close();
      noGrad.close();
      scope.close();
    }
  }

  /** Hands all calls on, and remembers the sums. */
  private record Watched(Communicator communicator, List<NativeFloats> sums)
      implements Communicator {
    @Override
    public int rank() {
      return communicator.rank();
    }

    @Override
    public int size() {
      return communicator.size();
    }

    @Override
    public void sum(NativeFloats buffer, WireDType wire) {
      communicator.sum(buffer, wire);
      sums.add(buffer);
    }

    @Override
    public void abort(String cause) {
      communicator.abort(cause);
    }

    @Override
    public void close() {
      communicator.close();
    }
  }

  /** Only the last part, which carries the loss, waits for the end of the backward pass. */
  @Test
  void allPartsButTheLastLeaveBeforeTheBackwardPassIsOver() throws Exception {
    List<Communicator> group = LocalCommunicator.group(2);
    CompletableFuture<Void> other = CompletableFuture.runAsync(() -> wholeStep(group.get(1)));
    List<NativeFloats> sums = new CopyOnWriteArrayList<>();
    try (Step step = new Step(new Watched(group.get(0), sums))) {
      NativeFloats bucket = step.trained.trainables().bucket();
      int parts = (int) ((bucket.count() - 2 + SMALL_PART - 1) / SMALL_PART);
      step.backward();
      while (sums.size() < parts - 1) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      assertThat(sums).hasSize(parts - 1);
      step.sum.finish();
      assertThat(sums).hasSize(parts);
      assertThat(sums.get(parts - 1).address()).isEqualTo(bucket.address());
      long next = bucket.address();
      for (NativeFloats part : sums.stream().sorted(BY_ADDRESS).toList()) {
        assertThat(part.address()).isEqualTo(next);
        next += part.bytes();
      }
      assertThat(next).isEqualTo(bucket.address() + bucket.bytes());
      assertThat(step.trained.trainables().lossTerms(0)).isEqualTo(2);
    }
    other.get();
  }

  private static void wholeStep(Communicator communicator) {
    try (Step step = new Step(communicator)) {
      step.backward();
      step.sum.finish();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The other worker has not come yet, so a part is under way. */
  @Test
  void aWorkerThatGivesUpInTheBackwardPassSaysWhyAndTheOthersFail() {
    List<Communicator> group = LocalCommunicator.group(2);
    RuntimeException cause = new IllegalStateException("out of luck");
    try (Step step = new Step(group.get(0))) {
      step.backward();
      step.sum.abandon(cause);
      assertThat(step.told).containsExactly(cause);
    }
    assertThatThrownBy(() -> wholeStep(group.get(1)))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 0 stopped (out of luck)");
  }

  @Test
  void aWorkerThatGivesUpAfterTheOtherFailedSaysWhatCameFirst() throws Exception {
    List<Communicator> group = LocalCommunicator.group(2);
    try (Step step = new Step(group.get(0))) {
      step.backward();
      group.get(1).abort("gone");
      assertThatThrownBy(step.sum::finish)
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("rank 1 stopped (gone)");
      assertThatThrownBy(() -> step.sum.abandon(new IllegalStateException("later")))
          .isInstanceOf(CollectiveException.class)
          .hasMessageContaining("rank 1 stopped (gone)");
      assertThat(step.told).isEmpty();
    }
  }

  @Test
  void aPeerThatNeverComesEndsTheStepAfterTheTimeout() {
    Communicator alone = LocalCommunicator.group(2, Duration.ofSeconds(1)).get(0);
    assertThatThrownBy(() -> wholeStep(alone))
        .isInstanceOf(CollectiveException.class)
        .hasMessageContaining("rank 0 has waited 1 s for the others");
  }

  @Test
  void anInterruptedWorkerEndsTheOthers() {
    List<Communicator> group = LocalCommunicator.group(2);
    CompletableFuture<Void> other = new CompletableFuture<>();
    try (Step step = new Step(group.get(0))) {
      step.backward();
      Thread.currentThread().interrupt();
      assertThatThrownBy(step.sum::finish).isInstanceOf(InterruptedException.class);
    }
    CompletableFuture.runAsync(() -> wholeStep(group.get(1)))
        .whenComplete((none, failure) -> other.completeExceptionally(failure));
    assertThatThrownBy(other::join)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("rank 0 stopped (its thread was interrupted)");
  }
}
