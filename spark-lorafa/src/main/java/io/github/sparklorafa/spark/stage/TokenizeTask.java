package io.github.sparklorafa.spark.stage;

import io.github.sparklorafa.data.Example;
import io.github.sparklorafa.data.ExampleRules;
import io.github.sparklorafa.data.Examples;
import io.github.sparklorafa.data.RowShape;
import io.github.sparklorafa.data.RowTally;
import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.data.TokenShardWriter;
import io.github.sparklorafa.tensor.Natives;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Makes one shard of the token store from one partition of numbered rows. */
final class TokenizeTask
    implements Function2<Integer, Iterator<Tuple2<Row, Long>>, Iterator<String>> {
  private static final long serialVersionUID = 1L;

  private final RowReader reader;
  private final String model;
  private final ExampleRules rules;
  private final String folder;
  private final SerializableConfiguration hadoop;

  /**
   * What a task returns.
   *
   * @param summary of the shard, as JSON; empty if the tally counts wrong rows
   * @param tally of the rows, as JSON
   * @param problem why no row could be read, or empty
   */
  record Shard(String summary, String tally, String problem) {
    Shard {
      Objects.requireNonNull(summary, "summary");
      Objects.requireNonNull(tally, "tally");
      Objects.requireNonNull(problem, "problem");
    }
  }

  TokenizeTask(
      RowShape shape,
      String model,
      ExampleRules rules,
      String folder,
      SerializableConfiguration hadoop) {
    this.reader = RowReader.ofColumns(shape);
    this.model = model;
    this.rules = rules;
    this.folder = folder;
    this.hadoop = hadoop;
  }

  @Override
  public Iterator<String> call(Integer shard, Iterator<Tuple2<Row, Long>> rows) throws IOException {
    Natives.loadAhead(TaskContext.get().cpus());
    RowTally tally = new RowTally();
    try (TokenShardWriter writer =
        TokenShardWriter.create(hadoop.value(), folder, shard, TaskContext.get().taskAttemptId())) {
      Examples examples = Examples.of(rules);
      Supplier<TextTokenizer> tokenizer =
          new SharedTokenizer(model, rules.vocabSize()).in(TaskContext.get(), hadoop.value());
      while (rows.hasNext()) {
        Tuple2<Row, Long> numbered = rows.next();
        Optional<Example> example =
            tally.take(numbered._2(), reader.read(examples, numbered._1(), tokenizer));
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

  private static Iterator<String> one(Shard shard) {
    return List.of(StageJson.write(shard)).iterator();
  }
}
