package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenMaskingTest {
  private static final int MASK = 4;
  private static final int VOCABULARY = 1000;
  private static final Set<Integer> SPECIAL = Set.of(0, 1, 2, 3);

  @TempDir Path folder;

  private static TokenMasking masking(long seed) {
    return TokenMasking.of(0.15, seed, MASK, VOCABULARY, SPECIAL);
  }

  private static Example text(int... ids) {
    return new Example(ids, ids.clone(), LabelKind.SAME_TOKENS);
  }

  private static Example text(long row, int tokens) {
    return text(
        IntStream.range(0, tokens).map(i -> (int) ((row * 31 + i * 7L) % 990) + 5).toArray());
  }

  @Test
  void drawsAsItsDescriptionSays() {
    for (JsonNode reference : Reference.json("token-masking.json")) {
      ObjectMapper json = new ObjectMapper();
      TokenMasking masking =
          TokenMasking.of(
              reference.get("probability").asDouble(),
              reference.get("seed").asLong(),
              reference.get("mask").asInt(),
              reference.get("vocabulary").asInt(),
              List.of(json.convertValue(reference.get("special"), Integer[].class)));
      Example masked =
          masking.of(
              text(json.convertValue(reference.get("ids"), int[].class)),
              reference.get("document").asLong(),
              reference.get("step").asLong());
      assertThat(masked.ids()).isEqualTo(json.convertValue(reference.get("read"), int[].class));
      assertThat(masked.labels())
          .isEqualTo(json.convertValue(reference.get("labels"), int[].class));
    }
  }

  @Test
  void hidesASeventhOfTheTokensInBertsProportions() {
    TokenMasking masking = masking(42);
    int tokens = 0;
    int chosen = 0;
    int masked = 0;
    int changed = 0;
    for (int row = 0; row < 500; row++) {
      Example before = text(row, 400);
      Example after = masking.of(before, Mix64.mix(row), 0);
      for (int i = 0; i < before.ids().length; i++) {
        boolean learned = after.labels()[i] != Example.IGNORED;
        int read = after.ids()[i];
        tokens++;
        chosen += learned ? 1 : 0;
        masked += learned && read == MASK ? 1 : 0;
        changed += learned && read != MASK && read != before.ids()[i] ? 1 : 0;
        assertThat(learned || read == before.ids()[i]).isTrue();
        assertThat(!learned || after.labels()[i] == before.ids()[i]).isTrue();
        assertThat(SPECIAL).doesNotContain(read);
      }
    }
    // five standard deviations of these counts
    assertThat((double) chosen / tokens).isCloseTo(0.15, within(0.004));
    assertThat((double) masked / chosen).isCloseTo(0.8, within(0.012));
    assertThat((double) changed / chosen).isCloseTo(0.1, within(0.009));
  }

  @Test
  void specialTokensAreNeitherHiddenNorLearned() {
    TokenMasking masking = TokenMasking.of(0.999, 1, MASK, VOCABULARY, SPECIAL);
    Example after = masking.of(text(0, 7, 2, 2, 8, 4, 2000, 1, 1), 5, 9);
    assertThat(after.labels()).containsExactly(-100, 7, -100, -100, 8, -100, -100, -100, -100);
    assertThat(after.ids()[5]).isEqualTo(MASK);
    assertThat(after.ids()[6]).isEqualTo(2000);
  }

  @Test
  void labelsOfTheDataStand() {
    TokenMasking masking = TokenMasking.of(0.999, 1, MASK, VOCABULARY, SPECIAL);
    Example given =
        new Example(new int[] {7, 4, 9}, new int[] {-100, 8, -100}, LabelKind.SAME_TOKENS);
    assertThat(masking.of(given, 0, 0)).isSameAs(given);
    Example other = Example.of(7, 8, 9);
    assertThat(masking.of(other, 0, 0)).isSameAs(other);
  }

  @Test
  void eachStepDrawsAnewAndRepeatsItself() {
    Example row = text(1, 200);
    Example first = masking(42).of(row, 17, 3);
    assertThat(masking(42).of(row, 17, 3)).isEqualTo(first);
    assertThat(masking(42).of(row, 17, 4)).isNotEqualTo(first);
    assertThat(masking(42).of(row, 18, 3)).isNotEqualTo(first);
    assertThat(masking(43).of(row, 17, 3)).isNotEqualTo(first);
    assertThat(row).isEqualTo(text(1, 200));
  }

  @Test
  void doesNotDependOnWorkersOrMicroBatches() throws InterruptedException {
    List<Example> rows = new ArrayList<>();
    IntStream.range(0, 23).forEach(row -> rows.add(text(row, 5 + row)));
    TokenStore store = TokenStore.of(rows);
    for (TokenSequences sequences :
        List.of(TokenSequences.rows(store), TokenSequences.packed(store, 64))) {
      Map<List<Long>, String> expected = drawn(sequences, 1, 0);
      assertThat(expected.values()).hasSizeGreaterThan(60);
      for (int workers = 2; workers <= 4; workers++) {
        assertThat(drawn(sequences, workers, workers - 1)).isEqualTo(expected);
      }
    }
  }

  /** What is read and learned of each document in each step of three epochs. */
  private static Map<List<Long>, String> drawn(
      TokenSequences sequences, int workers, int microBatchSize) throws InterruptedException {
    Map<List<Long>, String> drawn = new HashMap<>();
    BatchOrder order = BatchOrder.forEpochs(sequences.count(), 6, workers, RowOrder.SHUFFLED, 9, 3);
    for (int rank = 0; rank < workers; rank++) {
      try (BatchPrefetcher batches =
          new BatchPrefetcher(sequences, order, rank, microBatchSize, 0, masking(42))) {
        for (long step = 0; batches.hasNext(); step++) {
          for (TokenBatch batch : batches.next()) {
            for (int s = 0; s < batch.sequences(); s++) {
              StringBuilder tokens = new StringBuilder();
              for (int i = batch.offsets()[s]; i < batch.offsets()[s + 1]; i++) {
                tokens.append(batch.ids()[i]).append('/').append(batch.targets()[i]).append(' ');
              }
              drawn.put(List.of(step, batch.documents()[s]), tokens.toString());
            }
          }
        }
      }
    }
    return drawn;
  }

  @Test
  void findsTheSpecialTokensOfACheckpoint() throws IOException {
    write(
        "tokenizer.json",
        """
        {"added_tokens": [{"id": 0, "content": "<s>", "special": true},
                          {"id": 1, "content": "<hide>", "special": false},
                          {"id": 2, "content": "plain", "special": false},
                          {"id": 3, "content": "<extra>", "special": false}],
         "model": {"vocab": {"a": 4, "b": 5, "<p>": 6}}}
        """);
    write(
        "tokenizer_config.json",
        """
        {"mask_token": {"content": "<hide>", "lstrip": true}, "pad_token": "<p>",
         "additional_special_tokens": ["<extra>"]}
        """);
    TokenMasking masking = TokenMasking.open(folder, 0.999, 1);
    for (int step = 0; step < 50; step++) {
      Example after = masking.of(text(0, 1, 2, 3, 4, 5, 6), 0, step);
      assertThat(after.labels()).containsExactly(-100, -100, 2, -100, 4, 5, -100);
      assertThat(after.ids()[2]).isIn(1, 2, 4, 5);
      assertThat(after.ids()).startsWith(0, 1).endsWith(6);
    }
  }

  @Test
  void knowsRobertasMaskTokenWithoutItsName() throws IOException {
    write(
        "tokenizer.json",
        """
        {"added_tokens": [{"id": 9, "content": "<mask>", "special": true}],
         "model": {"vocab": {"a": 0}}}
        """);
    Example after = TokenMasking.open(folder, 0.999, 1).of(text(new int[100]), 0, 0);
    assertThat(after.ids()).contains(9);
  }

  @Test
  void refusesATokenizerWithoutMaskToken() throws IOException {
    write("tokenizer.json", "{\"model\": {\"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> TokenMasking.open(folder, 0.15, 1))
        .hasMessageStartingWith("Cannot hide tokens: the tokenizer in " + folder)
        .hasMessageContaining("no mask token");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }
}
