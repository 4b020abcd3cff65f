package io.github.sparklorafa.train;

import io.github.sparklorafa.model.Objective;
import java.io.Serializable;

/**
 * What single tasks have to be told beyond what all have.
 *
 * @param numLabels classes, labels or numbers of a classification; 0 means as many as the
 *     checkpoint's head has
 * @param problemType what they are
 * @param freezeHead whether a classification leaves the checkpoint's head as it is; else the head
 *     is one of the modules to save
 * @param mlmProbability share of the tokens that a masked language model has to guess
 * @param maxTargetLength tokens that a text to write is cut to; 0 means as many as one to read
 */
public record TaskSettings(
    int numLabels,
    ProblemType problemType,
    boolean freezeHead,
    double mlmProbability,
    int maxTargetLength)
    implements Serializable {
  static final TaskSettings DEFAULT = new TaskSettings(0, ProblemType.AUTO, false, 0.15, 0);

  /** What a classification's labels are. */
  public enum ProblemType {
    /** What the checkpoint says that they are. */
    AUTO(null),
    /** One of several classes. */
    SINGLE_LABEL(Objective.Kind.SINGLE_LABEL),
    /** Each label by itself or not. */
    MULTI_LABEL(Objective.Kind.MULTI_LABEL),
    /** Numbers. */
    REGRESSION(Objective.Kind.REGRESSION);

    private final Objective.Kind kind;

    ProblemType(Objective.Kind kind) {
      this.kind = kind;
    }

    /** The problem type of that name. */
    public static ProblemType parse(String text) {
      return Texts.parse(ProblemType.class, "problem type", text);
    }

    /** The name on the command line. */
    public String text() {
      return Texts.of(this);
    }

    /** All but {@link #AUTO}. */
    public static ProblemType[] decided() {
      return new ProblemType[] {SINGLE_LABEL, MULTI_LABEL, REGRESSION};
    }

    /** The same in the model's words; null for {@link #AUTO}. */
    public Objective.Kind kind() {
      return kind;
    }
  }

  /** The same with so many labels. */
  public TaskSettings withNumLabels(int count) {
    return new TaskSettings(count, problemType, freezeHead, mlmProbability, maxTargetLength);
  }

  /** The same with labels of another kind. */
  public TaskSettings withProblemType(ProblemType type) {
    return new TaskSettings(numLabels, type, freezeHead, mlmProbability, maxTargetLength);
  }

  /** The same with the head frozen or not. */
  public TaskSettings withFreezeHead(boolean frozen) {
    return new TaskSettings(numLabels, problemType, frozen, mlmProbability, maxTargetLength);
  }

  /** The same with another share of masked tokens. */
  public TaskSettings withMlmProbability(double share) {
    return new TaskSettings(numLabels, problemType, freezeHead, share, maxTargetLength);
  }

  /** The same with texts to write cut elsewhere. */
  public TaskSettings withMaxTargetLength(int tokens) {
    return new TaskSettings(numLabels, problemType, freezeHead, mlmProbability, tokens);
  }
}
