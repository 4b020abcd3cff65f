package io.github.sparklorafa.fuzz;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A change of a file's bytes: {@code cut} bytes at a place give way to {@code put}.
 *
 * @param share where, from 0 at the start to 1 at the end
 * @param cut how many bytes go; −1 for all up to the end
 * @param put what comes
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Edit(double share, int cut, byte[] put) {
  private byte[] of(byte[] whole, int sense) {
    int length = Math.min(sense, whole.length);
    int at = (int) Math.min(length, share * (length + 1));
    int after = cut < 0 ? whole.length : Math.min(whole.length, at + cut);
    return ByteBuffer.allocate(at + put.length + whole.length - after)
        .put(whole, 0, at)
        .put(put)
        .put(whole, after, whole.length - after)
        .array();
  }

  /**
   * One change after another.
   *
   * @param sense bytes from the start that mean something
   */
  static byte[] all(byte[] whole, int sense, List<Edit> edits) {
    byte[] changed = whole;
    for (Edit edit : edits) {
      changed = edit.of(changed, sense);
    }
    return changed;
  }

  @Override
  public String toString() {
    return "at %.4f cut %d put %s".formatted(share, cut, java.util.Arrays.toString(put));
  }
}
