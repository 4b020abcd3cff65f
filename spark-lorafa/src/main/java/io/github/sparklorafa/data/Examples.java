package io.github.sparklorafa.data;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Makes training examples of rows: from text, from prompt and completion, or from token ids.
 *
 * <p>All methods are pure functions of their arguments and may be called by any thread. A row is
 * cut to the maximum length by dropping tokens at its end. A row that gives no example comes back
 * with its {@link RowProblem} and a shortened value; nothing is thrown for bad data.
 */
public final class Examples {

  private final int maxLength;
  private final int vocabSize;

  private Examples(int maxLength, int vocabSize) {
    this.maxLength = maxLength;
    this.vocabSize = vocabSize;
  }

  /**
   * Examples of at most {@code maxLength} tokens for a model with {@code vocabSize} embeddings.
   *
   * @throws IllegalArgumentException if the maximum length is under 2 or the vocabulary is empty
   */
  public static Examples limitedTo(int maxLength, int vocabSize) {
    if (maxLength < 2 || vocabSize < 1) {
      throw new IllegalArgumentException(
          ("Cannot limit examples: max length %d, vocabulary size %d (the length must be at least"
                  + " 2, one token to read and one to predict, and the vocabulary not empty)")
              .formatted(maxLength, vocabSize));
    }
    return new Examples(maxLength, vocabSize);
  }

  /**
   * Learns a whole text.
   *
   * <p>The ids are the tokenizer's with the special tokens that it adds itself (often a
   * beginning-of-sequence token), then the end-of-sequence token if there is one and the ids do not
   * end with it already. Labels equal the ids. Null and the empty string give {@link
   * RowProblem#EMPTY}; white space is text.
   */
  public TokenizedRow fromText(TextTokenizer tokenizer, String text) {
    if (text == null || text.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, "text " + Shortened.text(text));
    }
    int[] ids = withEos(tokenizer, tokenizer.encode(text));
    return cutAndCheck(ids, ids, () -> "text " + Shortened.text(text));
  }

  /**
   * Learns a completion, given its prompt.
   *
   * <p>Prompt and completion are tokenised separately and their ids joined, so that what the model
   * sees before the completion is exactly what it will see when it is asked: the prompt with the
   * special tokens that the tokenizer puts in front (an end-of-sequence token that it appends is
   * taken off again), then the completion without special tokens, then the end-of-sequence token. A
   * space between the two belongs to the start of the completion for most tokenizers. Labels are
   * {@link Example#IGNORED} on the prompt. A null prompt, and a null or empty completion, give
   * {@link RowProblem#EMPTY}; an empty prompt is allowed. If the prompt alone fills the maximum
   * length, the row has no loss term.
   */
  public TokenizedRow fromPromptAndCompletion(
      TextTokenizer tokenizer, String prompt, String completion) {
    if (prompt == null || completion == null || completion.isEmpty()) {
      return TokenizedRow.of(RowProblem.EMPTY, shown(prompt, completion));
    }
    int[] context = tokenizer.encodePrompt(prompt);
    int[] answer = withEos(tokenizer, tokenizer.encodeWithoutSpecialTokens(completion));
    int[] ids = Arrays.copyOf(context, context.length + answer.length);
    System.arraycopy(answer, 0, ids, context.length, answer.length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, context.length, Example.IGNORED);
    return cutAndCheck(ids, labels, () -> shown(prompt, completion));
  }

  private static String shown(String prompt, String completion) {
    return "prompt %s, completion %s".formatted(Shortened.text(prompt), Shortened.text(completion));
  }

  /**
   * Learns given token ids.
   *
   * <p>Positions whose {@code attention_mask} is 0, at the start or the end, are removed with their
   * labels. Labels are in Hugging Face's convention (same positions, −100 ignored, the shift
   * happens in the loss); without labels they equal the ids. Nothing is appended. A row without a
   * single loss term stays, with {@link RowProblem#NOTHING_LEARNED}, so that rows keep their places
   * and a run can be compared with other software step by step.
   *
   * @param inputIds the column {@code input_ids}; null gives {@link RowProblem#EMPTY}
   * @param attentionMask the column {@code attention_mask} (0 and 1), or null
   * @param labels the column {@code labels}, or null
   */
  public TokenizedRow fromInputIds(
      List<? extends Number> inputIds,
      List<? extends Number> attentionMask,
      List<? extends Number> labels) {
    if (inputIds == null || inputIds.isEmpty()) {
      return TokenizedRow.of(
          RowProblem.EMPTY, "input_ids " + (inputIds == null ? "null" : inputIds));
    }
    int length = inputIds.size();
    if (attentionMask != null && attentionMask.size() != length) {
      return mismatch("attention_mask", attentionMask, inputIds);
    }
    if (labels != null && labels.size() != length) {
      return mismatch("labels", labels, inputIds);
    }
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
    return keptWithoutLoss(cut(ids, labels == null ? ids : Arrays.copyOf(keptLabels, kept)));
  }

  private static TokenizedRow keptWithoutLoss(TokenizedRow row) {
    return row.example()
        .filter(example -> example.lossTerms() == 0)
        .map(
            example ->
                TokenizedRow.kept(
                    example,
                    RowProblem.NOTHING_LEARNED,
                    "input_ids %s, labels %s"
                        .formatted(numbers(example.ids()), numbers(example.labels())),
                    row.cut()))
        .orElse(row);
  }

  private static String numbers(int[] numbers) {
    return Shortened.numbers(Arrays.stream(numbers).boxed().toList());
  }

  private static int[] withEos(TextTokenizer tokenizer, int[] ids) {
    if (tokenizer.eos().isEmpty()) {
      return ids;
    }
    int eos = tokenizer.eos().getAsInt();
    if (ids.length > 0 && ids[ids.length - 1] == eos) {
      return ids;
    }
    int[] ended = Arrays.copyOf(ids, ids.length + 1);
    ended[ids.length] = eos;
    return ended;
  }

  private TokenizedRow cutAndCheck(int[] ids, int[] labels, Supplier<String> shown) {
    TokenizedRow row = cut(ids, labels);
    boolean learnsNothing = row.example().filter(example -> example.lossTerms() == 0).isPresent();
    return learnsNothing
        ? TokenizedRow.of(
            RowProblem.NO_LOSS_TERM,
            "nothing to predict in the first %d of its %d tokens: %s"
                .formatted(Math.min(ids.length, maxLength), ids.length, shown.get()))
        : row;
  }

  private TokenizedRow cut(int[] ids, int[] labels) {
    int length = Math.min(ids.length, maxLength);
    for (int i = 0; i < length; i++) {
      if (isOutside(ids[i])) {
        return outside("token ids", Arrays.stream(ids).boxed().toList(), i);
      }
    }
    if (length == 0) {
      return TokenizedRow.of(RowProblem.EMPTY, "the tokenizer gives no token");
    }
    int[] cutIds = length == ids.length ? ids : Arrays.copyOf(ids, length);
    int[] cutLabels =
        labels == ids ? cutIds : length == ids.length ? labels : Arrays.copyOf(labels, length);
    return TokenizedRow.of(new Example(cutIds, cutLabels), ids.length - length);
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

  private static TokenizedRow mismatch(
      String column, List<? extends Number> values, List<? extends Number> inputIds) {
    return TokenizedRow.of(
        RowProblem.LENGTH_MISMATCH,
        "%s %s has %d entries and input_ids %d (give one for each token)"
            .formatted(column, Shortened.numbers(values), values.size(), inputIds.size()));
  }
}
