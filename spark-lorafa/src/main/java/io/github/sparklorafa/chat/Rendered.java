package io.github.sparklorafa.chat;

import java.util.List;

/**
 * A conversation as text.
 *
 * @param text of all turns
 * @param generated what the template itself marks as the assistant's, between {@code {% generation
 *     %}} and {@code {% endgeneration %}}; empty if it marks nothing
 */
public record Rendered(String text, List<Range> generated) {

  /**
   * A part of a text.
   *
   * @param start first UTF-16 unit
   * @param end the one after the last
   */
  public record Range(int start, int end) {}
}
