package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The tokenised rows of a dataset, in their global order; any number of threads may read them.
 *
 * <p>Rows count from 0. A store is written once, by {@link TokenShardWriter} and {@link
 * TokenStoreManifest}, and never changes.
 */
public interface TokenStore {

  /** Number of rows. */
  long rows();

  /** Number of tokens of all rows. */
  long tokens();

  /** Number of loss terms of all rows. */
  long lossTerms();

  /** Tokens of the longest row; 0 without rows. */
  int longest();

  /** Checksum of the rows in their order, whatever their shards. */
  RowsChecksum checksum();

  /**
   * A row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  Example example(long row);

  /**
   * Number of tokens of a row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default int length(long row) {
    return example(row).length();
  }

  /**
   * Number of loss terms of a row.
   *
   * @throws IndexOutOfBoundsException if there is no such row
   */
  default int lossTerms(long row) {
    return example(row).lossTerms();
  }

  /** A store of these rows, in memory. */
  static TokenStore of(List<Example> examples) {
    return new MemoryTokenStore(examples);
  }

  /**
   * Opens a store in a local folder and verifies all its checksums.
   *
   * <p>The files are mapped, so the store may be larger than the heap; the mapping ends when the
   * store is garbage-collected. Blocks while it reads the files once.
   *
   * @throws IOException if a file is missing, damaged, or not the one that the manifest names; the
   *     message tells all such files
   */
  static TokenStore open(Path folder) throws IOException {
    return MappedTokenStore.open(folder);
  }

  /**
   * Copies a store to a local folder, unless it is there already, and opens it.
   *
   * <p>Processes of one host may do this at the same time with the same local folder: one copies,
   * the others wait. A store on a {@code file:} path is opened where it is.
   *
   * @param folder the store's folder, any path that Hadoop understands
   * @param local local folder for this store alone, made if it is not there
   * @throws IOException if the store cannot be read or copied, or is damaged
   */
  static TokenStore fetch(Configuration configuration, String folder, Path local)
      throws IOException {
    return TokenStoreCopy.fetch(configuration, folder, local);
  }
}
