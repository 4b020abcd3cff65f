package io.github.sparklorafa.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Compares with the values that {@code src/test/reference/make_text_metrics.py} wrote. */
class TextMetricTest {
  private static final JsonNode EXPECTED = read();

  private static JsonNode read() {
    try (InputStream in =
        TextMetricTest.class.getResourceAsStream("/reference/text-metrics.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static double value(TextMetric metric, List<String> written, List<String> expected) {
    long[] sums = metric.none();
    for (int i = 0; i < written.size(); i++) {
      metric.add(sums, written.get(i), expected.get(i));
    }
    return metric.value(sums);
  }

  @Test
  void wordsAreSacreBleus() {
    for (JsonNode entry : EXPECTED.get("words")) {
      assertThat(Tokenizer13a.words(entry.get("text").asText()))
          .as(entry.get("text").toString())
          .containsExactlyElementsOf(texts(entry.get("words")));
    }
  }

  @Test
  void bleuIsSacreBleus() {
    for (JsonNode corpus : EXPECTED.get("corpora")) {
      assertThat(
              value(TextMetric.BLEU, texts(corpus.get("written")), texts(corpus.get("expected"))))
          .as(corpus.get("name").asText())
          .isCloseTo(corpus.get("bleu").asDouble(), within(1e-9));
    }
  }

  @Test
  void rougeLIsThatOfEachTextAndItsMean() {
    for (JsonNode corpus : EXPECTED.get("corpora")) {
      List<String> written = texts(corpus.get("written"));
      List<String> expected = texts(corpus.get("expected"));
      double sum = 0;
      for (int i = 0; i < written.size(); i++) {
        double each = corpus.get("rouge_l").get(i).asDouble();
        assertThat(RougeL.fMeasure(written.get(i), expected.get(i)))
            .as("%s: %s", written.get(i), expected.get(i))
            .isCloseTo(each, within(1e-12));
        sum += each;
      }
      assertThat(value(TextMetric.ROUGE_L, written, expected))
          .isCloseTo(sum / written.size(), within(1e-9));
    }
  }

  @Test
  void exactMatchLooksPastWhiteSpaceAround() {
    assertThat(
            value(
                TextMetric.EXACT_MATCH,
                List.of(" 42\n", "42", "4 2", ""),
                List.of("42", "42.", "42", " ")))
        .isEqualTo(0.5);
  }

  @Test
  void sumsOfPartsGiveTheVerySameValueAsTheWhole() {
    JsonNode corpus = EXPECTED.get("corpora").get(3);
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < corpus.get("written").size(); i++) {
      rows.add(i);
    }
    Collections.shuffle(rows, new Random(5));
    for (TextMetric metric : TextMetric.values()) {
      long[] whole = metric.none();
      for (int part = 0; part < 3; part++) {
        long[] sums = metric.none();
        for (int i = part; i < rows.size(); i += 3) {
          int row = rows.get(i);
          metric.add(
              sums,
              corpus.get("written").get(row).asText(),
              corpus.get("expected").get(row).asText());
        }
        for (int i = 0; i < whole.length; i++) {
          whole[i] += sums[i];
        }
      }
      assertThat(metric.value(whole))
          .as(metric.text())
          .isEqualTo(value(metric, texts(corpus.get("written")), texts(corpus.get("expected"))));
    }
  }

  @Test
  void aRowThatWasPassedOverIsAnEmptyText() {
    for (TextMetric metric : TextMetric.values()) {
      assertThat(metric.count(null, "a b c d")).isEqualTo(metric.count("", "a b c d"));
      assertThat(metric.value(metric.none())).as(metric.text()).isNaN();
    }
  }

  @Test
  void namesAreHuggingFaces() {
    assertThat(TextMetric.parse("bleu")).isEqualTo(TextMetric.BLEU);
    assertThat(TextMetric.parse("rouge_l")).isEqualTo(TextMetric.ROUGE_L);
    assertThat(TextMetric.parse("exact-match")).isEqualTo(TextMetric.EXACT_MATCH);
    assertThatThrownBy(() -> TextMetric.parse("meteor"))
        .hasMessage("Cannot use text metric: meteor (use bleu, rouge_l, exact_match)");
  }
}
