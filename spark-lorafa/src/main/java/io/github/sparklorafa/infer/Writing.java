package io.github.sparklorafa.infer;

import io.github.sparklorafa.nn.KeyValueCache;
import java.util.List;

/** A text that is being written, in one version or in several. Owns their caches. */
sealed interface Writing extends AutoCloseable permits Sequence, Beams {
  /**
   * What one version has the model read in the next pass.
   *
   * @param ids at least one
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Part(int[] ids, KeyValueCache cache) {}

  /** Versions that go on, each with at least one token in every pass. */
  int versions();

  /** The parts of all versions, with at most {@code most} tokens together. */
  List<Part> pending(int most);

  /**
   * Goes on, or ends, after a pass.
   *
   * @param scores of the token behind each part, {@code [versions, vocabulary]}; overwritten
   */
  void advance(float[][] scores, NextToken next);

  /** Null while the text goes on. */
  Completion completion();

  /** The ids after the prompt, without the one that ended the text. */
  int[] written();

  @Override
  void close();
}
