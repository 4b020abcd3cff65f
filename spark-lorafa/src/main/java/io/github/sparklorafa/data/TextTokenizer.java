package io.github.sparklorafa.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;

/**
 * The tokenizer of a Hugging Face checkpoint: the same ids as Python's {@code tokenizers} computes.
 *
 * <p>Nothing is truncated and nothing is padded, whatever {@code tokenizer.json} says about it.
 * Works offline: the CPU library inside the tokenizers jar is used, and nothing is downloaded or
 * reported. Any number of threads may encode and decode at once; {@link #close} when none does any
 * more.
 */
public final class TextTokenizer implements AutoCloseable {

  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true");
  private static final List<String> LIBRARY_SETTINGS =
      List.of("RUST_FLAVOR=cpu", "OPT_OUT_TRACKING=true");

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabSize;
  private final OptionalInt bos;
  private final OptionalInt eos;
  private final NavigableSet<Integer> stops;
  private final boolean appendsEos;
  private final ChatTemplate chat;

  private TextTokenizer(HuggingFaceTokenizer tokenizer, TokenizerFiles files, ChatTemplate chat) {
    this.tokenizer = tokenizer;
    this.vocabSize = files.vocabSize();
    this.bos = files.bos();
    this.eos = files.eos();
    this.chat = chat;
    this.stops = Collections.unmodifiableNavigableSet(files.stops());
    int[] plain = encodeWithoutSpecialTokens("a");
    int[] special = encode("a");
    this.appendsEos =
        eos.isPresent()
            && special.length > plain.length
            && special[special.length - 1] == eos.getAsInt();
  }

  /**
   * Opens the tokenizer of a checkpoint.
   *
   * @param folder local folder with {@code tokenizer.json}, or one of the older files that it can
   *     be made of: {@code tokenizer.model}, {@code spiece.model}, {@code sentencepiece.bpe.model},
   *     {@code vocab.json} with {@code merges.txt}, {@code vocab.txt}; and, for the special tokens,
   *     {@code tokenizer_config.json} or {@code config.json}
   * @throws IllegalArgumentException if there is no tokenizer, or it cannot be read
   * @throws IllegalStateException if the native library does not load on this machine
   */
  public static TextTokenizer open(Path folder) {
    TokenizerFiles files = TokenizerFiles.read(folder);
    ChatTemplate chat = ChatTemplate.read(folder, files);
    LIBRARY_SETTINGS.forEach(TextTokenizer::setUnlessSet);
    try (var in = files.source().open()) {
      return new TextTokenizer(HuggingFaceTokenizer.newInstance(in, OPTIONS), files, chat);
    } catch (IOException | RuntimeException e) {
      throw TokenizerFiles.damaged(files.source().file(), String.valueOf(e.getMessage()), e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          ("Cannot load the tokenizers library: %s (it needs Linux, macOS or Windows on a common"
                  + " CPU, and a folder for native code that may be executed: set DJL_CACHE_DIR to"
                  + " one)")
              .formatted(e.getMessage()),
          e);
    }
  }

  /**
   * Opens the tokenizer of a checkpoint whose model has that many embeddings.
   *
   * @throws IllegalArgumentException also if the tokenizer has ids beyond them
   */
  public static TextTokenizer open(Path folder, int embeddings) {
    check(folder, embeddings);
    return open(folder);
  }

  /**
   * Reads a checkpoint's tokenizer files without the native library, and compares its vocabulary
   * with the model's.
   *
   * @param embeddings of the model
   * @throws IllegalArgumentException if there is no tokenizer, a file of it is damaged, or it has
   *     ids beyond the embeddings, so that it belongs to another model
   */
  public static void check(Path folder, int embeddings) {
    TokenizerFiles files = TokenizerFiles.read(folder);
    int needed = files.vocabSize();
    if (needed > embeddings) {
      throw new IllegalArgumentException(
          ("Cannot use the tokenizer: %s has ids up to %d, but the model's last embedding is %d (give"
                  + " the tokenizer that belongs to the model, or enlarge the model in Python with"
                  + " resize_token_embeddings)")
              .formatted(files.source().file(), needed - 1, embeddings - 1));
    }
  }

  /** Whether a file of this name in a checkpoint's folder may say something about its tokenizer. */
  public static boolean reads(String name) {
    return (name.endsWith(".json") && !name.endsWith(".index.json"))
        || TokenizerFiles.OTHERS.contains(name);
  }

  /** The library reads an environment variable first, then the system property of that name. */
  private static void setUnlessSet(String setting) {
    int equals = setting.indexOf('=');
    System.getProperties().putIfAbsent(setting.substring(0, equals), setting.substring(equals + 1));
  }

  /** The ids of a text, with the special tokens that the tokenizer's post-processor adds. */
  public int[] encode(String text) {
    return ids(text, true);
  }

