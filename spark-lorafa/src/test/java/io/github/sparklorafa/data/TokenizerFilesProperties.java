package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.fuzz.Damaged;
import io.github.sparklorafa.fuzz.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;

/**
 * Tokenizers' files from anywhere, as far as they are read without the native library, whose own
 * damaged files are opened in a process apart ({@link TokenizerFuzzMain}).
 */
class TokenizerFilesProperties {
  private static Path folder;

  @BeforeContainer
  static void open() throws IOException {
    folder = Files.createTempDirectory("spark-lorafa-fuzz");
  }

  @AfterContainer
  static void close() {
    FileUtil.fullyDelete(folder.toFile());
  }

  /** A file of a folder, and what stands in it instead. */
  record Changed(String of, String name, byte[] content) {
    @Override
    public String toString() {
      return of + "/" + name + ": " + new String(content, StandardCharsets.UTF_8);
    }
  }

  /** What the reference tokenizers do not have. */
  private static final Map<String, String> MORE =
      Map.of(
          "special_tokens_map.json",
              "{\"eos_token\": {\"content\": \"</s>\"}, \"mask_token\": \"<s>\"}",
          "generation_config.json", "{\"bos_token_id\": 1, \"eos_token_id\": [2, 7]}",
          "config.json", "{\"bos_token_id\": 1, \"eos_token_id\": 2}",
          "chat_template.json", "{\"chat_template\": \"{{ messages[0].content }}\"}",
          "chat_template.jinja", "{% for m in messages %}{{ m.content }}{% endfor %}");

  private static byte[] whole(String of, String name) throws IOException {
    return MORE.containsKey(name)
        ? MORE.get(name).getBytes(StandardCharsets.UTF_8)
        : Files.readAllBytes(Reference.path(of).resolve(name));
  }

  private static Arbitrary<Changed> changed(String of, String name) throws IOException {
    byte[] whole = whole(of, name);
    Arbitrary<byte[]> content =
        name.endsWith(".json")
            ? Damaged.json(List.of(new String(whole, StandardCharsets.UTF_8)))
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
            : Damaged.bytes(List.of(whole));
    return content.map(bytes -> new Changed(of, name, bytes));
  }

  @Provide
  Arbitrary<Changed> changed() throws IOException {
    String slow = "slow-tokenizers/";
    List<Arbitrary<Changed>> more = new ArrayList<>();
    for (String name : MORE.keySet().stream().sorted().toList()) {
      more.add(changed("tokenizer", name));
    }
    more.addAll(
        List.of(
            changed("tokenizer", "tokenizer.json"),
            changed("tokenizer", "tokenizer_config.json"),
            changed("tokenizer-metaspace", "tokenizer.json"),
            changed(slow + "llama", "tokenizer.model"),
            changed(slow + "llama", "tokenizer_config.json"),
            changed(slow + "t5", "spiece.model"),
            changed(slow + "t5", "tokenizer_config.json"),
            changed(slow + "xlm-roberta", "sentencepiece.bpe.model"),
            changed(slow + "gpt2", "vocab.json"),
            changed(slow + "gpt2", "merges.txt"),
            changed(slow + "roberta", "tokenizer_config.json"),
            changed(slow + "bert", "vocab.txt"),
            changed(slow + "bert-cased", "tokenizer_config.json")));
    return Arbitraries.oneOf(more);
  }

  @Property(seed = "31")
  void tokenizers(@ForAll("changed") Changed changed) throws IOException {
    Path copy = folder.resolve(changed.of().replace('/', '-'));
    if (!Files.exists(copy)) {
      Files.createDirectory(copy);
      try (Stream<Path> files = Files.list(Reference.path(changed.of()))) {
        for (Path file : files.filter(f -> !f.endsWith("tokens.json")).toList()) {
          Files.copy(file, copy.resolve(file.getFileName().toString()));
        }
      }
    }
    Path file = copy.resolve(changed.name());
    Files.write(file, changed.content());
    try {
      Limits.reads(
          () -> {
            TokenizerFiles files = TokenizerFiles.read(copy);
            assertThat(files.vocabSize()).isPositive();
            files.specials();
            files.specialTokens();
            files.stops();
            files.bos();
            files.mask();
            assertThat(ChatTemplate.read(copy, files)).isNotNull();
            try (var json = files.source().open()) {
              assertThat(json.readAllBytes()).isNotEmpty();
            }
            TextTokenizer.check(copy, 100_000);
          });
    } finally {
      if (MORE.containsKey(changed.name())) {
        Files.delete(file);
      } else {
        Files.write(file, whole(changed.of(), changed.name()));
      }
    }
  }

