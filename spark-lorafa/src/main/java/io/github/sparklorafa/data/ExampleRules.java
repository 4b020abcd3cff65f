package io.github.sparklorafa.data;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What examples are made for: which labels they have, and how long they may be.
 *
 * @param kind of the labels
 * @param maxLength most tokens that are read
 * @param maxTargetLength most tokens that are written, where a decoder writes them
 * @param vocabSize embeddings of the model
 * @param numbers what is said about a row, where that is learned; else null
 * @param tokenTypes how many kinds of tokens the model is told: 2 or more where it tells the second
 *     text of a pair from the first, 1 where it takes them alike, 0 where it has no word for it
 */
public record ExampleRules(
    LabelKind kind,
    int maxLength,
    int maxTargetLength,
    int vocabSize,
    NumberLabels numbers,
    int tokenTypes)
    implements Serializable {

  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException if a length is too short to learn from or the vocabulary empty
   */
  public ExampleRules {
    if (maxLength < 2 || maxTargetLength < 1 || vocabSize < 1) {
      throw new IllegalArgumentException(
          ("Cannot limit examples: max length %d, max target length %d, vocabulary size %d (the"
                  + " length must be at least 2, one token to read and one to predict, a target's"
                  + " at least 1, and the vocabulary not empty)")
              .formatted(maxLength, maxTargetLength, vocabSize));
    }
    if (kind == LabelKind.NUMBERS) {
      Objects.requireNonNull(numbers, "numbers");
    }
  }

  /** The next token is learned. */
  public static ExampleRules nextTokens(int maxLength, int vocabSize) {
    return new ExampleRules(LabelKind.NEXT_TOKENS, maxLength, maxLength, vocabSize, null, 0);
  }

  /** Masked tokens are learned. */
  public static ExampleRules sameTokens(int maxLength, int vocabSize) {
    return new ExampleRules(LabelKind.SAME_TOKENS, maxLength, maxLength, vocabSize, null, 0);
  }

  /**
   * A text is written for a text.
   *
   * @param maxTargetLength most tokens of what is written; 0 for as many as are read
   */
  public static ExampleRules written(int maxLength, int maxTargetLength, int vocabSize) {
    return new ExampleRules(
        LabelKind.WRITTEN,
        maxLength,
        maxTargetLength == 0 ? maxLength : maxTargetLength,
        vocabSize,
        null,
        0);
  }

  /** Something is said about a row as a whole. */
  public static ExampleRules numbers(int maxLength, int vocabSize, NumberLabels numbers) {
    return new ExampleRules(LabelKind.NUMBERS, maxLength, maxLength, vocabSize, numbers, 0);
  }

  /** The same for a model that is told so many kinds of tokens. */
  public ExampleRules withTokenTypes(int count) {
    return new ExampleRules(kind, maxLength, maxTargetLength, vocabSize, numbers, count);
  }

  /** What is wrong with the numbers of a row; empty if nothing is. */
  Optional<String> problem(List<? extends Number> labels) {
    return numbers.problem(labels);
  }
}
