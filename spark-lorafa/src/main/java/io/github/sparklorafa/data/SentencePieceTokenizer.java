package io.github.sparklorafa.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparklorafa.data.SentencePieceModel.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the {@code tokenizer.json} of a SentencePiece model, as transformers' converters do: for a
 * BPE model that of LLaMA and Mistral, for a unigram model that of T5 or XLM-RoBERTa.
 */
final class SentencePieceTokenizer {
  private static final int MOST_EXTRA_IDS = 100;

  /** A thousand times what any T5 has. */
  private static final int LARGEST_EXTRA_IDS = 100_000;

  /** Merges are looked for at each character of a piece; SentencePiece's own limit is 512. */
  private static final int LONGEST_PIECE = 4096;

  private final SentencePieceModel model;
  private final JsonNode config;

  private SentencePieceTokenizer(SentencePieceModel model, JsonNode config) {
    this.model = model;
    this.config = config;
  }

  /**
   * @param config what {@code tokenizer_config.json} says
   * @param fairseq whether ids are those of fairseq, as XLM-RoBERTa's
   * @throws IOException if the model's algorithm is another
   */
  static ObjectNode json(SentencePieceModel model, JsonNode config, boolean fairseq)
      throws IOException {
    SentencePieceTokenizer tokenizer = new SentencePieceTokenizer(model, config);
    if (model.pieces().stream().anyMatch(piece -> piece.text().length() > LONGEST_PIECE)) {
      throw new IOException("it has a piece of more than %d characters".formatted(LONGEST_PIECE));
    }
    if (model.algorithm() == SentencePieceModel.BPE) {
      return tokenizer.llama();
    } else if (model.algorithm() != SentencePieceModel.UNIGRAM) {
      throw new IOException("it is neither a unigram nor a BPE model");
    }
    return fairseq ? tokenizer.xlmRoberta() : tokenizer.t5();
  }

