package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the second text of a pair begins: as transformers' {@code token_type_ids} say it. */
class PairTypesTest {
  private static final JsonNode REFERENCE = Reference.json("bert-pairs.json");
  private static final int VOCABULARY = 100;

  private static Examples examples(int tokenTypes) {
    NumberLabels classes = new NumberLabels(NumberLabels.Type.CLASS, 2);
    int longest = REFERENCE.get("max_length").asInt();
    return Examples.of(
        ExampleRules.numbers(longest, VOCABULARY, classes).withTokenTypes(tokenTypes));
  }

  private static List<Integer> numbers(JsonNode row, String column) {
    return Arrays.stream(Reference.ints(row.get(column))).boxed().toList();
  }

  /** As transformers has it. */
  private static Example expected(JsonNode row) {
    Example example =
        Example.withNumbers(
            Reference.ints(row.get("input_ids")), row.get("single").get(0).floatValue());
    return example.withSecond(numbers(row, "token_type_ids").indexOf(1));
  }

  @Test
  void textsAreReadAsTransformersReadsThem(@TempDir Path vocabularyAlone) throws IOException {
    for (String name : List.of("vocab.txt", "tokenizer_config.json")) {
      Files.copy(Reference.path("bert-pairs/" + name), vocabularyAlone.resolve(name));
    }
    for (Path folder : List.of(Reference.path("bert-pairs"), vocabularyAlone)) {
      try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
        for (JsonNode row : REFERENCE.get("rows")) {
          String text = row.get("text").asText();
          String pair = row.get("text_pair").asText();
          List<Integer> label = numbers(row, "single");
          Example expected = expected(row);
          assertThat(examples(2).fromLabelledPair(tokenizer, text, pair, label).example())
              .as("%s: %s", folder, text)
              .contains(expected);
          assertThat(examples(1).fromLabelledPair(tokenizer, text, pair, label).example())
              .contains(expected.withSecond(expected.length()));
          assertThat(
                  examples(2).fromTextAlone(tokenizer, text, pair).example().orElseThrow().second())
              .isEqualTo(expected.second());
          assertThat(examples(2).fromTextAlone(tokenizer, text, null).example().orElseThrow())
              .matches(example -> !example.isPair());
        }
      }
    }
  }

  @Test
  void tokenIdsAreReadWithTheirTypesAndWithoutTheirPadding() {
    for (JsonNode row : REFERENCE.get("rows")) {
      List<Integer> ids = new ArrayList<>(numbers(row, "input_ids"));
      List<Integer> types = new ArrayList<>(numbers(row, "token_type_ids"));
      List<Integer> mask = new ArrayList<>(ids.stream().map(id -> 1).toList());
      for (List<Integer> column : List.of(ids, types, mask)) {
        column.add(0, 0);
        column.add(0);
      }
      List<Integer> label = numbers(row, "single");
      assertThat(
              Examples.of(
                      ExampleRules.numbers(
                              ids.size(), VOCABULARY, new NumberLabels(NumberLabels.Type.CLASS, 2))
                          .withTokenTypes(2))
                  .fromLabelledIds(ids, mask, types, label)
                  .example())
          .contains(expected(row));
      assertThat(examples(0).fromLabelledIds(ids, mask, types, label).example())
          .hasValueSatisfying(example -> assertThat(example.isPair()).isFalse());
    }
  }

  @Test
  void aSecondTextThatIsCutOffIsNone() {
    List<Integer> ids = IntStream.range(0, 30).boxed().toList();
    List<Integer> types = ids.stream().map(id -> id < 27 ? 0 : 1).toList();
    TokenizedRow row = examples(2).fromLabelledIds(ids, null, types, List.of(1));
    assertThat(row.cut()).isEqualTo(6);
    assertThat(row.example().orElseThrow().isPair()).isFalse();
  }

  @Test
  void refusesTypesThatAreNoPair() {
    assertThat(detail(2, 0, 1, 0))
        .isEqualTo(
            "token_type_ids has 0 at position 2 (give 0 for the first text, then 1 for the second)");
    assertThat(detail(3, 0, 1, 2))
        .isEqualTo(
            "token_type_ids has 2 at position 2 (give 0 for the first text, then 1 for the second)");
    assertThat(detail(2, 0, null, 1))
        .isEqualTo(
            "token_type_ids has null at position 1 (give 0 for the first text, then 1 for the"
                + " second)");
    assertThat(detail(1, 0, 0, 1))
        .isEqualTo(
            "token_type_ids has 1 at position 2 (give zeros: the model takes the texts of a pair"
                + " alike)");
    assertThat(detail(2, 0, 1))
        .isEqualTo("token_type_ids [0, 1] has 2 entries and input_ids 3 (give one for each token)");
    assertThat(detail(0, 7, null)).isEmpty();
  }

  private static String detail(int known, Integer... types) {
    return examples(known)
        .fromLabelledIds(List.of(5, 6, 7), null, Arrays.asList(types), List.of(1))
        .detail();
  }

  @Test
  void pairsAreStoredAndTheirOrderCounts(@TempDir Path folder) throws IOException {
    List<Example> pairs = new ArrayList<>();
    REFERENCE.get("rows").forEach(row -> pairs.add(expected(row)));
    pairs.add(pairs.get(0).withSecond(0));
    pairs.add(Example.of(5, 6, 7).withSecond(2));
    pairs.add(Example.of(5, 6, 7));
    Configuration hadoop = new Configuration();
    try (TokenShardWriter writer = TokenShardWriter.create(hadoop, folder.toString(), 0, 1)) {
      for (Example pair : pairs) {
        writer.append(pair);
      }
      TokenStoreManifest.of(List.of(writer.commit())).write(hadoop, folder.toString());
    }
    TokenStore store = TokenStore.open(folder);
    for (int row = 0; row < pairs.size(); row++) {
      assertThat(store.example(row)).isEqualTo(pairs.get(row));
      assertThat(store.length(row)).isEqualTo(pairs.get(row).length());
      assertThat(store.lossTerms(row)).isEqualTo(pairs.get(row).lossTerms());
    }
    assertThat(store.checksum()).isEqualTo(TokenStore.of(pairs).checksum());
    List<Example> moved = new ArrayList<>(pairs);
    moved.set(3, pairs.get(3).withSecond(pairs.get(3).second() + 1));
    assertThat(TokenStore.of(moved).checksum()).isNotEqualTo(store.checksum());
  }

  @Test
  void batchesTellTheTypesOfTheirTokens() {
    Example single = Example.withNumbers(new int[] {8, 9}, 1);
    Example pair = Example.withNumbers(new int[] {3, 4, 5}, 0).withSecond(1);
    assertThat(TokenBatch.of(List.of(single, pair, single)).types())
        .containsExactly(0, 0, 0, 1, 1, 0, 0);
    assertThat(TokenBatch.of(List.of(single, single)).types()).isEmpty();
  }

  @Test
  void hiddenTokensKeepTheirTypes() {
    int[] ids = IntStream.range(10, 40).toArray();
    Example pair = new Example(ids, ids.clone(), LabelKind.SAME_TOKENS).withSecond(12);
    Example hidden = TokenMasking.of(0.5, 1, 4, VOCABULARY, List.of(0)).of(pair, 0, 0);
    assertThat(hidden.ids()).isNotEqualTo(ids);
    assertThat(hidden.second()).isEqualTo(12);
  }
}
