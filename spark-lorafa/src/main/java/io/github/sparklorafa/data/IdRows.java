package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Checks token ids against a vocabulary, and cuts them to a length. */
final class IdRows {
  private final int maxLength;
  private final int vocabSize;
  private final int tokenTypes;

  /**
   * @param tokenTypes as in {@link ExampleRules}
   */
  IdRows(int maxLength, int vocabSize, int tokenTypes) {
    this.maxLength = maxLength;
    this.vocabSize = vocabSize;
    this.tokenTypes = tokenTypes;
  }

  /** An example of the columns of token ids; see {@link Examples#fromInputIds}. */
  TokenizedRow of(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> types,
      List<? extends Number> labels,
      LabelKind kind) {
    boolean typed = types != null && tokenTypes > 0;
    Optional<TokenizedRow> unusable =
        empty(inputIds)
            .or(() -> mismatch("attention_mask", attentionMask, inputIds))
            .or(() -> mismatch("labels", labels, inputIds))
            .or(() -> mismatch("token_type_ids", typed ? types : null, inputIds));
    if (unusable.isPresent()) {
      return unusable.get();
    }
    int length = inputIds.size();
    int second = -1;
    int[] keptIds = new int[length];
    int[] keptLabels = labels == null ? keptIds : new int[length];
    int kept = 0;
    int lastKept = -1;
    for (int i = 0; i < length; i++) {
      Number id = inputIds.get(i);
      Number mask = attentionMask == null ? (Number) 1 : attentionMask.get(i);
      Number label = labels == null ? id : labels.get(i);
      if (id == null || label == null || mask == null || (mask.longValue() >>> 1) != 0) {
        return TokenizedRow.of(
            RowProblem.MALFORMED,
            ("input_ids %s, attention_mask %s, label %s at position %d (ids without nulls, a mask"
                    + " of 0 and 1)")
                .formatted(id, mask, label, i));
      }
      if (mask.longValue() == 0) {
        continue;
      }
      if (kept > 0 && lastKept != i - 1) {
        return hole(attentionMask, lastKept + 1);
      }
      if (isOutside(id.longValue())) {
        return outside("input_ids", inputIds, i);
      }
      if (label.longValue() != Example.IGNORED && isOutside(label.longValue())) {
        return outside("labels", labels, i);
      }
      if (typed) {
        Number type = types.get(i);
        if (!fits(type, second >= 0)) {
          return wrongType(type, i);
        }
        second = second < 0 && type.longValue() == 1 ? kept : second;
      }
      keptLabels[kept] = label.intValue();
      keptIds[kept] = id.intValue();
      lastKept = i;
      kept++;
    }
    if (kept == 0) {
      return TokenizedRow.of(
          RowProblem.EMPTY, "attention_mask " + Shortened.numbers(attentionMask));
    }
    int[] ids = Arrays.copyOf(keptIds, kept);
    TokenizedRow row = cut(ids, labels == null ? ids : Arrays.copyOf(keptLabels, kept), kind);
    return second < 0 ? row : row.withSecond(second);
  }

  /** Whether a token may have a type: 0, or 1 from the first of the second text on. */
  private boolean fits(Number type, boolean inSecond) {
    return type != null
        && (type.longValue() == 1 ? tokenTypes > 1 : type.longValue() == 0 && !inSecond);
  }

  private TokenizedRow wrongType(Number type, int position) {
    return TokenizedRow.of(
        RowProblem.MALFORMED,
        "token_type_ids has %s at position %d (%s)"
            .formatted(
                type,
                position,
                tokenTypes > 1
                    ? "give 0 for the first text, then 1 for the second"
                    : "give zeros: the model takes the texts of a pair alike"));
  }

  /**
   * What is written for a row.
   *
   * @param ids at least one
   * @param cut number of tokens that were cut off
   * @param problem why there is nothing to write, or null
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read within a call
  record Target(int[] ids, int cut, TokenizedRow problem) {}

  /** The ids of a target; an ignored end, as padding has it, is left out. */
  Target target(List<? extends Number> labels) {
    if (labels == null || labels.isEmpty()) {
      return wrong(TokenizedRow.of(RowProblem.EMPTY, "labels " + labels));
    }
    int[] ids = new int[labels.size()];
    int length = 1;
    for (int i = 0; i < ids.length; i++) {
      Number label = labels.get(i);
      if (label == null) {
        return wrong(
            TokenizedRow.of(
                RowProblem.MALFORMED,
                "labels null at position %d (ids without nulls)".formatted(i)));
      }
      if (label.longValue() != Example.IGNORED && isOutside(label.longValue())) {
        return wrong(outside("labels", labels, i));
      }
      ids[i] = label.intValue();
      length = ids[i] == Example.IGNORED ? length : i + 1;
    }
    int kept = Math.min(length, maxLength);
    return new Target(Arrays.copyOf(ids, kept), length - kept, null);
  }

  private static Target wrong(TokenizedRow problem) {
    return new Target(null, 0, problem);
  }

  /** The start of ids that may be too long; a problem if one of those kept is no embedding's. */
  TokenizedRow cut(int[] ids, int[] labels, LabelKind kind) {
    int length = Math.min(ids.length, maxLength);
    TokenizedRow wrong = outside(ids, length);
    if (wrong != null) {
      return wrong;
    }
    if (length == 0) {
      return TokenizedRow.of(RowProblem.EMPTY, "the tokenizer gives no token");
    }
    int[] cutIds = length == ids.length ? ids : Arrays.copyOf(ids, length);
    int[] cutLabels =
        labels == ids ? cutIds : length == ids.length ? labels : Arrays.copyOf(labels, length);
    return TokenizedRow.of(new Example(cutIds, cutLabels, kind), ids.length - length);
  }

  /** The problem of the first id, of so many, that no embedding has; null if all are good. */
  TokenizedRow outside(int[] ids, int length) {
    for (int i = 0; i < length; i++) {
      if (isOutside(ids[i])) {
        return outside("token ids", Arrays.stream(ids).boxed().toList(), i);
      }
    }
    return null;
  }

  private boolean isOutside(long id) {
    return id < 0 || id >= vocabSize;
  }

  private TokenizedRow outside(String column, List<? extends Number> ids, int position) {
    return TokenizedRow.of(
        RowProblem.OUTSIDE_VOCABULARY,
        ("%s has %d at position %d, outside the model's vocabulary of %d (tokenise with the model's"
                + " own tokenizer)")
            .formatted(column, ids.get(position).longValue(), position, vocabSize));
  }

  private static TokenizedRow hole(List<? extends Number> attentionMask, int position) {
    return TokenizedRow.of(
        RowProblem.MALFORMED,
        ("attention_mask %s has 0 at position %d between ones (mask only padding at the start and"
                + " the end)")
            .formatted(Shortened.numbers(attentionMask), position));
  }

  private static Optional<TokenizedRow> empty(List<? extends Number> inputIds) {
    return inputIds != null && !inputIds.isEmpty()
        ? Optional.empty()
        : Optional.of(TokenizedRow.of(RowProblem.EMPTY, "input_ids " + inputIds));
  }

  /** What is wrong with {@code values}, which may be null, unless there is one for each token. */
  private static Optional<TokenizedRow> mismatch(
      String column, List<? extends Number> values, List<? extends Number> inputIds) {
    return values == null || values.size() == inputIds.size()
        ? Optional.empty()
        : Optional.of(
            TokenizedRow.of(
                RowProblem.LENGTH_MISMATCH,
                "%s %s has %d entries and input_ids %d (give one for each token)"
                    .formatted(column, Shortened.numbers(values), values.size(), inputIds.size())));
  }
}
