package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.RowProblem;
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
  /** The chat template refuses the conversation; nothing was written. */
  UNFIT_CHAT,
  /** The prompt fills the positions that the model knows; nothing was written. */
  PROMPT_TOO_LONG;

  /** As it stands in a column: {@code eos}, {@code prompt-too-long}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Why a row with that problem is passed over. */
  static FinishReason of(RowProblem problem) {
    return problem == RowProblem.UNFIT_CHAT ? UNFIT_CHAT : EMPTY_PROMPT;
  }

  /** Whether the row was passed over. */
  public boolean isSkipped() {
    return this == EMPTY_PROMPT || this == UNFIT_CHAT || this == PROMPT_TOO_LONG;
  }
}
