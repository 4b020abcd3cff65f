package io.github.sparklorafa.examples;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;

import io.github.sparklorafa.cli.DemoFiles;
import io.github.sparklorafa.spark.ml.LoraFaCausalLM;
import io.github.sparklorafa.spark.ml.LoraFaCausalLMModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Teaches a base model to follow instructions, from a table with the columns of Stanford's Alpaca.
 *
 * <pre>
 * spark-submit --master local[2] --jars spark-lorafa.jar \
 *   --class io.github.sparklorafa.examples.InstructionTuning examples.jar /tmp/instructions
 * </pre>
 *
 * <p>The base is the demo's, which the plugin jar carries: it has read letters to a shop, and
 * stories, but no instruction. It is judged by letters whose people, cities and goods occur in no
 * row to train on, and by a wording that no such row has.
 */
public final class InstructionTuning {
  private static final List<String> WORDINGS =
      List.of(
          "Answer the question about the letter.",
          "Read the letter and answer.",
          "What does the letter say about it?");

  private static final String UNSEEN_WORDING = "Answer what is asked after this letter.";

  private static final int SHOWN = 3;

  private InstructionTuning() {}

  /**
   * Shares of held-out answers, from 0 to 1.
   *
   * @param toThePoint that begin as the right one does, so that they name what was asked for
   * @param right of which every character is right
   */
  record Score(double toThePoint, double right) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.1f %% to the point, %.1f %% right", 100 * toThePoint, 100 * right);
    }
  }

  /**
   * Arguments: a folder that all executors see, for the base, the letters and the model; and the
   * number of steps, 200 if it is left out.
   */
  public static void main(String[] args) {
    if (args.length != 1 && args.length != 2) {
      System.err.println("Usage: InstructionTuning FOLDER [STEPS]");
      System.exit(2);
    }
    try (SparkSession spark = SparkSession.builder().appName("InstructionTuning").getOrCreate()) {
      LoraFaCausalLMModel model =
          tune(spark, args[0], args.length == 2 ? Integer.parseInt(args[1]) : 200);
      model.write().overwrite().save(args[0] + "/model");
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot save the model: " + args[0], e);
    }
  }

  private static LoraFaCausalLMModel tune(SparkSession spark, String folder, int steps) {
    DemoFiles demo = DemoFiles.unpack(folder, spark.sparkContext().hadoopConfiguration());
    Dataset<Row> training = questions(spark.read().json(demo.train()), WORDINGS, 6).cache();
    Dataset<Row> heldOut =
        questions(spark.read().json(demo.heldOut()), List.of(UNSEEN_WORDING), 20).cache();
    System.out.printf("%,d instructions to train on, as%n", training.count());
    training.orderBy(expr("xxhash64(input, instruction)")).show(3, 44);

    System.out.println("Before: what the base writes to held-out instructions");
    Score before = judge(LoraFaCausalLMModel.of(demo.base(), "").setMaxNewTokens(16), heldOut);

    LoraFaCausalLM estimator =
        new LoraFaCausalLM()
            .setModel(demo.base())
            .setWorkers(2)
            .setRank(32)
            .setAlpha(64)
            .setBatchSize(16)
            .setMicroBatchSize(8)
            .setMaxSteps(steps)
            .setLearningRate(1e-2)
            .setSchedule("cosine")
            .setWarmupSteps(5)
            .setMaxNewTokens(16);
    LoraFaCausalLMModel model = estimator.fit(training);
    double[] losses = model.summary().lossHistory();
    System.out.printf(
        Locale.ROOT,
        "%d steps of LoRA-FA on %,d numbers: the loss went from %.2f to %.2f%n%n",
        losses.length,
        model.summary().trainableParameters(),
        losses[0],
        losses[losses.length - 1]);

    System.out.println("After: the same instructions");
    Score after = judge(model, heldOut);
    System.out.printf("before: %s%nafter:  %s%n", before, after);
    return model;
  }

  /**
   * Questions about letters, with Alpaca's columns: a letter with a question is the {@code input},
   * a sentence the {@code output}.
   *
   * @param letters the demo's; each one's {@code completion} names six facts, as in {@code
   *     customer: Ada Adler; city: Ulm}
   * @param every one question of so many is taken, by its content, so that it is the same each time
   */
  private static Dataset<Row> questions(Dataset<Row> letters, List<String> wordings, int every) {
    Dataset<Row> facts =
        letters.selectExpr(
            "replace(prompt, '\\nTicket:', '') letter",
            "explode(str_to_map(trim(completion), '; ', ': ')) as (field, value)");
    return wordings.stream()
        .map(
            wording ->
                facts.select(
                    lit(wording).as("instruction"),
                    format_string("%s\nWhat is the %s?", col("letter"), col("field")).as("input"),
                    format_string("The %s is %s.", col("field"), col("value")).as("output")))
        .reduce(Dataset::union)
        .orElseThrow()
        .where("pmod(xxhash64(instruction, input), %d) = 0".formatted(every));
  }

  /** Asks as the model was trained, and shows some answers. */
  private static Score judge(LoraFaCausalLMModel model, Dataset<Row> heldOut) {
    Dataset<Row> answered = model.transform(heldOut).cache();
    List<Row> shown = answered.select("instruction", "input", "prediction").takeAsList(SHOWN);
    for (Row row : shown) {
      System.out.printf("  instruction  %s%n", row.getString(0));
      System.out.printf("  input        %s%n", row.getString(1).replace("\n", "\n               "));
      System.out.printf("  writes       %s%n%n", row.getString(2).replace("\n", " "));
    }
    Row shares =
        answered
            .select(
                avg(expr("int(startswith(ltrim(prediction), substring_index(output, ' ', 3)))")),
                avg(expr("int(trim(prediction) = output)")))
            .head();
    answered.unpersist();
    return new Score(shares.getDouble(0), shares.getDouble(1));
  }
}