  private ObjectNode llama() {
    boolean prefix = config.path("add_prefix_space").asBoolean(true);
    String prepend = !prefix ? "never" : config.path("legacy").asBoolean() ? "always" : "first";
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < model.pieces().size(); id++) {
      vocabulary.put(model.pieces().get(id).text(), id);
    }
    ObjectNode bpe = TokenizerJson.part("BPE");
    bpe.putNull("dropout").put("unk_token", model.pieces().get(model.unknown()).text());
    bpe.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    bpe.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
    ObjectNode ids = bpe.putObject("vocab");
    vocabulary.forEach(ids::put);
    ArrayNode merges = bpe.putArray("merges");
    merges(vocabulary).forEach(merge -> merges.addArray().add(merge.left).add(merge.right));
    return withAdded(new TokenizerJson())
        .preTokenizer(TokenizerJson.metaspace(prepend, false))
        .decoder(TokenizerJson.llamaDecoder(prefix))
        .postProcessor(llamaTemplate())
        .model(bpe)
        .build();
  }

  private ObjectNode llamaTemplate() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    List<String> single = new ArrayList<>();
    List<String> second = new ArrayList<>();
    if (config.path("add_bos_token").asBoolean(true)) {
      String bos = token("bos_token", "<s>", ids);
      single.add(bos);
      second.add(bos + ":1");
    }
    single.add("$A");
    second.add("$B:1");
    if (config.path("add_eos_token").asBoolean(false)) {
      String eos = token("eos_token", "</s>", ids);
      single.add(eos);
      second.add(eos + ":1");
    }
    List<String> pair = new ArrayList<>(single);
    pair.addAll(second);
    return TokenizerJson.template(single, pair, ids);
  }

  private String token(String name, String usual, Map<String, Integer> ids) {
    String given = TokenizerFiles.content(config.path(name));
    String token = given.isEmpty() ? usual : given;
    for (int id = 0; id < model.pieces().size(); id++) {
      if (model.pieces().get(id).text().equals(token)) {
        ids.put(token, id);
      }
    }
    return token;
  }

  private record Merge(String left, String right, int leftId, int rightId, int id) {}

  /** Every way to make a piece of two; those of pieces with small ids come first. */
  private static List<Merge> merges(Map<String, Integer> vocabulary) {
    List<Merge> merges = new ArrayList<>();
    vocabulary.forEach(
        (piece, id) -> {
          for (int i = 1; i < piece.length(); i++) {
            Integer left = vocabulary.get(piece.substring(0, i));
            Integer right = vocabulary.get(piece.substring(i));
            if (left != null && right != null) {
              merges.add(new Merge(piece.substring(0, i), piece.substring(i), left, right, id));
            }
          }
        });
    merges.sort(
        Comparator.comparingInt(Merge::id)
            .thenComparingInt(merge -> points(merge.left))
            .thenComparingInt(merge -> points(merge.right))
            .thenComparingInt(Merge::leftId)
            .thenComparingInt(Merge::rightId));
    return merges;
  }

  private static int points(String text) {
    return text.codePointCount(0, text.length());
  }

  private ObjectNode t5() throws IOException {
    int extra = config.path("extra_ids").asInt(MOST_EXTRA_IDS);
    if (extra < 0 || extra > LARGEST_EXTRA_IDS) {
      throw new IOException("extra_ids is " + extra);
    }
    List<Piece> pieces = new ArrayList<>(model.pieces());
    TokenizerJson json = withAdded(new TokenizerJson());
    for (int i = extra - 1; i >= 0; i--) {
      json.added(pieces.size(), "<extra_id_%d>".formatted(i), true, false);
      pieces.add(new Piece("<extra_id_%d>".formatted(i), 0, Piece.USER_DEFINED));
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    String eos = token("eos_token", "</s>", ids);
    return unigram(json, pieces, model.unknown())
        .postProcessor(
            TokenizerJson.template(List.of("$A", eos), List.of("$A", eos, "$B", eos), ids))
        .build();
  }

  private ObjectNode xlmRoberta() throws IOException {
    if (model.pieces().size() < 3) {
      throw new IOException("it has %d pieces".formatted(model.pieces().size()));
    }
    List<String> first = List.of("<s>", "<pad>", "</s>", "<unk>");
    List<Piece> pieces = new ArrayList<>();
    TokenizerJson json = new TokenizerJson();
    for (String token : first) {
      json.added(pieces.size(), token, true, false);
      pieces.add(new Piece(token, 0, Piece.CONTROL));
    }
    pieces.addAll(model.pieces().subList(3, model.pieces().size()));
    json.added(pieces.size(), "<mask>", true, config.path("mask_token").path("lstrip").asBoolean());
    pieces.add(new Piece("<mask>", 0, Piece.USER_DEFINED));
    return unigram(json, pieces, 3)
        .postProcessor(
            TokenizerJson.template(
                List.of("<s>", "$A", "</s>"),
                List.of("<s>", "$A", "</s>", "</s>", "$B", "</s>"),
                Map.of("<s>", 0, "</s>", 2)))
        .build();
  }

  private TokenizerJson unigram(TokenizerJson json, List<Piece> pieces, int unknown) {
    ObjectNode unigram = TokenizerJson.part("Unigram").put("unk_id", unknown);
    ArrayNode vocabulary = unigram.put("byte_fallback", false).putArray("vocab");
    pieces.forEach(piece -> vocabulary.addArray().add(piece.text()).add((double) piece.score()));
    if (model.charsmap().length > 0) {
      json.normalizer(
          TokenizerJson.part("Precompiled")
              .put("precompiled_charsmap", Base64.getEncoder().encodeToString(model.charsmap())));
    }
    return json.preTokenizer(
            TokenizerJson.sequence(
                "pretokenizers",
                TokenizerJson.part("WhitespaceSplit"),
                TokenizerJson.metaspace("always", true)))
        .decoder(TokenizerJson.metaspace("always", true))
        .model(unigram)
        .addedOf(config);
  }

  /** Control pieces, the unknown one and what its trainer was told to keep whole. */
  private TokenizerJson withAdded(TokenizerJson json) {
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      boolean special = piece.type() == Piece.CONTROL || id == model.unknown();
      if (special || piece.type() == Piece.USER_DEFINED) {
        json.added(id, piece.text(), special, false);
      }
    }
    return json.addedOf(config);
  }
}
