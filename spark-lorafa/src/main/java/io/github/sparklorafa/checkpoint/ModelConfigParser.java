package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.model.ModelConfig;
import io.github.sparklorafa.model.RobertaFamily;
import java.util.Optional;

/** Hugging Face's {@code config.json}, whatever architecture its {@code model_type} names. */
public final class ModelConfigParser {
  static final String MODEL_TYPE = "model_type";

  private ModelConfigParser() {}

  /**
   * Parses the text of a {@code config.json}.
   *
   * @throws IllegalArgumentException naming everything in it that is wrong or not supported
   */
  public static ModelConfig fromJson(String json) {
    return fromJson(json, "config.json");
  }

  static ModelConfig fromJson(String json, String source) {
    Problems problems = problems(source);
    ObjectNode object = StrictJson.parse(json, problems);
    problems.throwIfAny();
    String type = object.path(MODEL_TYPE).asText();
    Optional<RobertaFamily> roberta = RobertaFamily.of(type);
    if (roberta.isPresent()) {
      return new RobertaConfigParser(roberta.get(), object, problems).read();
    }
    return T5ConfigParser.MODEL_TYPES.contains(type)
        ? T5ConfigParser.fromJson(json, source)
        : LlamaConfigParser.fromJson(json, source);
  }

  static Problems problems(String source) {
    return new Problems(
        "Cannot use model configuration: " + source, "use a checkpoint without what is named");
  }

  /** All {@code model_type}s, for a message. */
  static String modelTypes() {
    String t5 = String.join(", ", T5ConfigParser.MODEL_TYPES);
    return String.join(", ", LlamaFamily.modelTypes(), t5, RobertaFamily.modelTypes());
  }
}
