package io.github.sparklorafa.infer;

/**
 * What a model wrote after a prompt.
 *
 * @param text without special tokens and without the stop string; null if the prompt was skipped
 * @param tokens that the model wrote, without the one that ended the text
 * @param finishReason why it ended
 */
public record Completion(String text, int tokens, FinishReason finishReason) {
  static Completion skipped(FinishReason reason) {
    return new Completion(null, 0, reason);
  }
}
