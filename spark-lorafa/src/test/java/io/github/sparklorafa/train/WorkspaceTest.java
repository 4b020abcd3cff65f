package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Planned peaks of a step, against those of a process of its own. */
class WorkspaceTest {
  private static final double TOLERANCE = 0.15;

  @Tag("long")
  @Test
  void tapeAndWorkspaceAreWhatAStepTakesAtMost() throws Exception {
    List<WorkspacePeakMain.Case> cases = WorkspacePeakMain.cases();
    long[] peaks = StepPeakMain.peaksOf(WorkspacePeakMain.class);
    assertThat(peaks).hasSameSizeAs(cases);
    for (int i = 0; i < peaks.length; i++) {
      WorkspacePeakMain.Case the = cases.get(i);
      MemoryPlan plan = MemoryPlan.of(the.config(), the.model());
      double planned = plan.tape() + Math.max(plan.logits(), plan.workspace());
      assertThat((double) peaks[i])
          .as("%s, %d tokens, %d written", the.method(), the.length(), the.written())
          .isCloseTo(planned, within(TOLERANCE * planned));
    }
  }

  @Test
  void aClassificationMakesNoLogitsOfTheVocabulary() {
    WorkspacePeakMain.Case small =
        new WorkspacePeakMain.Case(WorkspacePeakMain.roberta(1000), Method.LORA_FA, 128, 0);
    long large = Workspace.head(small.config(), WorkspacePeakMain.roberta(250_000));
    assertThat(large).isEqualTo(Workspace.head(small.config(), small.model()));
  }

  /** What is added to the gradient of a trained head is as large as the head. */
  @Test
  void aTrainedHeadTakesRoomForOneMore() {
    assertThat(head(List.of("lm_head")) - head(List.of()))
        .isEqualTo(2L * Benchmark.SHAPE.vocabSize() * Benchmark.SHAPE.hiddenSize());
  }

  private static long head(List<String> saved) {
    TrainConfig config =
        TrainConfig.builder()
            .model("m")
            .data("d")
            .output("o")
            .dtype(DType.BF16)
            .modulesToSave(saved)
            .maxLength(8)
            .build();
    return Workspace.head(config, Benchmark.SHAPE);
  }
}
