package io.github.sparklorafa.cli;

import io.github.sparklorafa.train.Task;
import io.github.sparklorafa.train.TaskSettings.ProblemType;
import io.github.sparklorafa.train.TrainConfigBuilder;

/** The task, and what single tasks have to be told beyond what all have. */
final class TaskFlags {
  private TaskFlags() {}

  static void add(FlagList f) {
    f.add(
        "task",
        "causal-lm|masked-lm|sequence-classification|seq2seq",
        "What the model learns.",
        c -> c.task().text(),
        Task::parse,
        TrainConfigBuilder::task);
    f.integer(
        "num-labels",
        "Classes, labels or numbers of a classification; 0: as many as the checkpoint's head has.",
        c -> c.taskSettings().numLabels(),
        (b, count) -> b.taskSettings(settings -> settings.withNumLabels(count)));
    f.add(
        "problem-type",
        "auto|single-label|multi-label|regression",
        "What a classification's labels are; auto: what the checkpoint's problem_type says.",
        c -> c.taskSettings().problemType().text(),
        ProblemType::parse,
        (b, type) -> b.taskSettings(settings -> settings.withProblemType(type)));
    f.bool(
        "freeze-head",
        "Leave a classification's head as the checkpoint has it; else it is trained and saved.",
        c -> c.taskSettings().freezeHead(),
        (b, frozen) -> b.taskSettings(settings -> settings.withFreezeHead(frozen)));
    f.real(
        "mlm-probability",
        "Share of the tokens that a masked language model has to guess.",
        c -> c.taskSettings().mlmProbability(),
        (b, share) -> b.taskSettings(settings -> settings.withMlmProbability(share)));
    f.integer(
        "max-target-length",
        "Tokens that a text to write is cut to; 0: as --max-length.",
        c -> c.taskSettings().maxTargetLength(),
        (b, tokens) -> b.taskSettings(settings -> settings.withMaxTargetLength(tokens)));
  }
}
