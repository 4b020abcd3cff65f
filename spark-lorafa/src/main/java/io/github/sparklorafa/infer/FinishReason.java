package io.github.sparklorafa.infer;

import java.util.Locale;

/** Why a text ended, or why none was written. */
public enum FinishReason {
  /** The model ended it. */
  EOS,
  /** A stop string came. */
  STOP,
  /** It has as many tokens as it may, or fills the positions that the model knows. */
  LENGTH,
  /** The prompt is null or empty; nothing was written. */
  EMPTY_PROMPT,
  /** The prompt fills the positions that the model knows; nothing was written. */
  PROMPT_TOO_LONG;

  /** As it stands in a column: {@code eos}, {@code prompt-too-long}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether the row was passed over. */
  public boolean isSkipped() {
    return this == EMPTY_PROMPT || this == PROMPT_TOO_LONG;
  }
}
