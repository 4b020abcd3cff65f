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
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the notebook's paragraphs as Zeppelin's Spark interpreter does, with fewer steps. */
@Tag("spark")
class NotebookTest {
  private static final String MAGIC = "%spark\n";

  @Test
  void firstAdapter(@TempDir Path folder) throws IOException {
    Map<String, String> paragraphs = scalaParagraphs("01-first-adapter.zpln");
    replace(paragraphs, "\"spark-lorafa-demo\"", '"' + folder.resolve("demo").toString() + '"');
    replace(paragraphs, "val steps = 120", "val steps = 24");
    replace(paragraphs, ".take(60)", ".take(10)");

    Map<String, String> outputs = new LinkedHashMap<>();
    try (SparkSession spark = LocalSpark.open(folder);
        ScalaShell shell = new ScalaShell(spark)) {
      paragraphs.forEach((title, code) -> outputs.put(title, shell.run(code)));
    }

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
