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
import scala.Tuple2;

/** Completes the prompts of one partition where it is; a hash of the prompt is the row's number. */
final class CompleteRows implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  private final CompleteTask task;
  private final int promptIndex;
  private final CompletionColumns columns;

  CompleteRows(CompleteTask task, int promptIndex, CompletionColumns columns) {
    this.task = task;
    this.promptIndex = promptIndex;
    this.columns = columns;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return mapped(task.call(mapped(rows, this::numbered)), this::wanted);
  }

  private Tuple2<Long, Row> numbered(Row row) {
    return new Tuple2<>(number(row.getString(promptIndex)), row);
  }

  static long number(String prompt) {
    if (prompt == null) {
      return 0;
    }
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

  private static <A, B> Iterator<B> mapped(Iterator<A> values, Function<A, B> function) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return values.hasNext();
      }

      @Override
      public B next() {
        return function.apply(values.next());
      }
    };
  }
}
