package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.sparklorafa.ObjectStore;
import io.github.sparklorafa.checkpoint.HuggingFaceFolder;
import io.github.sparklorafa.checkpoint.SafetensorsWriter.Entry;
import io.github.sparklorafa.checkpoint.TrainingCheckpoints;
import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that are written while training goes on, in a store that takes its time. */
@Timeout(60)
class BackgroundCheckpointTest {
  private static final int STEPS = 10;
  private static final String PLACE = "store://bucket/checkpoints";

  @TempDir Path folder;

  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch writes = new CountDownLatch(1);
  private Path bucket;
  private TrainingCheckpoints checkpoints;

  /** Nothing of step 3's checkpoint is written before somebody lets it. */
  @BeforeEach
  void store() throws IOException {
    bucket = folder.resolve("bucket");
    Files.createDirectories(bucket.resolve("checkpoints"));
    checkpoints = TrainingCheckpoints.in(PLACE, ObjectStore.over(bucket));
    ObjectStore.faults(bucket).full =
        path -> {
          if (path.toString().contains(".step-000003-")) {
            await(writes);
          }
          return false;
        };
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrainConfig config() {
    return LocalTraining.config(Method.LORA_FA)
        .maxSteps(STEPS)
        .checkpointing(c -> c.withDir("given").withEvery(3))
        .build();
  }

  private double[] train(String output, LongConsumer afterStep) {
    TrainInputs inputs =
        new TrainInputs(
            config(),
            LocalTraining.MODEL,
            Optional.empty(),
            ReferenceRun.data(),
            Optional.empty(),
            folder.resolve(output),
            Optional.of(checkpoints),
            List.of(checkpoints));
    TrainListener listener =
        new TrainListener() {
          @Override
          public void onStep(StepReport report) {
            afterStep.accept(report.step());
          }

          @Override
          public void onNote(String note) {
            notes.add(note);
          }
        };
    return LocalTraining.train(1, rank -> inputs, listener).get(0).losses();
  }

  private List<String> checkpoints() {
    try (Stream<Path> files = Files.list(bucket.resolve("checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The two steps that are taken meanwhile are not in it, as going on from it shows. */
  @Test
  void holdsTheStateOfItsStepWhileTrainingGoesOn() {
    LongConsumer killed =
        step -> {
          if (step == 5) {
            assertThat(checkpoints()).noneMatch(name -> name.equals("step-000003"));
            writes.countDown();
            throw new IllegalStateException("killed");
          }
        };
    assertThatThrownBy(() -> train("killed", killed)).hasMessageContaining("killed");
    assertThat(checkpoints()).as("the write that was under way").containsExactly("step-000003");

    double[] resumed = train("resumed", step -> {});

    double[] whole = LocalTraining.train(config(), folder.resolve("undisturbed")).get(0).losses();
    assertThat(resumed).isEqualTo(Arrays.copyOfRange(whole, 3, STEPS));
  }

  @Test
  void theNextOneWaitsForTheOneUnderWay() {
    List<List<String>> seen = new ArrayList<>();
    train(
        "out",
        step -> {
          if (step == 6) {
            new Thread(
                    () -> {
                      try {
                        TimeUnit.MILLISECONDS.sleep(300);
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      writes.countDown();
                    })
                .start();
          }
          if (step >= 6) {
            seen.add(checkpoints());
          }
        });
    assertThat(seen.get(0)).doesNotContain("step-000003");
    assertThat(seen.get(1)).as("when step 7 is done").contains("step-000003");
    assertThat(checkpoints()).containsExactly("step-000006", "step-000009");
    assertThat(notes).isEmpty();
  }

  /** A store that has stopped answering costs checkpoints, not the run. */
  @Test
  void patienceEnds() throws Exception {
    try (Scope scope = new Scope();
        HuggingFaceFolder base = HuggingFaceFolder.open(LocalTraining.MODEL, config().dtype());
        TrainedModel trained = TrainedModel.open(config(), base, Map.of());
        AdamW optimizer =
            new AdamW(config(), trained.trainables().flat(), trained.trainables().ranges())) {
      StateTensors state = new StateTensors(trained.trainables(), optimizer);
      CheckpointWriter writer =
          new CheckpointWriter(checkpoints, 2, state, notes::add, Duration.ofMillis(100));
      writer.write(3, () -> "{}", Optional.empty());
      writer.write(6, () -> "{}", Optional.empty());
      assertThat(notes.get(0)).startsWith("Left out the checkpoint of step 6: that of step 3 ");
      writer.close();
      assertThat(notes.get(1)).startsWith("The checkpoint of step 3 is not written after 0 s");
      assertThat(checkpoints()).noneMatch(name -> name.startsWith("step-"));
    }
  }

  @Test
  void whatNobodyForesawEndsTheRun() {
    ObjectStore.faults(bucket).full =
        path -> {
          throw new IllegalStateException("a defect");
        };
    assertThatThrownBy(() -> train("out", step -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a defect");
  }

  @Test
  void takesTheMemoryThatIsPlanned() {
    try (Scope scope = new Scope();
        HuggingFaceFolder base = HuggingFaceFolder.open(LocalTraining.MODEL, config().dtype());
        TrainedModel trained = TrainedModel.open(config(), base, Map.of());
        AdamW optimizer =
            new AdamW(config(), trained.trainables().flat(), trained.trainables().ranges());
        StateCopy copy = new StateCopy(new StateTensors(trained.trainables(), optimizer))) {
      long numbers =
          copy.entries().stream()
              .map(Entry::shape)
              .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
              .sum();
      MemoryPlan plan = MemoryPlan.of(config(), base.config());
      assertThat(plan.checkpoint()).isEqualTo(numbers * Float.BYTES);
      TrainConfig without = LocalTraining.config(Method.LORA_FA).maxSteps(STEPS).build();
      MemoryPlan less = MemoryPlan.of(without, base.config());
      assertThat(less.checkpoint()).isZero();
      assertThat(plan.bytesOutsideHeap() - less.bytesOutsideHeap()).isEqualTo(plan.checkpoint());
    }
  }
}
