package io.github.sparklorafa.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The {@code model_type}s that are RoBERTas, and what their checkpoints call what differs. BERT
 * counts positions from 0, has a pooler before its classifier, and other names in its head.
 */
public enum RobertaFamily {
  ROBERTA("roberta", "Roberta", "roberta"),
  XLM_ROBERTA("xlm-roberta", "XLMRoberta", "roberta"),
  BERT("bert", "Bert", "bert");

  private final String modelType;
  private final String className;
  private final String base;

  RobertaFamily(String modelType, String className, String base) {
    this.modelType = modelType;
    this.className = className;
    this.base = base;
  }

  /** Hugging Face's word. */
  public String modelType() {
    return modelType;
  }

  /** The first part of the names in {@code architectures}. */
  public String className() {
    return className;
  }

  /** The family of that {@code model_type}. */
  public static Optional<RobertaFamily> of(String modelType) {
    return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
  }

  /** All {@code model_type}s, for a message. */
  public static String modelTypes() {
    return Arrays.stream(values()).map(RobertaFamily::modelType).collect(Collectors.joining(", "));
  }

  /** The name of a part of the encoder, without its head. */
  String base(String part) {
    return base + "." + part;
  }

  /** The position of a sequence's first token. */
  int firstPosition(int padTokenId) {
    return this == BERT ? 0 : padTokenId + 1;
  }

  /** The linear layer that a classification begins with, of the first token. */
  String classifierDense() {
    return this == BERT ? "bert.pooler.dense" : "classifier.dense";
  }

  /** Whether an adapter may stand in {@link #classifierDense}: a pooler is no part of the head. */
  boolean adaptsClassifierDense() {
    return this == BERT;
  }

  /** The linear layer that gives the logits of a classification. */
  String classifierOutput() {
    return this == BERT ? "classifier" : "classifier.out_proj";
  }

  /** The linear layer that the masked language model's head begins with. */
  String maskedLmDense() {
    return this == BERT ? "cls.predictions.transform.dense" : "lm_head.dense";
  }

  String maskedLmNorm() {
    return this == BERT ? "cls.predictions.transform.LayerNorm" : "lm_head.layer_norm";
  }

  /** The linear layer that gives the logits of a masked language model. */
  String maskedLmDecoder() {
    return this == BERT ? "cls.predictions.decoder" : "lm_head.decoder";
  }

  /** The decoder's bias where the decoder is tied: then this name stands for it. */
  String maskedLmBias() {
    return this == BERT ? "cls.predictions.bias" : "lm_head.bias";
  }
}
