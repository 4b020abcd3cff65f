package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The flags that name the columns of a dataset, one for each component of {@link Columns}. */
final class ColumnFlags {
  private ColumnFlags() {}

  static void add(FlagList f) {
    add(f, RowShape.TEXT, "a text to learn as a whole", Columns::text, Columns::withText);
    add(f, RowShape.PROMPT, "what a completion is given", Columns::prompt, Columns::withPrompt);
    add(
        f,
        RowShape.COMPLETION,
        "what is learned, given the prompt",
        Columns::completion,
        Columns::withCompletion);
    add(f, RowShape.INPUT_IDS, "token ids", Columns::inputIds, Columns::withInputIds);
    add(
        f,
        RowShape.ATTENTION_MASK,
        "1 for each token id, 0 for padding",
        Columns::attentionMask,
        Columns::withAttentionMask);
    add(
        f,
        RowShape.LABELS,
        "labels of the token ids, -100 for none",
        Columns::labels,
        Columns::withLabels);
  }

  private static void add(
      FlagList f,
      String usual,
      String content,
      Function<Columns, String> shown,
      BiFunction<Columns, String, Columns> change) {
    f.text(
        usual.replace('_', '-') + "-column",
        "NAME",
        "Column with " + content + "; " + usual + " if none is named.",
        config -> shown.apply(config.columns()),
        (builder, name) -> builder.columns(columns -> change.apply(columns, name)));
  }
}
