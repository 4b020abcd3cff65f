package io.github.sparklorafa.train;

import java.util.ArrayList;
import java.util.List;

/**
 * The moments of a step at which its tape may be fullest: when the forward pass has ended, and
 * while the backward pass has some part of the model run again. Parts are told in the order of the
 * forward pass.
 */
final class TapeMoments {
  /**
   * Bytes that a tape holds at one moment.
   *
   * @param token for each token of a micro-batch; of an encoder-decoder, for each that is read
   * @param written for each token that a decoder writes
   * @param sequence for each sequence, beyond its tokens
   */
  record Held(long token, long written, long sequence) {
    private static final Held NOTHING = new Held(0, 0, 0);

    Held plus(Held other) {
      return new Held(token + other.token, written + other.written, sequence + other.sequence);
    }

    long bytes(long tokens, long writtenTokens, long sequences) {
      return tokens * token + writtenTokens * written + sequences * sequence;
    }
  }

  private final List<Held> whileRunAgain = new ArrayList<>();
  private Held kept = Held.NOTHING;

  /** A part that keeps the same in both passes. */
  void keep(Held part) {
    keep(part, part);
  }

  /**
   * A part of the model.
   *
   * @param part kept from the forward pass on
   * @param again in its place while the backward pass works on it
   */
  void keep(Held part, Held again) {
    if (!part.equals(again)) {
      whileRunAgain.add(kept.plus(again));
    }
    kept = kept.plus(part);
  }

  /** All of them. */
  List<Held> all() {
    List<Held> all = new ArrayList<>(whileRunAgain);
    all.add(kept);
    return all;
  }
}
