package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Columns;
import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.train.Problems;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The token ids of rows that are to be classified: as in training, but without labels.
 *
 * @param text index of the column of texts; −1 if rows are token ids
 * @param pair index of the column of second texts, or −1
 * @param ids index of the column of token ids, or −1
 * @param mask index of the column of the attention mask, or −1
 * @param types index of the column of token types, or −1
 */
record ClassifyInput(int text, int pair, int ids, int mask, int types) implements Serializable {
  /** Adds what is wrong with the columns to {@code problems}. */
  static ClassifyInput of(StructType schema, Columns names, Problems problems) {
    List<String> there = Arrays.asList(schema.fieldNames());
    boolean ids =
        !names.given(RowShape.INPUT_IDS).isEmpty()
            || (names.given(RowShape.TEXT).isEmpty() && there.contains(RowShape.INPUT_IDS));
    if (ids) {
      String name = needed(RowShape.INPUT_IDS, names, there, problems);
      if (there.contains(name)
          && !schema.apply(name).dataType().simpleString().matches("array<.*int>")) {
        wrongType(name, schema, "array<int>", problems);
      }
      return new ClassifyInput(
          -1,
          -1,
          there.indexOf(name),
          optional(RowShape.ATTENTION_MASK, names, there, problems),
          optional(RowShape.TOKEN_TYPE_IDS, names, there, problems));
    }
    String name = needed(RowShape.TEXT, names, there, problems);
    int pair = optional(RowShape.TEXT_PAIR, names, there, problems);
    for (int index : new int[] {there.indexOf(name), pair}) {
      if (index >= 0 && !schema.fields()[index].dataType().equals(DataTypes.StringType)) {
        wrongType(there.get(index), schema, "string", problems);
      }
    }
    return new ClassifyInput(there.indexOf(name), pair, -1, -1, -1);
  }

  private static String needed(String role, Columns names, List<String> there, Problems problems) {
    String name = names.given(role).isEmpty() ? role : names.given(role);
    if (!there.contains(name)) {
      problems.add(
          "Cannot find column to classify: %s (use one of %s)", name, String.join(", ", there));
    }
    return name;
  }

  private static int optional(String role, Columns names, List<String> there, Problems problems) {
    return names.given(role).isEmpty()
        ? there.indexOf(role)
        : there.indexOf(needed(role, names, there, problems));
  }

  private static void wrongType(String name, StructType schema, String wanted, Problems problems) {
    problems.add(
        "Cannot classify column: %s of type %s (use %s)",
        name, schema.apply(name).dataType().simpleString(), wanted);
  }

  /** Looks at the tokenizer in a folder, if rows are text. */
  void check(Path folder, int embeddings) {
    if (text >= 0) {
      TextTokenizer.check(folder, embeddings);
    }
  }

  /** What is read of a row; empty for a null. */
  Optional<Example> read(Row row, Supplier<TextTokenizer> tokenizer, Examples examples) {
    if (text < 0) {
      return examples
          .fromInputIds(list(row, ids), list(row, mask), list(row, types), null)
          .example();
    }
    if (row.isNullAt(text) || (pair >= 0 && row.isNullAt(pair))) {
      return Optional.empty();
    }
    return examples
        .fromTextAlone(tokenizer.get(), row.getString(text), pair < 0 ? null : row.getString(pair))
        .example();
  }

  private static List<? extends Number> list(Row row, int index) {
    return index < 0 || row.isNullAt(index) ? null : row.getList(index);
  }
}
