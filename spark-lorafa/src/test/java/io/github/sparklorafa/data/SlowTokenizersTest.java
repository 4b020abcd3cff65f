package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints without a tokenizer.json, against the ids of transformers. */
class SlowTokenizersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama",
        "llama-legacy",
        "t5",
        "xlm-roberta",
        "roberta",
        "gpt2",
        "bert",
        "bert-cased"
      })
  void idsAreThoseOfTransformers(String name) {
    JsonNode reference = Reference.json("slow-tokenizers/" + name + "/tokens.json");
    try (TextTokenizer tokenizer = TextTokenizer.open(folder(name))) {
      assertThat(tokenizer.vocabSize()).isEqualTo(reference.get("vocab_size").asInt());
      if (reference.get("eos_token_id").isInt()) {
        assertThat(tokenizer.eos()).hasValue(reference.get("eos_token_id").asInt());
      }
      for (JsonNode row : reference.get("texts")) {
        String text = row.get("text").asText();
        assertThat(tokenizer.encode(text)).as(text).containsExactly(Reference.ints(row.get("ids")));
        assertThat(tokenizer.encodeWithoutSpecialTokens(text))
            .as(text)
            .containsExactly(Reference.ints(row.get("ids_without_special")));
        assertThat(tokenizer.encoded(text, "Ada sells a kite").ids())
            .as(text)
            .containsExactly(Reference.ints(row.get("with_pair")));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"llama, tokenizer.model", "t5, spiece.model", "xlm-roberta, sentencepiece.bpe.model"})
  void specialTokensAreKnownWithoutAConfiguration(String name, String file, @TempDir Path folder)
      throws IOException {
    Files.copy(folder(name).resolve(file), folder.resolve(file));
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.eos()).isPresent();
      assertThat(tokenizer.decodeWithSpecialTokens(tokenizer.eos().getAsInt())).isEqualTo("</s>");
      int[] ids = tokenizer.encode("Ada buys a red kite.");
      assertThat(tokenizer.decode(ids)).isEqualTo("Ada buys a red kite.");
    }
  }

  @Test
  void tokensAddedLaterAreFound(@TempDir Path folder) throws IOException {
    Files.copy(folder("llama").resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"add_bos_token": false, "add_eos_token": true, "eos_token": {"content": "</s>"},
         "added_tokens_decoder": {"420": {"content": "<|im_end|>", "special": true}}}
        """);
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(421);
      assertThat(tokenizer.encode("<|im_end|>")).containsExactly(420, 2);
      assertThat(tokenizer.encodePrompt("<|im_end|>")).containsExactly(420);
    }
  }

  @Test
  void aTokenizerJsonWins(@TempDir Path folder) throws IOException {
    Files.copy(folder("llama").resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
    Reference.tokenizer(folder, json -> {});
    try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
      assertThat(tokenizer.encode("a")).containsExactly(1, 68);
    }
  }

  @Test
  void otherFilesAreRefused(@TempDir Path folder) throws IOException {
    Path model = folder.resolve("tokenizer.model");
    Files.writeString(model, "IQ== 0\nIg== 1\n");
    assertRefused(folder, "it is not a SentencePiece model");
    Files.write(model, new byte[0]);
    assertRefused(folder, "it is not a SentencePiece model");
    byte[] whole = Files.readAllBytes(folder("llama").resolve("tokenizer.model"));
    Files.write(model, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertRefused(folder, "it is not a SentencePiece model");
    Files.delete(model);

    Path words = folder.resolve("vocab.txt");
    Files.writeString(words, "[PAD]\n[UNK]\na\n");
    assertRefused(folder, "it has no [CLS], [SEP], [MASK]");

    Files.copy(folder("gpt2").resolve("vocab.json"), folder.resolve("vocab.json"));
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b c\n");
    assertRefused(folder, "merges.txt has a line that is no pair");
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"Qwen2Tokenizer\"}");
    assertRefused(folder, "tokenizer_class is Qwen2Tokenizer");
  }

  @Test
  void damagedModelsAreReadOrRefused(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(folder("t5").resolve("spiece.model"));
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 500; round++) {
      byte[] damaged = whole.clone();
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(folder.resolve("spiece.model"), damaged);
      try {
        TextTokenizer.check(folder, 1 << 28);
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(20, 480);
  }

  private static void assertRefused(Path folder, String complaint) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTokenizer.open(folder))
        .withMessageStartingWith("Cannot open the tokenizer: " + folder)
        .withMessageContaining(complaint);
  }

  private static Path folder(String name) {
    return Reference.path("slow-tokenizers/" + name + "/tokens.json").getParent();
  }
}
