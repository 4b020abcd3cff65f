package io.github.sparklorafa.spark.stage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/** Answers the rows of one partition where it is; a hash of the prompt is the row's number. */
final class CompleteRows implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final CompleteTask task;
  private final CompletionColumns columns;

  CompleteRows(CompleteTask task, CompletionColumns columns) {
    this.task = task;
    this.columns = columns;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Iterator<Row> completed =
        task.completed(rows, Function.identity(), (row, prompt) -> number(prompt.text()));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return completed.hasNext();
      }

      @Override
      public Row next() {
        return wanted(completed.next());
      }
    };
  }

  static long number(String prompt) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(prompt.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 (use a complete JDK)", e);
    }
  }

  /** Leaves out the last three columns that nobody named. */
  private Row wanted(Row completed) {
    int data = completed.size() - 3;
    List<String> names = List.of(columns.text(), columns.finishReason(), columns.tokens());
    List<Object> more = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (!names.get(i).isEmpty()) {
        more.add(completed.get(data + i));
      }
    }
    return Rows.with(Rows.first(completed, data), more.toArray());
  }
}
