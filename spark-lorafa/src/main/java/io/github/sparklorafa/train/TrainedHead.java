package io.github.sparklorafa.train;

import io.github.sparklorafa.lora.Method;
import java.util.List;
import java.util.stream.Stream;

/** The head of a classification, which is trained beside adapters, as PEFT does it. */
final class TrainedHead {
  private static final String HEAD = "classifier";

  private TrainedHead() {}

  /** {@code modulesToSave} with the head, if it is trained so. */
  static List<String> beside(
      List<String> modulesToSave, Task task, Method method, TaskSettings settings) {
    return task == Task.SEQUENCE_CLASSIFICATION && method.adapts() && !settings.freezeHead()
        ? Stream.concat(modulesToSave.stream(), Stream.of(HEAD)).distinct().toList()
        : modulesToSave;
  }
}
