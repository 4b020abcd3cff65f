package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a checkpoint's tokenizer comes from: {@code tokenizer.json}, or what is made of the files
 * of SentencePiece, RoBERTa, GPT-2 or BERT where a checkpoint has only those.
 */
final class TokenizerSource {
  static final String TOKENIZER = "tokenizer.json";
  private static final String BPE = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String WORDS = "vocab.txt";

  /** T5's, XLM-RoBERTa's, and LLaMA's and Mistral's. */
  private static final String FAIRSEQ = "sentencepiece.bpe.model";

  private static final List<String> SENTENCE_PIECE =
      List.of("spiece.model", FAIRSEQ, "tokenizer.model");

  private final Path file;
  private final byte[] made;
  private final Map<String, String> specials;

  private TokenizerSource(Path file, byte[] made, Map<String, String> specials) {
    this.file = file;
    this.made = made;
    this.specials = specials;
  }

  /**
   * Finds the tokenizer of a folder; reads only what has to be converted.
   *
   * @param config what {@code tokenizer_config.json} says, or an empty node
   * @return empty if there is none
   * @throws IOException if it cannot be converted
   */
  static Optional<TokenizerSource> in(Path folder, JsonNode config) throws IOException {
    if (Files.isRegularFile(folder.resolve(TOKENIZER))) {
      return Optional.of(new TokenizerSource(folder.resolve(TOKENIZER), null, Map.of()));
    }
    for (String name : SENTENCE_PIECE) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        SentencePieceModel model =
            SentencePieceModel.parse(Files.readAllBytes(TokenizerFiles.bounded(file)));
        boolean fairseq = name.equals(FAIRSEQ);
        return Optional.of(made(file, SentencePieceTokenizer.json(model, config, fairseq)));
      }
    }
    Path merges = folder.resolve(MERGES);
    if (Files.isRegularFile(folder.resolve(BPE)) && Files.isRegularFile(merges)) {
      JsonNode vocabulary =
          TokenizerFiles.JSON.readTree(TokenizerFiles.bounded(folder.resolve(BPE)).toFile());
      return Optional.of(
          made(
              folder.resolve(BPE),
              VocabularyTokenizer.byteLevel(
                  vocabulary, Files.readAllLines(TokenizerFiles.bounded(merges)), config)));
    }
    Path words = folder.resolve(WORDS);
    return Files.isRegularFile(words)
        ? Optional.of(
            made(
                words,
                VocabularyTokenizer.wordPiece(
                    Files.readAllLines(TokenizerFiles.bounded(words)), config)))
        : Optional.empty();
  }

  private static TokenizerSource made(Path file, ObjectNode json) throws IOException {
    return new TokenizerSource(file, TokenizerFiles.JSON.writeValueAsBytes(json), specials(json));
  }

  /** What the tokens are for, where no file says it: their usual names. */
  private static Map<String, String> specials(ObjectNode json) {
    Map<String, String> specials = new LinkedHashMap<>();
    for (JsonNode token : json.get("added_tokens")) {
      String text = token.get("content").asText();
      switch (text) {
        case "<s>" -> specials.put("bos_token", text);
        case "</s>" -> specials.put("eos_token", text);
        case "<|endoftext|>" -> {
          specials.put("bos_token", text);
          specials.put("eos_token", text);
        }
        case "<unk>", "[UNK]" -> specials.put("unk_token", text);
        case "<pad>", "[PAD]" -> specials.put("pad_token", text);
        case "<mask>", "[MASK]" -> specials.put("mask_token", text);
        case "[CLS]" -> specials.put("cls_token", text);
        case "[SEP]" -> specials.put("sep_token", text);
        default -> {}
      }
    }
    return specials;
  }

  /** The file that says what the tokens are. */
  Path file() {
    return file;
  }

  /** What its special tokens are for by their usual names, such as {@code eos_token}. */
  Map<String, String> specials() {
    return specials;
  }

  /** The text of {@code tokenizer.json}. */
  InputStream open() throws IOException {
    return made == null ? Files.newInputStream(file) : new ByteArrayInputStream(made);
  }
}
