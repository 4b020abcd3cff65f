package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.LabelKind;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a model reads of a row, and what it should then write.
 *
 * @param prompt token ids, at least one
 * @param expected token ids, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody, and never changed
record Answer(int[] prompt, int[] expected) {

  /**
   * That of a row: of {@link LabelKind#WRITTEN} its labels; of {@link LabelKind#NEXT_TOKENS} the
   * last stretch that has labels, which is a prompt's completion or the last turn of a chat. Empty
   * if nothing is before it, as in a text that is learned as a whole, or if nothing is to be
   * written.
   */
  static Optional<Answer> of(Example row) {
    return switch (row.kind()) {
      case WRITTEN -> of(row.ids(), withoutIgnored(row.labels()));
      case NEXT_TOKENS -> ofLastStretch(row.ids(), row.labels());
      case SAME_TOKENS, NUMBERS -> Optional.empty();
    };
  }

  private static Optional<Answer> ofLastStretch(int[] ids, int[] labels) {
    int end = labels.length;
    while (end > 0 && labels[end - 1] == Example.IGNORED) {
      end--;
    }
    int start = end;
    while (start > 0 && labels[start - 1] != Example.IGNORED) {
      start--;
    }
    return of(Arrays.copyOf(ids, start), Arrays.copyOfRange(labels, start, end));
  }

  private static Optional<Answer> of(int[] prompt, int[] expected) {
    return prompt.length == 0 || expected.length == 0
        ? Optional.empty()
        : Optional.of(new Answer(prompt, expected));
  }

  private static int[] withoutIgnored(int[] labels) {
    return Arrays.stream(labels).filter(label -> label != Example.IGNORED).toArray();
  }
}
