package io.github.sparklorafa.cli;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.RowShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The flags that say how a dataset is read: one for each component of {@link Columns}, and more.
 */
final class DatasetFlags {
  private DatasetFlags() {}

  static void add(FlagList f) {
    add(f, RowShape.TEXT, "a text to learn, or to say something about");
    add(f, RowShape.PROMPT, "what a completion is given");
    add(f, RowShape.COMPLETION, "what is learned, given the prompt");
    add(f, RowShape.INPUT_IDS, "token ids");
    add(f, RowShape.ATTENTION_MASK, "1 for each token id, 0 for padding");
    add(
        f,
        RowShape.TOKEN_TYPE_IDS,
        "1 for each token id of the second text of a pair, 0 for others");
    add(f, RowShape.LABELS, "labels of the token ids, -100 for none");
    add(f, RowShape.TEXT_PAIR, "the second text of a pair");
    add(f, RowShape.LABEL, "the class of a row, or numbers to foretell");
    add(f, RowShape.MESSAGES, "a conversation: an array of role and content");
    add(f, RowShape.INSTRUCTION, "what to do");
    add(f, RowShape.INPUT, "what to do it with");
    add(f, RowShape.OUTPUT, "what is learned, given the instruction");
    f.add(
        "options",
        "KEY=VALUE,...",
        "Options of Spark's reader of the format, such as sep=; or versionAsOf=3.",
        config -> text(config.reading().options()),
        DatasetFlags::options,
        (builder, options) -> builder.reading(reading -> reading.withOptions(options)));
    f.text(
        "where",
        "CONDITION",
        "Train on the rows that meet it only, in SQL: day = '2026-11-22'.",
        config -> config.reading().where(),
        (builder, condition) -> builder.reading(reading -> reading.withWhere(condition)));
    f.text(
        "eval-where",
        "CONDITION",
        "Evaluate on the rows of the evaluation data that meet it only.",
        config -> config.reading().evalWhere(),
        (builder, condition) -> builder.reading(reading -> reading.withEvalWhere(condition)));
  }

  private static void add(FlagList f, String usual, String content) {
    f.text(
        usual.replace('_', '-') + "-column",
        "NAME",
        "Column with " + content + "; " + usual + " if none is named.",
        config -> config.columns().given(usual),
        (builder, name) -> builder.columns(columns -> columns.with(usual, name)));
  }

  /**
   * Reads {@code KEY=VALUE,...}.
   *
   * @throws IllegalArgumentException with how it must be written
   */
  static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    List<String> items = FlagList.names(text);
    for (String option : items) {
      int equals = option.indexOf('=');
      if (equals < 1) {
        // Without the text, which may hold a password, or the end of one after its comma.
        throw new IllegalArgumentException(
            String.format(
                "Cannot use --options: item %d of %d has no key (write KEY=VALUE, comma-separated)",
                items.indexOf(option) + 1, items.size()));
      }
      options.put(option.substring(0, equals), option.substring(equals + 1));
    }
    return options;
  }

  private static String text(Map<String, String> options) {
    return options.entrySet().stream()
        .map(Map.Entry::toString)
        .sorted()
        .collect(Collectors.joining(","));
  }
}
