package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The shards of a local folder, one after the other. */
final class MappedTokenStore implements TokenStore {

  private final TokenStoreManifest manifest;
  private final List<MappedShard> shards;
  private final long[] firstRows;
  private final RowsChecksum checksum;

  private MappedTokenStore(TokenStoreManifest manifest, List<MappedShard> shards) {
    this.manifest = manifest;
    this.shards = shards;
    this.firstRows = new long[shards.size()];
    RowsChecksum sum = RowsChecksum.EMPTY;
    for (int i = 0; i < firstRows.length; i++) {
      firstRows[i] = sum.rows();
      sum = sum.then(manifest.shards().get(i).rowsChecksum());
    }
    this.checksum = sum;
  }

  static MappedTokenStore open(Path folder) throws IOException {
    return open(folder, MappedShard.WINDOW_BITS);
  }

  static MappedTokenStore open(Path folder, int windowBits) throws IOException {
    TokenStoreManifest manifest = manifest(folder);
    List<String> problems = new ArrayList<>();
    if (!TokenStoreManifest.of(manifest.shards()).equals(manifest)) {
      problems.add(TokenStoreManifest.FILE + " does not agree with its own shards");
    }
    List<MappedShard> shards = new ArrayList<>();
    for (ShardSummary summary : manifest.shards()) {
      try {
        shards.add(MappedShard.open(folder, summary, windowBits));
      } catch (IOException e) {
        problems.add(e.getMessage());
      }
    }
    if (!problems.isEmpty()) {
      throw new IOException(
          "Cannot open the token store: %s: %s (tokenise the dataset again)"
              .formatted(folder, String.join("; ", problems)));
    }
    return new MappedTokenStore(manifest, shards);
  }

  private static TokenStoreManifest manifest(Path folder) throws IOException {
    try {
      return TokenStoreManifest.fromJson(Files.readString(folder.resolve(TokenStoreManifest.FILE)));
    } catch (NoSuchFileException e) {
      throw new IOException(
          "Cannot open the token store: %s has no %s (tokenise the dataset again)"
              .formatted(folder, TokenStoreManifest.FILE),
          e);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "Cannot open the token store: %s: %s (tokenise the dataset again)"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  @Override
  public long rows() {
    return manifest.rows();
  }

  @Override
  public long tokens() {
    return manifest.tokens();
  }

  @Override
  public long lossTerms() {
    return manifest.lossTerms();
  }

  @Override
  public int longest() {
    return manifest.longest();
  }

  @Override
  public RowsChecksum checksum() {
    return checksum;
  }

  @Override
  public Example example(long row) {
    int shard = shardOf(row);
    return shards.get(shard).example(row - firstRows[shard]);
  }

  @Override
  public int length(long row) {
    int shard = shardOf(row);
    return shards.get(shard).length(row - firstRows[shard]);
  }

  @Override
  public int lossTerms(long row) {
    int shard = shardOf(row);
    return shards.get(shard).lossTerms(row - firstRows[shard]);
  }

  /**
   * The last shard that starts at or before the row: those before it with the same start are empty.
   */
  private int shardOf(long row) {
    Objects.checkIndex(row, manifest.rows());
    int found = Arrays.binarySearch(firstRows, row);
    int shard = found < 0 ? -found - 2 : found;
    while (shard + 1 < firstRows.length && firstRows[shard + 1] == row) {
      shard++;
    }
    return shard;
  }
}
