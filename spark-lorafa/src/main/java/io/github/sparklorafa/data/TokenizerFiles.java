package io.github.sparklorafa.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the files of a checkpoint folder say about its tokenizer: the vocabulary's size and the
 * special tokens.
 */
final class TokenizerFiles {

  /** Files that are no JSON. */
  static final Set<String> OTHERS =
      Set.of(
          "chat_template.jinja",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "merges.txt",
          "vocab.txt");

  /** Far beyond any tokenizer known, and no danger for the heap that reads it as a stream. */
  private static final long LARGEST_BYTES = 256L << 20;

  private static final int DEEPEST = 64;

  /** Refuses duplicate keys and deep nesting: nobody vouches for the files. */
  static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build());

  private static final List<String> TOKEN_FILES =
      List.of("tokenizer_config.json", "special_tokens_map.json");
  private static final String ADDITIONAL = "additional_special_tokens";
  private static final List<String> NAMED =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  /** What the mask token is called where no file names it. */
  private static final List<String> USUAL_MASKS = List.of("<mask>", "[MASK]");

  private static final List<String> MODEL_FILES = List.of("generation_config.json", "config.json");

  private final Map<String, JsonNode> files;
  private final TokenizerVocabulary vocabulary;

  private final TokenizerSource source;

  private TokenizerFiles(
      TokenizerSource source, TokenizerVocabulary vocabulary, Map<String, JsonNode> files) {
    this.source = source;
    this.vocabulary = vocabulary;
    this.files = files;
  }

  /**
   * Reads the files of a folder.
   *
   * @throws IllegalArgumentException if there is no tokenizer, or naming every damaged file
   */
  static TokenizerFiles read(Path folder) {
    List<String> damaged = new ArrayList<>();
    Map<String, JsonNode> files = new HashMap<>();
    for (List<String> names : List.of(TOKEN_FILES, MODEL_FILES)) {
      for (String name : names) {
        if (Files.exists(folder.resolve(name))) {
          files.put(name, parsed(folder.resolve(name), TokenizerFiles::parse, damaged));
        }
      }
    }
    List<String> problems = new ArrayList<>();
    TokenizerSource source = source(folder, files.get(TOKEN_FILES.get(0)), problems);
    TokenizerVocabulary vocabulary =
        source == null
            ? null
            : parsed(source.file(), file -> TokenizerVocabulary.read(source), problems);
    problems.addAll(damaged);
    if (!problems.isEmpty()) {
      throw damaged(folder, String.join("; ", problems), null);
    }
    return new TokenizerFiles(source, vocabulary, files);
  }

  private static TokenizerSource source(Path folder, JsonNode config, List<String> problems) {
    try {
      JsonNode settings = config == null ? JSON.createObjectNode() : config;
      return TokenizerSource.in(folder, settings)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      ("Cannot open the tokenizer: %s does not exist (write it with"
                              + " tokenizer.save_pretrained of a fast tokenizer in Python, or train"
                              + " on a dataset with input_ids)")
                          .formatted(folder.resolve(TokenizerSource.TOKENIZER))));
    } catch (IOException e) {
      problems.add("the tokenizer cannot be made of its files: " + e.getMessage());
      return null;
    }
  }

  /** Where the tokens come from. */
  TokenizerSource source() {
    return source;
  }

  static IllegalArgumentException damaged(Path file, String how, Exception cause) {
    return new IllegalArgumentException(
        ("Cannot open the tokenizer: %s: %s (copy the checkpoint's JSON files again; tokenizer.json"
                + " is written by tokenizer.save_pretrained in Python)")
            .formatted(file, how),
        cause);
  }

  /** What a parser makes of a file. */
  private interface Parser<T> {
    T parse(Path file) throws IOException;
  }

  private static <T> T parsed(Path file, Parser<T> parser, List<String> problems) {
    try {
      if (!Files.isRegularFile(file)) {
        problems.add(file.getFileName() + " is no file");
      } else {
        return parser.parse(bounded(file));
      }
    } catch (JsonProcessingException e) {
      problems.add(file.getFileName() + " is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      problems.add(file.getFileName() + ": " + e.getMessage());
    }
    return null;
  }

  /** The file, if it can be read into the heap. */
  static Path bounded(Path file) throws IOException {
    if (Files.size(file) > LARGEST_BYTES) {
      throw new IOException(
          "it has %d bytes, more than %d".formatted(Files.size(file), LARGEST_BYTES));
    }
    return file;
  }

  private static JsonNode parse(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      JsonNode node =
          JSON.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(in);
      if (!node.isObject()) {
        throw new IOException("it is not a JSON object");
      }
      return node;
    }
  }

  /** The chat template of {@code tokenizer_config.json}, the default one of several. */
  Optional<String> chatTemplate() {
    JsonNode template =
        files.getOrDefault("tokenizer_config.json", JSON.nullNode()).path("chat_template");
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(named.path("template").asText());
      }
    }
    return template.isTextual() ? Optional.of(template.asText()) : Optional.empty();
  }

  /** The special tokens by their names, such as {@code bos_token}, as chat templates know them. */
  Map<String, String> specialTokens() {
    Map<String, String> tokens = new LinkedHashMap<>(source.specials());
    for (String name : NAMED) {
      for (String file : TOKEN_FILES) {
        JsonNode token = files.getOrDefault(file, JSON.nullNode()).path(name);
        if (token.isTextual() || token.isObject()) {
          tokens.put(name, content(token));
          break;
        }
      }
    }
    return tokens;
  }

  /** The largest id of the vocabulary and the added tokens, plus one. */
  int vocabSize() {
    return vocabulary.size();
  }

  OptionalInt bos() {
    return special("bos_token");
  }

  OptionalInt eos() {
    return special("eos_token");
  }

  /** The ids that generation_config.json, or else config.json, ends a text at, and {@link #eos}. */
  NavigableSet<Integer> stops() {
    NavigableSet<Integer> stops = new TreeSet<>();
    for (String file : MODEL_FILES) {
      JsonNode ids = files.getOrDefault(file, JSON.nullNode()).path("eos_token_id");
      (ids.isArray() ? ids : List.of(ids)).forEach(id -> id(id).ifPresent(stops::add));
      if (!stops.isEmpty()) {
        break;
      }
    }
    eos().ifPresent(stops::add);
    return stops;
  }

  /** The token that stands for a hidden one. */
  OptionalInt mask() {
    OptionalInt named = special("mask_token");
    return named.isPresent()
        ? named
        : USUAL_MASKS.stream()
            .map(vocabulary::id)
            .filter(Objects::nonNull)
            .mapToInt(Integer::intValue)
            .findFirst();
  }

  /** The tokens that stand for no text. */
  Set<Integer> specials() {
    Set<Integer> ids = new TreeSet<>(vocabulary.special());
    NAMED.forEach(name -> special(name).ifPresent(ids::add));
    mask().ifPresent(ids::add);
    for (String file : TOKEN_FILES) {
      for (JsonNode token : files.getOrDefault(file, JSON.nullNode()).path(ADDITIONAL)) {
        Integer id = vocabulary.id(content(token));
        if (id != null) {
          ids.add(id);
        }
      }
    }
    return ids;
  }

  /** A token is written as its text, or as an object with it. */
  static String content(JsonNode token) {
    return token.isObject() ? token.path("content").asText() : token.asText();
  }

  private OptionalInt special(String name) {
    for (String file : TOKEN_FILES) {
      JsonNode token = files.getOrDefault(file, JSON.nullNode()).path(name);
      Integer id = vocabulary.id(content(token));
      if (id != null) {
        return OptionalInt.of(id);
      }
    }
    if (source.specials().containsKey(name)) {
      return OptionalInt.of(vocabulary.id(source.specials().get(name)));
    }
    for (String file : MODEL_FILES) {
      JsonNode id = files.getOrDefault(file, JSON.nullNode()).path(name + "_id");
      JsonNode first = id.isArray() ? id.path(0) : id;
      OptionalInt found = id(first);
      if (found.isPresent() && found.getAsInt() < vocabulary.size()) {
        return found;
      }
    }
    return OptionalInt.empty();
  }

  /** Old configurations write −1 for a token that the model does not have. */
  private static OptionalInt id(JsonNode id) {
    return id.isInt() && id.asInt() >= 0 ? OptionalInt.of(id.asInt()) : OptionalInt.empty();
  }
}
