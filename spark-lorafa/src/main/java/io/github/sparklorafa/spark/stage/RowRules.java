package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.NumberLabels;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.Objective;
import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TrainConfig;

/** What a run's task and model ask of the rows of its dataset. */
final class RowRules {
  private RowRules() {}

  /** The labels of the examples that a task learns from. */
  static LabelKind kind(Task task) {
    return switch (task) {
      case CAUSAL_LM -> LabelKind.NEXT_TOKENS;
      case MASKED_LM -> LabelKind.SAME_TOKENS;
      case SEQUENCE_CLASSIFICATION -> LabelKind.NUMBERS;
      case SEQ2SEQ -> LabelKind.WRITTEN;
    };
  }

  /** How the rows of a run become examples. */
  static ExampleRules of(TrainConfig config, ModelConfig model) {
    int maxLength = config.fittedTo(model).maxLength();
    int vocabSize = model.vocabSize();
    Objective objective = model.objective();
    if (objective instanceof Objective.Classification classes) {
      NumberLabels numbers = new NumberLabels(type(classes.kind()), classes.labels());
      return ExampleRules.numbers(maxLength, vocabSize, numbers).withTokenTypes(model.tokenTypes());
    }
    if (objective instanceof Objective.Seq2Seq) {
      return ExampleRules.written(maxLength, config.taskSettings().maxTargetLength(), vocabSize);
    }
    return objective instanceof Objective.MaskedLm
        ? ExampleRules.sameTokens(maxLength, vocabSize).withTokenTypes(model.tokenTypes())
        : ExampleRules.nextTokens(maxLength, vocabSize);
  }

  private static NumberLabels.Type type(Objective.Kind kind) {
    return switch (kind) {
      case SINGLE_LABEL -> NumberLabels.Type.CLASS;
      case MULTI_LABEL -> NumberLabels.Type.EACH_LABEL;
      case REGRESSION -> NumberLabels.Type.TARGETS;
    };
  }
}
