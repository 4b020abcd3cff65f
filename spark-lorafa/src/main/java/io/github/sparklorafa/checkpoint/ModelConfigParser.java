package io.github.sparklorafa.checkpoint;

import io.github.sparklorafa.model.ModelConfig;

/** Hugging Face's {@code config.json}, whatever architecture its {@code model_type} names. */
public final class ModelConfigParser {
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
    return LlamaConfigParser.fromJson(json, source);
  }
}
