package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.Objective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What an adapter's classification is about, beside PEFT's files, which do not say it: {@code
 * {"task": "sequence-classification", "num_labels": 3, "problem_type":
 * "single_label_classification"}}.
 */
final class TaskFile {
  static final String NAME = "task.json";
  static final String NUM_LABELS = "num_labels";
  static final String PROBLEM_TYPE = "problem_type";
  private static final String TASK = "task";
  private static final String WAY_OUT = "delete it, and name the task";

  private TaskFile() {}

  static void write(Path folder, Objective.Classification objective) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    json.put(TASK, objective.text())
        .put(NUM_LABELS, objective.labels())
        .put(PROBLEM_TYPE, objective.kind().problemType());
    AtomicFiles.write(folder.resolve(NAME), StrictJson.text(json));
  }

  /** What the file says; empty where there is none. */
  static Optional<Objective> read(Path folder) {
    Path file = folder.resolve(NAME);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Problems problems = new Problems("Cannot read: " + file, WAY_OUT);
    ObjectNode object = StrictJson.parse(StrictJson.read(file, WAY_OUT), problems);
    problems.throwIfAny();
    JsonFields fields = new JsonFields(object, "", problems);
    int labels = fields.positiveInt(NUM_LABELS, 1);
    String type = object.path(PROBLEM_TYPE).asText();
    Optional<Objective.Kind> kind =
        Arrays.stream(Objective.Kind.values())
            .filter(known -> known.problemType().equals(type))
            .findFirst();
    if (kind.isEmpty()) {
      problems.add(PROBLEM_TYPE + " is " + Problems.quote(type));
    }
    problems.throwIfAny();
    return Optional.of(new Objective.Classification(labels, kind.orElseThrow()));
  }
}
