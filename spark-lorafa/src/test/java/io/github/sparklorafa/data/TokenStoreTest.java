package io.github.sparklorafa.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStoreTest {

  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  @Test
  void rowsComeBackAsTheyWereStored() throws IOException {
    List<Example> examples = examples(500);
    store(examples, 200, 200, 350);

    for (int windowBits : new int[] {4, 6, 10, 30}) {
      TokenStore store = MappedTokenStore.open(folder, windowBits);
      assertThat(all(store)).isEqualTo(examples);
    }
  }

  @Test
  void countsAndChecksumAreThoseOfTheRowsWhateverTheShards() throws IOException {
    List<Example> examples = examples(300);
    TokenStore memory = TokenStore.of(examples);
    for (int[] ends : new int[][] {{}, {0, 0, 100, 300}, {1, 299}}) {
      store(examples, ends);
      TokenStore store = TokenStore.open(folder);
      assertThat(store.rows()).isEqualTo(300);
      assertThat(store.tokens()).isEqualTo(memory.tokens());
      assertThat(store.longest()).isEqualTo(memory.longest());
      assertThat(store.checksum()).isEqualTo(memory.checksum());
      assertThat(store.lossTerms()).isEqualTo(memory.lossTerms());
      assertThat(LongStream.range(0, 300).mapToObj(store::lossTerms))
          .containsExactlyElementsOf(examples.stream().map(Example::lossTerms).toList());
      assertThatThrownBy(() -> store.example(300)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> store.example(-1)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> memory.example(300)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void labelsTakeRoomOnlyWhereTheyDiffer() throws IOException {
    int[] ids = IntStream.range(0, 100).toArray();
    int[] completion = ids.clone();
    Arrays.fill(completion, 0, 60, Example.IGNORED);
    int[] holes = ids.clone();
    holes[50] = Example.IGNORED;

    long learned = bytes(Example.of(ids));
    assertThat(bytes(new Example(ids, completion))).isEqualTo(learned);
    assertThat(bytes(new Example(ids, holes))).isEqualTo(learned + 400);
    assertThat(learned)
        .isEqualTo(ShardFormat.HEADER_BYTES + 8 + 400 + 8 + ShardFormat.FOOTER_BYTES);
  }

  @Test
  void everyChangedByteIsFound() throws IOException {
    store(examples(3), 2);
    Path file = shards().get(0);
    byte[] whole = Files.readAllBytes(file);
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 0x10;
      Files.write(file, changed);
      assertThatIOException()
          .as("byte %d", i)
          .isThrownBy(() -> TokenStore.open(folder))
          .withMessageStartingWith("Cannot open the token store: " + folder)
          .withMessageContaining(file.getFileName().toString())
          .withMessageEndingWith("(tokenise the dataset again)");
    }
    Files.write(file, whole);
    assertThat(TokenStore.open(folder).rows()).isEqualTo(3);
  }

  @Test
  void allDamagedShardsAreNamedAtOnce() throws IOException {
    store(examples(30), 10, 20);
    List<Path> files = shards();
    Files.write(files.get(0), new byte[5]);
    Files.delete(files.get(1));
    Files.copy(
        files.get(2), files.get(1)); // a whole shard, but another one, of another or the same size
    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining(files.get(0).getFileName() + " has 5 bytes instead of")
        .withMessageContaining(files.get(1).getFileName().toString());
    Files.delete(files.get(1));
    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining(files.get(1).getFileName() + " does not exist");
  }

  @Test
  void aShardOfTheSameSizeButOtherRowsIsRefused() throws IOException {
    ShardSummary one = write(0, 1, List.of(Example.of(1, 2, 3)));
    ShardSummary other = write(0, 2, List.of(Example.of(1, 2, 4)));
    TokenStoreManifest.of(List.of(one)).write(HADOOP, folder.toString());
    Files.delete(folder.resolve(one.file()));
    Files.move(folder.resolve(other.file()), folder.resolve(one.file()));

    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining("is not the shard that the manifest names");
  }

  @Test
  void aFolderIsAStoreOnlyWithItsManifest() throws IOException {
    store(examples(3), 1);
    Path manifest = folder.resolve("manifest.json");
    String json = Files.readString(manifest);

    Files.writeString(manifest, json.replace("\"rows\":3", "\"rows\":4"));
    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining("manifest.json does not agree with its own shards");
    Files.writeString(manifest, json.replaceFirst("\"version\":3", "\"version\":2"));
    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining("version 2 (this software reads version 3)");
    Files.writeString(manifest, json.substring(0, 20));
    assertThatIOException().isThrownBy(() -> TokenStore.open(folder));
    Files.delete(manifest);
    assertThatIOException()
        .isThrownBy(() -> TokenStore.open(folder))
        .withMessageContaining("has no manifest.json");
    assertThatIOException()
        .isThrownBy(() -> TokenStore.fetch(viewed(), "viewfs:///store", folder.resolve("copy")))
        .withMessageContaining("has no manifest.json");
  }

  @Test
  void attemptsDoNotTouchEachOther() throws IOException {
    try (TokenShardWriter abandoned = writer(0, 7)) {
      abandoned.append(Example.of(9, 9));
      ShardSummary first = write(0, 8, List.of(Example.of(1, 2)));
      ShardSummary second = write(0, 9, List.of(Example.of(1, 2)));
      assertThat(first.checksum()).isEqualTo(second.checksum());
      TokenStoreManifest.of(List.of(second)).write(HADOOP, folder.toString());
    }
    assertThat(all(TokenStore.open(folder))).containsExactly(Example.of(1, 2));
    assertThat(shards()).hasSize(2);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.endsWith(".tmp"));
    }
  }

  @Test
  void summariesAndManifestsSurviveJson() throws IOException {
    ShardSummary summary = write(3, 1, examples(5));
    assertThat(ShardSummary.fromJson(summary.toJson())).isEqualTo(summary);
    TokenStoreManifest manifest = TokenStoreManifest.of(List.of(summary));
    assertThat(TokenStoreManifest.fromJson(manifest.toJson())).isEqualTo(manifest);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ShardSummary.fromJson("{\"shard\":1}"))
        .withMessageStartingWith("Cannot read a shard summary:");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenStoreManifest.of(List.of(summary, summary)))
        .withMessageContaining("shard 3 is there twice");
  }

  @Test
  void shardsFollowTheirNumbersNotTheirArrival() throws IOException {
    ShardSummary second = write(1, 1, List.of(Example.of(3, 4)));
    ShardSummary first = write(0, 2, List.of(Example.of(1, 2)));
    TokenStoreManifest.of(List.of(second, first)).write(HADOOP, folder.toString());

    assertThat(all(TokenStore.open(folder))).containsExactly(Example.of(1, 2), Example.of(3, 4));
  }

  @Test
  void anEmptyStoreIsAStore() throws IOException {
    TokenStoreManifest.of(List.of(write(0, 1, List.of()))).write(HADOOP, folder.toString());

    TokenStore store = TokenStore.open(folder);
    assertThat(store.rows()).isZero();
    assertThat(store.longest()).isZero();
    assertThat(store.checksum()).isEqualTo(RowsChecksum.EMPTY);
  }

  @Test
  void aRemoteStoreIsCopiedOnceAndAgainWhenItIsDamaged() throws IOException {
    List<Example> examples = examples(50);
    store(examples, 20);
    Path copy = folder.resolve("copy");

    assertThat(all(TokenStore.fetch(viewed(), "viewfs:///store", copy))).isEqualTo(examples);
    Path copied = copy.resolve(shards().get(0).getFileName());
    Object key = Files.readAttributes(copied, "unix:ino,ctime");
    TokenStore.fetch(viewed(), "viewfs:///store", copy);
    assertThat(Files.readAttributes(copied, "unix:ino,ctime")).isEqualTo(key);

    Files.write(copied, new byte[7]);
    assertThat(all(TokenStore.fetch(viewed(), "viewfs:///store", copy))).isEqualTo(examples);

    List<Example> others = examples(9);
    store(others, 4);
    assertThat(all(TokenStore.fetch(viewed(), "viewfs:///store", copy))).isEqualTo(others);
    Files.delete(shards().get(0));
    assertThatIOException()
        .isThrownBy(() -> TokenStore.fetch(viewed(), "viewfs:///store", folder.resolve("other")))
        .withMessageStartingWith("Cannot copy the token store: ");
  }

  @Test
  void threadsMayFetchAndReadAtOnce() throws Exception {
    List<Example> examples = examples(50);
    store(examples, 20);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<List<Example>> task =
          () -> all(TokenStore.fetch(viewed(), "viewfs:///store", folder.resolve("copy")));
      for (Future<List<Example>> result : threads.invokeAll(List.of(task, task, task, task))) {
        assertThat(result.get()).isEqualTo(examples);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aLocalStoreIsOpenedWhereItIs() throws IOException {
    List<Example> examples = examples(5);
    store(examples, 2);
    Path copy = folder.resolve("copy");

    assertThat(all(TokenStore.fetch(HADOOP, folder.toUri().toString(), copy))).isEqualTo(examples);
    assertThat(copy).doesNotExist();
  }

  /** A file system of Hadoop's that is not the local one, though its files are here. */
  private Configuration viewed() {
    Configuration configuration = new Configuration();
    configuration.setBoolean("fs.viewfs.impl.disable.cache", true);
    configuration.set("fs.viewfs.mounttable.default.link./store", folder.toUri().toString());
    return configuration;
  }

  private void store(List<Example> examples, int... ends) throws IOException {
    for (Path old : shards()) {
      Files.delete(old);
    }
    List<ShardSummary> summaries = new ArrayList<>();
    int from = 0;
    for (int shard = 0; shard <= ends.length; shard++) {
      int to = shard < ends.length ? ends[shard] : examples.size();
      summaries.add(write(shard, 100 + shard, examples.subList(from, to)));
      from = to;
    }
    TokenStoreManifest.of(summaries).write(HADOOP, folder.toString());
  }

  private ShardSummary write(int shard, long attempt, List<Example> examples) throws IOException {
    try (TokenShardWriter writer = writer(shard, attempt)) {
      for (Example example : examples) {
        writer.append(example);
      }
      return writer.commit();
    }
  }

  private TokenShardWriter writer(int shard, long attempt) throws IOException {
    return TokenShardWriter.create(HADOOP, folder.toUri().toString(), shard, attempt);
  }

  private long bytes(Example example) throws IOException {
    return write(0, System.nanoTime(), List.of(example)).bytes();
  }

  private List<Path> shards() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".tokens")).sorted().toList();
    }
  }

  private static List<Example> examples(int count) {
    Random random = new Random(count);
    return Stream.generate(() -> Reference.example(random)).limit(count).toList();
  }

  private static List<Example> all(TokenStore store) {
    return LongStream.range(0, store.rows()).mapToObj(store::example).toList();
  }
}
