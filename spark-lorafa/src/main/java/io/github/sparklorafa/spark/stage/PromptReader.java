package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.LabelKind;
import io.github.sparklorafa.data.Prompts;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowSource;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenizedPrompt;
import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** Reads what is to be answered of a row, from the columns of a shape. */
final class PromptReader implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowSource source;
  private final LabelKind kind;
  private final int[] indexes;

  /**
   * @param shape with the columns of the question, as {@link RowShape#toAnswer} finds them
   * @param kind the labels that examples to train the model on would have
   */
  PromptReader(StructType schema, RowShape shape, LabelKind kind) {
    this.source = shape.source();
    this.kind = kind;
    this.indexes = shape.columns().stream().mapToInt(schema::fieldIndex).toArray();
  }

  /** The row's tokens, or why there are none. */
  TokenizedPrompt read(Row row, TextTokenizer tokenizer) {
    Prompts prompts = Prompts.of(kind);
    return switch (source) {
      case PROMPT_AND_COMPLETION -> prompts.fromText(tokenizer, row.getString(indexes[0]));
      case CHAT -> prompts.fromMessages(tokenizer, Conversations.of(row, indexes[0]));
      case INSTRUCTION_AND_OUTPUT ->
          prompts.fromInstruction(
              tokenizer,
              row.getString(indexes[0]),
              indexes.length > 1 ? row.getString(indexes[1]) : null);
      default -> throw new AssertionError(source);
    };
  }
}
