package io.github.sparklorafa.data;

import java.io.Serializable;

/**
 * What a task tells the driver about the shard that it stored.
 *
 * @param shard number of the shard; shards follow each other in the order of their numbers
 * @param file name of the file within the store's folder
 * @param bytes size of the file
 * @param rows number of rows
 * @param tokens number of tokens of all rows
 * @param lossTerms number of loss terms of all rows
 * @param longest tokens of the longest row; 0 without rows
 * @param crc CRC-32C of the file, as it stands in its footer
 * @param checksum value of the {@link RowsChecksum} of the rows
 */
public record ShardSummary(
    int shard,
    String file,
    long bytes,
    long rows,
    long tokens,
    long lossTerms,
    int longest,
    int crc,
    long checksum)
    implements Serializable {

  /**
   * Checks what a folder's files are found by.
   *
   * @throws IllegalArgumentException if the file lies outside the store's folder, or a number is
   *     negative
   */
  public ShardSummary {
    if (!file.matches("[\\w-][\\w.-]*")
        || shard < 0
        || bytes < 0
        || rows < 0
        || tokens < 0
        || lossTerms < 0
        || longest < 0) {
      throw new IllegalArgumentException(
          ("Cannot read a shard summary: shard %d in %s with %d rows of %d bytes (tokenise the"
                  + " dataset again)")
              .formatted(shard, Shortened.text(file), rows, bytes));
    }
  }

  /** The summary as JSON, for the way from a task to the driver. */
  public String toJson() {
    return StoreJson.write(this);
  }

  /**
   * The summary that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if this is not such a summary
   */
  public static ShardSummary fromJson(String json) {
    return StoreJson.read(json, ShardSummary.class, "a shard summary");
  }

  RowsChecksum rowsChecksum() {
    return new RowsChecksum(rows, checksum);
  }
}
