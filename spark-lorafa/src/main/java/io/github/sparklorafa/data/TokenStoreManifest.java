package io.github.sparklorafa.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The table of contents of a token store: {@code manifest.json} in its folder, written last, by the
 * driver. A folder without it is no store; files that it does not name belong to failed attempts.
 *
 * @param version version of the layout
 * @param rows number of rows of all shards
 * @param tokens number of tokens of all rows
 * @param lossTerms number of loss terms of all rows
 * @param longest tokens of the longest row
 * @param checksum sixteen hexadecimal digits of the data's {@link RowsChecksum}, which does not
 *     depend on how the rows are cut into shards
 * @param shards the shards, in the order of their rows
 */
public record TokenStoreManifest(
    int version,
    long rows,
    long tokens,
    long lossTerms,
    int longest,
    String checksum,
    List<ShardSummary> shards) {

  /** Name of the manifest's file. */
  static final String FILE = "manifest.json";

  /** That of a quarter of a million shards has fewer. */
  private static final int LARGEST_BYTES = 64 << 20;

  /** The manifest of these shards, given in any order. */
  public static TokenStoreManifest of(List<ShardSummary> shards) {
    List<ShardSummary> sorted =
        shards.stream().sorted(Comparator.comparingInt(ShardSummary::shard)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).shard() == sorted.get(i - 1).shard()) {
        throw new IllegalArgumentException(
            ("Cannot make a manifest: shard %d is there twice (give each task's shard its own"
                    + " number)")
                .formatted(sorted.get(i).shard()));
      }
    }
    RowsChecksum checksum =
        sorted.stream()
            .map(ShardSummary::rowsChecksum)
            .reduce(RowsChecksum.EMPTY, RowsChecksum::then);
    return new TokenStoreManifest(
        ShardFormat.VERSION,
        checksum.rows(),
        sorted.stream().mapToLong(ShardSummary::tokens).sum(),
        sorted.stream().mapToLong(ShardSummary::lossTerms).sum(),
        sorted.stream().mapToInt(ShardSummary::longest).max().orElse(0),
        checksum.text(),
        sorted);
  }

  /**
   * Writes the manifest into a store's folder, which makes it one; replaces an earlier manifest.
   */
  public void write(Configuration configuration, String folder) throws IOException {
    Path target = new Path(folder, FILE);
    Path temporary = new Path(folder, "_" + FILE + ".tmp");
    FileSystem files = target.getFileSystem(configuration);
    try (var out = files.create(temporary, true)) {
      out.write(toJson().getBytes(StandardCharsets.UTF_8));
    }
    files.delete(target, false);
    if (!files.rename(temporary, target)) {
      throw new IOException(
          "Cannot write the manifest: renaming %s to %s failed (use an empty folder for each run)"
              .formatted(temporary, target));
    }
  }

  /** Reads the manifest of a store's folder. */
  public static TokenStoreManifest read(Configuration configuration, String folder)
      throws IOException {
    Path path = new Path(folder, FILE);
    try (var in = path.getFileSystem(configuration).open(path)) {
      byte[] json = in.readNBytes(LARGEST_BYTES + 1);
      if (json.length > LARGEST_BYTES) {
        throw new IOException(path + " has more than " + LARGEST_BYTES + " bytes");
      }
      return fromJson(new String(json, StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      throw new IOException(
          "Cannot read the token store: %s has no %s (tokenise the dataset again)"
              .formatted(folder, FILE),
          e);
    }
  }

  /** The manifest as JSON. */
  public String toJson() {
    return StoreJson.write(this);
  }

  /**
   * The manifest that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if this is not such a manifest, or of another version
   */
  public static TokenStoreManifest fromJson(String json) {
    TokenStoreManifest manifest =
        StoreJson.read(json, TokenStoreManifest.class, "a token store's manifest");
    if (manifest.shards.contains(null)) {
      throw new IllegalArgumentException(
          "Cannot read a token store's manifest: it names no shard where one should be (tokenise the"
              + " dataset again)");
    }
    if (manifest.version != ShardFormat.VERSION) {
      throw new IllegalArgumentException(
          "Cannot read a token store's manifest: version %d (this software reads version %d)"
              .formatted(manifest.version, ShardFormat.VERSION));
    }
    return manifest;
  }
}
