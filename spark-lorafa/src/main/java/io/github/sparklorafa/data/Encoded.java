package io.github.sparklorafa.data;

import java.util.Arrays;

/**
 * A text as a tokenizer gives it, with its special tokens.
 *
 * @param ids of the tokens
 * @param parts where each token comes from: 0 the text, 1 the second text of a pair, −1 added by
 *     the tokenizer's post-processor
 * @param types what the model is told of each token: 0, or 1 where it belongs to the second text
 */
@SuppressWarnings("ArrayRecordComponent") // made and read within a call
record Encoded(int[] ids, int[] parts, int[] types) {

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
      return first(ids, parts, types, maxLength);
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
    int[] keptTypes = new int[length];
    int kept = 0;
    for (int i = 0; i < ids.length; i++) {
      if (parts[i] < 0 || left[parts[i]]-- > 0) {
        keptIds[kept] = ids[i];
        keptTypes[kept] = types[i];
        keptParts[kept++] = parts[i];
      }
    }
    return first(keptIds, keptParts, keptTypes, kept);
  }

  private static Encoded first(int[] ids, int[] parts, int[] types, int length) {
    return new Encoded(
        Arrays.copyOf(ids, length), Arrays.copyOf(parts, length), Arrays.copyOf(types, length));
  }

  /** The first token of the second text as the model is told; as many as there are without one. */
  int second() {
    int at = 0;
    while (at < types.length && types[at] == 0) {
      at++;
    }
    return at;
  }

  private int count(int part) {
    return (int) Arrays.stream(parts).filter(of -> of == part).count();
  }
}
