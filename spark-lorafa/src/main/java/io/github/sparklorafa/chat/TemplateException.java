package io.github.sparklorafa.chat;

/** What a template itself raises, or why it cannot be read or rendered. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the words of the template, or what is wrong with it and where. */
  public TemplateException(String message) {
    super(message);
  }
}
