package io.github.sparklorafa.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the notebooks' paragraphs as Zeppelin's Spark interpreter does, with fewer steps. */
@Tag("spark")
class NotebookTest {
  private static final String MAGIC = "%spark\n";

  @Test
  void firstAdapter(@TempDir Path folder) throws IOException {
    Map<String, String> paragraphs = scalaParagraphs("01-first-adapter.zpln");
    replace(paragraphs, "\"spark-lorafa-demo\"", '"' + folder.resolve("demo").toString() + '"');
    replace(paragraphs, "val steps = 120", "val steps = 24");
    replace(paragraphs, ".take(60)", ".take(10)");

    Map<String, String> outputs = outputs(paragraphs, folder);

    List<String> letters = outputs.get("The base model and the letters").lines().toList();
    assertThat(letters).hasSize(6).first().isEqualTo("%table letter\tticket");
    assertThat(letters.get(1)).matches(".+\tcustomer: .+; city: .+; product: .+");
    assertThat(outputs.get("Before: what the base model writes"))
        .startsWith("Exactly right before: 0 of 10 (0.0 %)");
    assertThat(outputs.get("Fine-tune with LoRA-FA"))
        .startsWith("24 steps in ")
        .contains("adapter");
    assertThat(folder.resolve("demo/adapter/adapter_model.safetensors")).isNotEmptyFile();

    List<String> losses = outputs.get("The loss falls").lines().toList();
    assertThat(losses).hasSize(25).first().isEqualTo("%table step\tloss");
    assertThat(number(losses.get(24))).isLessThan(0.5 * number(losses.get(1)));
    assertThat(outputs.get("After: the same letters, with the adapter"))
        .startsWith("%html <p>Exactly right before: <b>0 of 10")
        .contains("customer: ")
        .endsWith("</table>\n");
    List<String> kept = outputs.get("What was kept and sent").lines().toList();
    assertThat(kept).hasSize(3).first().isEqualTo("%table what\tbytes");
    assertThat(number(kept.get(1))).isPositive();
    assertThat(number(kept.get(2))).isPositive();
  }

  @Test
  void sentimentPipeline(@TempDir Path folder) throws IOException {
    Map<String, String> paragraphs = scalaParagraphs("02-sentiment-pipeline.zpln");
    String repository = System.getProperty("spark-lorafa.repository");
    replace(paragraphs, "\"examples/data", '"' + repository + "/examples/data");
    replace(paragraphs, "\"spark-lorafa-sentiment\"", '"' + folder.toString() + '"');

    Map<String, String> outputs = outputs(paragraphs, folder);

    List<String> reviews = outputs.get("The reviews").lines().toList();
    assertThat(reviews).hasSize(3).first().isEqualTo("%table label\treviews\tone of them");
    assertThat(reviews.get(1)).matches("negative\t\\d+\t\\w.*");
    assertThat(reviews.get(2)).matches("positive\t\\d+\t\\w.*");
    assertThat(percent(outputs.get("Before: a bag of words"))).isBetween(35.0, 65.0);

    List<String> rates = outputs.get("Cross validation chooses the learning rate").lines().toList();
    assertThat(rates)
        .hasSize(3)
        .first()
        .isEqualTo("%table learning rate\tright in cross validation");
    assertThat(rates.get(2)).startsWith("0.01\t");
    assertThat(number(rates.get(2))).isGreaterThan(0.7).isGreaterThan(number(rates.get(1)));
    List<String> losses = outputs.get("The loss falls").lines().toList();
    assertThat(losses).hasSize(41).first().isEqualTo("%table step\tloss");
    assertThat(
            losses.subList(36, 41).stream()
                .mapToDouble(NotebookTest::number)
                .average()
                .orElseThrow())
        .isLessThan(0.8 * number(losses.get(1)));

    String after = outputs.get("After: the held-out reviews");
    assertThat(after).startsWith("%html <p>Right").endsWith("</table>\n").contains("<td>positive");
    double right = percent(after.substring(after.indexOf("by RoBERTa")));
    assertThat(right).isGreaterThan(70);
    String loaded = outputs.get("Save the pipeline, and load it");
    assertThat(percent(loaded)).isEqualTo(right);
    assertThat(loaded).contains("/pipeline/stages/").contains("/adapter");
    assertThat(folder.resolve("pipeline/metadata")).isDirectory();
  }

  private static Map<String, String> outputs(Map<String, String> paragraphs, Path folder) {
    Map<String, String> outputs = new LinkedHashMap<>();
    try (SparkSession spark = LocalSpark.open(folder);
        ScalaShell shell = new ScalaShell(spark)) {
      paragraphs.forEach((title, code) -> outputs.put(title, shell.run(code)));
    }
    return outputs;
  }

  /** The first one in a text. */
  private static double percent(String text) {
    Matcher share = Pattern.compile("([0-9.]+) %").matcher(text);
    assertThat(share.find()).as(text).isTrue();
    return Double.parseDouble(share.group(1));
  }

  private static double number(String line) {
    return Double.parseDouble(line.substring(line.indexOf('\t') + 1));
  }

  private static void replace(Map<String, String> paragraphs, String old, String replacement) {
    assertThat(paragraphs.values()).as(old).anyMatch(code -> code.contains(old));
    paragraphs.replaceAll((title, code) -> code.replace(old, replacement));
  }

  private static Map<String, String> scalaParagraphs(String name) throws IOException {
    File file = Path.of(System.getProperty("spark-lorafa.repository"), "notebooks", name).toFile();
    Map<String, String> paragraphs = new LinkedHashMap<>();
    for (JsonNode paragraph : new ObjectMapper().readTree(file).get("paragraphs")) {
      String text = paragraph.get("text").asText();
      if (text.startsWith(MAGIC)) {
        paragraphs.put(paragraph.get("title").asText(), text.substring(MAGIC.length()));
      }
    }
    return paragraphs;
  }
}
