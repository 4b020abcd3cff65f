package io.github.sparklorafa.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.lora.Method;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskSettingsTest {
  private static TrainConfigBuilder required() {
    return TrainConfig.builder().model("m").data("d").output("o");
  }

  @Test
  void theTaskSaysWhatTheModelLearns() {
    assertThat(required().build().objective()).isEqualTo(new Objective.CausalLm());
    assertThat(required().task(Task.MASKED_LM).build().objective())
        .isEqualTo(new Objective.MaskedLm());
    assertThat(required().task(Task.SEQ2SEQ).build().objective())
        .isEqualTo(new Objective.Seq2Seq());
    assertThat(
            required()
                .task(Task.SEQUENCE_CLASSIFICATION)
                .taskSettings(t -> t.withNumLabels(3).withProblemType(ProblemType.MULTI_LABEL))
                .build()
                .objective())
        .isEqualTo(new Objective.Classification(3, Objective.Kind.MULTI_LABEL));
  }

  @Test
  void aClassificationsHeadIsTrainedUnlessItIsFrozen() {
    TrainConfigBuilder classifier =
        required().task(Task.SEQUENCE_CLASSIFICATION).modulesToSave(List.of("pooler"));

    assertThat(classifier.build().modulesToSave()).containsExactly("pooler", "classifier");
    assertThat(classifier.taskSettings(t -> t.withFreezeHead(true)).build().modulesToSave())
        .containsExactly("pooler");
    assertThat(
            required()
                .task(Task.SEQUENCE_CLASSIFICATION)
                .method(Method.FULL)
                .build()
                .modulesToSave())
        .isEmpty();
  }
}
