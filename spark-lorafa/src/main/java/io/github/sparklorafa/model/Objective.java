package io.github.sparklorafa.model;

import java.io.Serializable;

/** What a model is asked to learn, and so which head it has. */
public sealed interface Objective extends Serializable {
  /** In the words of {@code --task}. */
  String text();

  /** Predicts the next token. */
  record CausalLm() implements Objective {
    @Override
    public String text() {
      return "causal-lm";
    }
  }

  /** Predicts the tokens that were masked. */
  record MaskedLm() implements Objective {
    @Override
    public String text() {
      return "masked-lm";
    }
  }

  /** Writes a text for a text. */
  record Seq2Seq() implements Objective {
    @Override
    public String text() {
      return "seq2seq";
    }
  }

  /**
   * Says something about a text as a whole.
   *
   * @param labels classes, labels or numbers; 0 means as many as the checkpoint's head has
   * @param kind what they are; null means what the checkpoint's head says
   */
  record Classification(int labels, Kind kind) implements Objective {
    @Override
    public String text() {
      return "sequence-classification";
    }
  }

  /** What a classification's labels are, in the words of Hugging Face's {@code problem_type}. */
  enum Kind {
    /** One of several classes: softmax and cross-entropy. */
    SINGLE_LABEL("single_label_classification"),
    /** Each label by itself or not: sigmoid and binary cross-entropy. */
    MULTI_LABEL("multi_label_classification"),
    /** Numbers: mean squared error. */
    REGRESSION("regression");

    private final String problemType;

    Kind(String problemType) {
      this.problemType = problemType;
    }

    /** Hugging Face's word. */
    public String problemType() {
      return problemType;
    }
  }
}
