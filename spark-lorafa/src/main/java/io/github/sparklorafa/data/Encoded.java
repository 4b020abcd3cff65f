package io.github.sparklorafa.data;

import java.util.Arrays;

/**
 * A text as a tokenizer gives it, with its special tokens.
 *
 * @param ids of the tokens
 * @param parts where each token comes from: 0 the text, 1 the second text of a pair, −1 added by
 *     the tokenizer's post-processor
 */
@SuppressWarnings("ArrayRecordComponent") // made and read within a call
record Encoded(int[] ids, int[] parts) {

  /**
   * Cuts the texts so that they and the added tokens are no more than {@code maxLength}, as Hugging
   * Face's {@code truncation=True} does: the end of the longer text is cut first, and none of the
   * added tokens.
   */
  Encoded cut(int maxLength) {
    if (ids.length <= maxLength) {
      return this;
    }
    int first = count(0);
    int second = count(1);
    int room = maxLength - (ids.length - first - second);
    if (room < 0) {
      return new Encoded(Arrays.copyOf(ids, maxLength), Arrays.copyOf(parts, maxLength));
    }
    int shorter = Math.min(first, second);
    int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
    if (shorter + longer > room) {
      shorter = room / 2;
      longer = room - shorter;
    }
    return kept(first > second ? longer : shorter, first > second ? shorter : longer, maxLength);
  }

  private Encoded kept(int first, int second, int length) {
    int[] left = {first, second};
    int[] keptIds = new int[length];
    int[] keptParts = new int[length];
    int kept = 0;
    for (int i = 0; i < ids.length; i++) {
      if (parts[i] < 0 || left[parts[i]]-- > 0) {
        keptIds[kept] = ids[i];
        keptParts[kept++] = parts[i];
      }
    }
    return new Encoded(Arrays.copyOf(keptIds, kept), Arrays.copyOf(keptParts, kept));
  }

  private int count(int part) {
    return (int) Arrays.stream(parts).filter(of -> of == part).count();
  }
}