  /** The ids of a text alone. Special tokens written out in the text are still recognised. */
  public int[] encodeWithoutSpecialTokens(String text) {
    return ids(text, false);
  }

  /**
   * The ids of a text that is to be continued: as {@link #encode}, less an end-of-sequence token
   * that the tokenizer appends.
   */
  public int[] encodePrompt(String text) {
    int[] ids = encode(text);
    return appendsEos ? Arrays.copyOf(ids, ids.length - 1) : ids;
  }

  /** A text, or a pair unless the second is null, with special tokens. */
  Encoded encoded(String text, String pair) {
    long encoding = encoding(text, pair, true);
    try {
      int[] parts = ints(TokenizersLibrary.LIB.getSequenceIds(encoding));
      long[] added = TokenizersLibrary.LIB.getSpecialTokenMask(encoding);
      for (int i = 0; i < parts.length; i++) {
        parts[i] = added[i] == 1 ? -1 : parts[i];
      }
      return new Encoded(
          ints(TokenizersLibrary.LIB.getTokenIds(encoding)),
          parts,
          ints(TokenizersLibrary.LIB.getTypeIds(encoding)));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /** A text that ends: as {@link #encoded}, with the end-of-sequence token in any case. */
  Encoded encodedToEnd(String text) {
    Encoded encoded = encoded(text, null);
    int length = encoded.ids().length;
    if (eos.isEmpty() || (length > 0 && encoded.ids()[length - 1] == eos.getAsInt())) {
      return encoded;
    }
    int[] ids = Arrays.copyOf(encoded.ids(), length + 1);
    int[] parts = Arrays.copyOf(encoded.parts(), length + 1);
    ids[length] = eos.getAsInt();
    parts[length] = -1;
    return new Encoded(ids, parts, Arrays.copyOf(encoded.types(), length + 1));
  }

  /**
   * The checkpoint's chat template: {@code chat_template.jinja}, then that of {@code
   * tokenizer_config.json}, then {@code chat_template.json}.
   */
  public ChatTemplate chat() {
    return chat;
  }

  /** A text as it stands, and where each token comes from in it. */
  Placed placed(String text) {
    long encoding = encoding(text, null, false);
    try {
      CharSpan[] spans = TokenizersLibrary.LIB.getTokenCharSpans(encoding);
      int[] ids = ints(TokenizersLibrary.LIB.getTokenIds(encoding));
      int[] starts = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        starts[i] = spans[i] == null ? 0 : spans[i].getStart();
      }
      return new Placed(ids, starts);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /**
   * The tokens of a text.
   *
   * @param ids of the tokens
   * @param starts first code point of each
   */
  @SuppressWarnings("ArrayRecordComponent") // made and read within a call
  record Placed(int[] ids, int[] starts) {}

  /** The text of ids, without special tokens. Ids outside the vocabulary give no text. */
  public String decode(int... ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /** The text of ids, special tokens written out. Ids outside the vocabulary give no text. */
  public String decodeWithSpecialTokens(int... ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /**
   * The beginning-of-sequence token, if the checkpoint names one: {@code bos_token} of {@code
   * tokenizer_config.json}, then of {@code special_tokens_map.json}, then {@code bos_token_id} of
   * {@code generation_config.json}, then of {@code config.json}.
   */
  public OptionalInt bos() {
    return bos;
  }

  /**
   * The end-of-sequence token that training texts end with, found as {@link #bos} is. Of several
   * ids in a model's configuration the first.
   */
  public OptionalInt eos() {
    return eos;
  }

  /**
   * All ids that end a generated text: every {@code eos_token_id} of {@code
   * generation_config.json}, or where it names none of {@code config.json}, and {@link #eos}.
   */
  public NavigableSet<Integer> stops() {
    return stops;
  }

  /**
   * The smallest number of embeddings that holds every id: the largest id, added tokens included,
   * plus one.
   */
  public int vocabSize() {
    return vocabSize;
  }

  /** Frees the native tokenizer. */
  @Override
  public void close() {
    tokenizer.close();
  }

  /** Reads only the ids; the library's own {@code Encoding} fetches seven more arrays a text. */
  private int[] ids(String text, boolean specialTokens) {
    long encoding = encoding(text, null, specialTokens);
    try {
      return ints(TokenizersLibrary.LIB.getTokenIds(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  private static int[] ints(long[] numbers) {
    int[] result = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      result[i] = (int) numbers[i];
    }
    return result;
  }

  private long encoding(String text, String pair, boolean specialTokens) {
    try {
      return pair == null
          ? TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, specialTokens)
          : TokenizersLibrary.LIB.encodeDual(tokenizer.getHandle(), text, pair, specialTokens);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "Cannot tokenise a text: %s (copy the checkpoint's tokenizer.json again)"
              .formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public String toString() {
    return "TextTokenizer[vocabSize=%d, bos=%s, eos=%s, stops=%s]"
        .formatted(vocabSize, bos, eos, stops);
  }
}
