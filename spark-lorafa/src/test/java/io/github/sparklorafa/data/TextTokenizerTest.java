package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {

  @ParameterizedTest
  @ValueSource(strings = {"tokenizer", "tokenizer-metaspace"})
  void givesPythonsIds(String name) {
    JsonNode reference = Reference.json(name + "/tokens.json");
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path(name))) {
      assertThat(tokenizer.vocabSize()).isEqualTo(reference.get("vocab_size").asInt());
      assertThat(tokenizer.bos()).hasValue(reference.get("bos_token_id").asInt());
      assertThat(tokenizer.eos()).hasValue(reference.get("eos_token_id").asInt());
      for (JsonNode text : reference.get("texts")) {
        assertIsPythons(tokenizer, text);
      }
    }
  }

  @Test
  void threadsShareATokenizer() throws Exception {
    List<JsonNode> texts = new ArrayList<>();
    Reference.json("tokenizer/tokens.json").get("texts").forEach(texts::add);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (TextTokenizer tokenizer = TextTokenizer.open(Reference.path("tokenizer"))) {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        JsonNode text = texts.get(i % texts.size());
        results.add(threads.submit(() -> assertIsPythons(tokenizer, text)));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void neitherCutsNorPads(@TempDir Path folder) throws IOException {
    Reference.tokenizer(
        folder,
        json -> {
          json.putObject("truncation")
              .put("direction", "Right")
              .put("max_length", 3)
              .put("strategy", "LongestFirst")
              .put("stride", 0);
          json.putObject("padding")
              .put("direction", "Right")
              .put("pad_id", 0)
              .put("pad_type_id", 0)
              .put("pad_token", "<unk>")
              .putNull("pad_to_multiple_of")
              .putObject("strategy")
              .put("Fixed", 16);
        });
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      for (JsonNode text : Reference.json("tokenizer/tokens.json").get("texts")) {
        assertIsPythons(tokenizer, text);
      }
    }
  }

  @Test
  void specialTokensAreFoundInTheFirstFileThatNamesThem(@TempDir Path folder) throws IOException {
    Reference.tokenizer(folder, json -> {});
    Path config = folder.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"bos_token\": null, \"eos_token\": {\"content\": \"<|user|>\"}}");
    Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": 1, \"eos_token_id\": 2}");
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [7, 2, 7]}");
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.bos()).hasValue(1);
      assertThat(tokenizer.eos()).hasValue(3);
      assertThat(tokenizer.stops()).containsExactly(2, 3, 7);
    }
    Files.delete(config);
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.eos()).as("the first of the generation's").hasValue(7);
      assertThat(tokenizer.stops()).containsExactly(2, 7);
    }
    Files.delete(folder.resolve("generation_config.json"));
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.eos()).hasValue(2);
      assertThat(tokenizer.stops()).containsExactly(2);
    }
    Files.writeString(
        folder.resolve("special_tokens_map.json"), "{\"eos_token\": {\"content\": \"</s>\"}}");
    Files.delete(folder.resolve("config.json"));
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.bos()).isEmpty();
      assertThat(tokenizer.eos()).hasValue(2);
    }
  }

  @Test
  void aNegativeIdIsNoToken(@TempDir Path folder) throws IOException {
    Reference.tokenizer(folder, json -> {});
    Files.deleteIfExists(folder.resolve("tokenizer_config.json"));
    Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": 1, \"eos_token_id\": -1}");
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.bos()).hasValue(1);
      assertThat(tokenizer.eos()).isEmpty();
      assertThat(tokenizer.stops()).isEmpty();
    }
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [-1, 2]}");
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.stops()).containsExactly(2);
    }
  }

  @Test
  void duplicateKeysAndDeepNestingAreRefused(@TempDir Path folder) throws IOException {
    String config = "{\"eos_token\": \"a\", \"eos_token\": \"b\"}";
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
    Files.writeString(folder.resolve("special_tokens_map.json"), "{} {}");
    Files.writeString(
        folder.resolve("config.json"), "{\"a\": " + "[".repeat(100) + "]".repeat(100) + "}");
    Files.writeString(
        folder.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": 0, \"a\": 1}}}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageContaining("tokenizer.json is not valid JSON: Duplicate field 'a'")
        .withMessageContaining("tokenizer_config.json is not valid JSON: Duplicate field")
        .withMessageContaining("special_tokens_map.json is not valid JSON: Trailing token")
        .withMessageContaining("config.json is not valid JSON: Depth (65) exceeds");
  }

  @Test
  void aVocabularyOfPiecesAndScoresIsCounted(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
         "added_tokens": [{"id": 4, "content": "</s>", "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true}],
         "pre_tokenizer": null, "post_processor": null, "decoder": null,
         "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
            "vocab": [["<unk>", 0.0], ["a", -1.5], ["b", -2.0], ["ab", -2.5]]}}
        """);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}");
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.encode("abb")).containsExactly(3, 2);
      assertThat(tokenizer.vocabSize()).isEqualTo(5);
      assertThat(tokenizer.eos()).hasValue(4);
      assertThat(tokenizer.decodeWithSpecialTokens(3, 4)).contains("</s>");
    }
  }

  @Test
  void missingAndDamagedFilesAreNamed(@TempDir Path folder) throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageMatching("Cannot open the tokenizer: .*tokenizer.json does not exist \\(.*\\)");

    Path file = folder.resolve("tokenizer.json");
    String whole = Files.readString(Reference.path("tokenizer/tokenizer.json"));
    for (String damaged : List.of("", "[]", "{}", whole.substring(0, whole.length() / 2))) {
      Files.writeString(file, damaged);
      assertThatIllegalArgumentException()
          .as(damaged)
          .isThrownBy(() -> TextTokenizer.open(folder))
          .withMessageStartingWith("Cannot open the tokenizer: " + folder);
    }

    Files.writeString(file, whole);
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageContaining("config.json is not valid JSON: ");
  }

  /** A hole of 300 MB that names itself a small file. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizer.json",
        "tokenizer.model",
        "vocab.txt",
        "chat_template.jinja",
        "chat_template.json",
        "tokenizer_config.json"
      })
  void refusesFilesThatAreTooLarge(String name, @TempDir Path folder) throws IOException {
    if (name.startsWith("chat") || name.endsWith("_config.json")) {
      Files.copy(Reference.path("tokenizer/tokenizer.json"), folder.resolve("tokenizer.json"));
    }
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
      file.setLength(300 << 20);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageStartingWith("Cannot open the tokenizer: " + folder)
        .withMessageContaining("it has 314572800 bytes, more than 268435456");
  }

  @Test
  void refusesAnotherModelsVocabulary() {
    Path folder = Reference.path("tokenizer");
    int size = Reference.json("tokenizer/tokens.json").get("vocab_size").asInt();
    TextTokenizer.check(folder, size);
    TextTokenizer.open(folder, size).close();
    String message =
        ("Cannot use the tokenizer: %s has ids up to %d, but the model's last embedding is %d (give"
                + " the tokenizer that belongs to the model, or enlarge the model in Python with"
                + " resize_token_embeddings)")
            .formatted(folder.resolve("tokenizer.json"), size - 1, size - 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.check(folder, size - 1))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder, size - 1))
        .withMessage(message);
  }

  @Test
  void namesAllDamagedFilesAtOnce(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": 0, \"b\": -1}}}");
    Files.writeString(folder.resolve("tokenizer_config.json"), "[]");
    Files.writeString(folder.resolve("special_tokens_map.json"), "");
    Files.createDirectory(folder.resolve("config.json"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.check(folder, 10))
        .withMessage(
            "Cannot open the tokenizer: "
                + folder
                + ": tokenizer.json: a token has no id, a negative or an impossible one;"
                + " tokenizer_config.json: it is not a JSON object;"
                + " special_tokens_map.json: it is not a JSON object; config.json is no file"
                + " (copy the checkpoint's JSON files again; tokenizer.json is written by"
                + " tokenizer.save_pretrained in Python)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"added_tokens\": [{\"content\": \"a\", \"id\": 99999999999}]} | impossible one",
        "{\"added_tokens\": [{\"content\": \"a\", \"id\": \"1\"}]} | a token has no id",
        "{\"added_tokens\": [{\"content\": \"a\"}]} | a token has no id",
        "{\"model\": []} | model is not a JSON object",
        "{\"model\": {\"vocab\": 7}} | vocab is neither an object nor a list",
        "{\"model\": {\"vocab\": {}}} | it holds no tokens",
        "{\"model\": {\"vocab\": {\"a\": 0 | is not valid JSON: Unexpected end-of-input",
        "[] | it is not a JSON object"
      })
  void refusesVocabulariesThatCannotBe(String json, String complaint, @TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageStartingWith("Cannot open the tokenizer: " + folder)
        .withMessageContaining(complaint);
  }

  private static void assertIsPythons(TextTokenizer tokenizer, JsonNode reference) {
    String text = reference.get("text").asText();
    assertThat(tokenizer.encode(text))
        .as(text)
        .containsExactly(Reference.ints(reference.get("ids")));
    int[] bare = Reference.ints(reference.get("ids_without_special"));
    assertThat(tokenizer.encodeWithoutSpecialTokens(text)).as(text).containsExactly(bare);
    assertThat(tokenizer.decode(bare)).isEqualTo(reference.get("decoded").asText());
  }
}