  @Provide
  Arbitrary<byte[]> models() throws IOException {
    return Damaged.bytes(
        List.of(
            Files.readAllBytes(Reference.path("slow-tokenizers/llama/tokenizer.model")),
            Files.readAllBytes(Reference.path("slow-tokenizers/t5/spiece.model"))));
  }

  @Property(seed = "32")
  void sentencePieceModels(@ForAll("models") byte[] bytes) {
    Limits.reads(
        () -> assertThat(SentencePieceModel.parse(bytes).pieces()).isNotEmpty(), IOException.class);
  }

  /** What tasks tell the driver. */
  @Property(seed = "33")
  void tallies(@ForAll("tallyJson") String json) {
    Limits.reads(() -> assertThat(RowTally.fromJson(json).toJson()).isNotEmpty());
  }

  @Provide
  Arbitrary<String> tallyJson() {
    RowTally tally = new RowTally();
    tally.take(3, TokenizedRow.of(RowProblem.EMPTY, "text null"));
    tally.take(9, TokenizedRow.of(Example.of(1, 2), 4));
    return Damaged.json(List.of(tally.toJson()));
  }

  /** Of a store: whatever its files say, rows are read from them alone. */
  @Property(seed = "34")
  void tokenStores(@ForAll("stores") Store store) throws IOException {
    Path at = folder.resolve("store");
    FileUtil.fullyDelete(at.toFile());
    Files.createDirectory(at);
    Files.writeString(folder.resolve("outside.tokens"), "secret");
    Files.write(at.resolve(SHARD), store.shard());
    Files.writeString(at.resolve(TokenStoreManifest.FILE), store.manifest());
    Limits.reads(
        () -> {
          TokenStore opened = MappedTokenStore.open(at);
          for (long row = 0; row < opened.rows(); row++) {
            assertThat(opened.example(row).length()).isEqualTo(opened.length(row));
            assertThat(opened.lossTerms(row)).isNotNegative();
          }
        },
        IOException.class);
  }

  /** A manifest and a shard, which it names. */
  record Store(String manifest, byte[] shard) {
    @Override
    public String toString() {
      return manifest;
    }
  }

  private static final String SHARD = "shard-00000-7.tokens";

  @Provide
  Arbitrary<Store> stores() throws IOException {
    Path made = Files.createTempDirectory(folder, "made");
    ShardSummary summary;
    try (TokenShardWriter writer =
        TokenShardWriter.create(new Configuration(), made.toString(), 0, 7)) {
      writer.append(Example.of(5, 6, 7));
      writer.append(new Example(new int[] {5, 6, 7}, new int[] {-100, 6, 9}));
      writer.append(new Example(new int[] {5, 6}, new int[] {8, 1, 2, 3}, LabelKind.WRITTEN));
      writer.append(Example.withNumbers(new int[] {1, 2, 3, 4}, 0.5f).withSecond(2));
      summary = writer.commit();
    }
    byte[] shard = Files.readAllBytes(made.resolve(summary.file()));
    String manifest = TokenStoreManifest.of(List.of(summary)).toJson();
    Arbitrary<Store> byManifest =
        Damaged.json(List.of(manifest)).map(json -> new Store(json, shard));
    Arbitrary<Store> byShard =
        Damaged.bytes(List.of(shard)).map(bytes -> new Store(manifest, bytes));
    Arbitrary<Store> forged = Damaged.bytes(List.of(shard)).map(bytes -> forged(bytes, summary));
    return Arbitraries.oneOf(byManifest, byShard, forged);
  }

  /** As somebody makes one who knows the checksum too: of the length that the manifest names. */
  private static Store forged(byte[] bytes, ShardSummary summary) {
    ByteBuffer shard =
        ByteBuffer.wrap(Arrays.copyOf(bytes, (int) summary.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    int size = shard.capacity();
    shard.putLong(0, ShardFormat.MAGIC).putInt(8, ShardFormat.VERSION);
    int footer = size - ShardFormat.FOOTER_BYTES;
    shard
        .putLong(footer, footer - 8L * summary.rows())
        .putLong(footer + 8, summary.rows())
        .putLong(footer + 16, summary.tokens())
        .putLong(footer + 24, summary.lossTerms())
        .putLong(footer + 32, summary.checksum())
        .putInt(footer + 40, summary.longest())
        .putLong(footer + 48, ShardFormat.MAGIC);
    CRC32C crc = new CRC32C();
    crc.update(shard.array(), 0, size - ShardFormat.UNCOVERED_BYTES);
    shard.putInt(footer + 44, (int) crc.getValue());
    ShardSummary named =
        new ShardSummary(
            summary.shard(),
            summary.file(),
            size,
            summary.rows(),
            summary.tokens(),
            summary.lossTerms(),
            summary.longest(),
            (int) crc.getValue(),
            summary.checksum());
    return new Store(TokenStoreManifest.of(List.of(named)).toJson(), shard.array());
  }
}
