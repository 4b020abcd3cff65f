package io.github.sparklorafa.markup;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds HTML or SVG. Tags and the names of attributes are the program's own words; content and
 * values of attributes may be anything, and stand in the text as the characters that they are.
 */
public final class Markup {
  private final StringBuilder text = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turn; an empty value leaves its attribute out
   */
  public Markup open(String tag, String... attributes) {
    begin(tag, attributes);
    text.append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element that was opened last. */
  public Markup close() {
    text.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element with text alone. */
  public Markup element(String tag, String content, String... attributes) {
    return open(tag, attributes).text(content).close();
  }

  /** An element without content, as HTML and SVG both read it. */
  public Markup empty(String tag, String... attributes) {
    begin(tag, attributes);
    text.append("/>");
    return this;
  }

  private void begin(String tag, String... attributes) {
    text.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      if (!attributes[i + 1].isEmpty()) {
        text.append(' ').append(attributes[i]).append("=\"");
        escape(attributes[i + 1]);
        text.append('"');
      }
    }
  }

  /** Text between elements. */
  public Markup text(String content) {
    escape(content);
    return this;
  }

  /** What another one has built. */
  public Markup add(Markup other) {
    text.append(other);
    return this;
  }

  private void escape(String content) {
    content
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                case '\'' -> text.append("&#39;");
                default -> text.appendCodePoint(isCharacter(c) ? c : 0xFFFD);
              }
            });
  }

  /** XML knows no control characters, and half a surrogate pair is none at all. */
  private static boolean isCharacter(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c < 0xD800)
        || (c >= 0xE000 && c != 0xFFFE && c != 0xFFFF);
  }

  /** The text so far. */
  @Override
  public String toString() {
    return text.toString();
  }
}
