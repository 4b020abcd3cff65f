package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowTally;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenShardWriter;
import io.github.sparklorafa.data.TokenizedRow;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Makes one shard of the token store from one partition of numbered rows. */
final class TokenizeTask
    implements Function2<Integer, Iterator<Tuple2<Row, Long>>, Iterator<String>> {
  private static final long serialVersionUID = 1L;

  private final RowShape.Source source;
  private final List<String> roles;
  private final String model;
  private final int maxLength;
  private final int vocabSize;
  private final String folder;
  private final SerializableConfiguration hadoop;

  /**
   * What a task returns.
   *
   * @param summary of the shard, as JSON; empty if the tally counts wrong rows
   * @param tally of the rows, as JSON
   * @param problem why no row could be read, or empty
   */
  record Shard(String summary, String tally, String problem) {}

  TokenizeTask(
      RowShape shape,
      String model,
      int maxLength,
      int vocabSize,
      String folder,
      SerializableConfiguration hadoop) {
    this.source = shape.source();
    this.roles = shape.roles();
    this.model = model;
    this.maxLength = maxLength;
    this.vocabSize = vocabSize;
    this.folder = folder;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<String> call(Integer shard, Iterator<Tuple2<Row, Long>> rows) throws IOException {
    RowTally tally = new RowTally();
    try (TokenShardWriter writer =
        TokenShardWriter.create(hadoop.value(), folder, shard, TaskContext.get().taskAttemptId())) {
      Examples examples = Examples.limitedTo(maxLength, vocabSize);
      while (rows.hasNext()) {
        Tuple2<Row, Long> numbered = rows.next();
        Optional<Example> example = tally.take(numbered._2(), tokenized(examples, numbered._1()));
        // After a wrong row the others are counted only: the driver refuses the dataset.
        if (example.isPresent() && tally.wrong() == 0) {
          writer.append(example.get());
        }
      }
      String summary = tally.wrong() == 0 ? writer.commit().toJson() : "";
      return one(new Shard(summary, tally.toJson(), ""));
    } catch (IllegalArgumentException e) {
      // Trying again gives the same: told to the driver and not thrown, which would try it four
      // times.
      return one(new Shard("", "", e.getMessage()));
    }
  }

  private TokenizedRow tokenized(Examples examples, Row row) {
    return switch (source) {
      case INPUT_IDS ->
          examples.fromInputIds(
              ids(row, 0), optional(row, RowShape.ATTENTION_MASK), optional(row, RowShape.LABELS));
      case TEXT -> examples.fromText(tokenizer(), row.getString(0));
      case PROMPT_AND_COMPLETION ->
          examples.fromPromptAndCompletion(tokenizer(), row.getString(0), row.getString(1));
    };
  }

  private TextTokenizer tokenizer() {
    return ExecutorFiles.tokenizer(model, vocabSize, hadoop.value());
  }

  private List<? extends Number> optional(Row row, String role) {
    int index = roles.indexOf(role);
    return index < 0 ? null : ids(row, index);
  }

  private static List<? extends Number> ids(Row row, int index) {
    return row.isNullAt(index) ? null : row.getList(index);
  }

  private static Iterator<String> one(Shard shard) {
    return List.of(StageJson.write(shard)).iterator();
  }
}
