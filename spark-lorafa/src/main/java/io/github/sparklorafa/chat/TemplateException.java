package io.github.sparklorafa.chat;

/**
 * What a template itself raises, or why it cannot be read or rendered; part of the message that a
 * user reads.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private TemplateException(String message) {
    super(message);
  }

  /** With the words of the template, or what is wrong with it and where. */
  public static TemplateException of(String message) {
    return new TemplateException(message);
  }
}
