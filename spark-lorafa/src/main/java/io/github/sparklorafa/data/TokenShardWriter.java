package io.github.sparklorafa.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Stores the tokenised rows of one task as one shard file, on any file system that Hadoop knows.
 *
 * <p>The file has a temporary name until {@link #commit}. Its final name holds the task attempt, so
 * two attempts at the same shard never touch each other's files; the store consists of those whose
 * summaries reach the manifest. Closing without a commit deletes the temporary file. Used by one
 * thread; keeps 8 bytes of heap a row.
 */
public final class TokenShardWriter implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 18;

  private final FileSystem files;
  private final Path temporary;
  private final Path target;
  private final int shard;
  private final OutputStream out;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  private long[] offsets = new long[1024];
  private int rows;
  private long flushed;
  private long tokens;
  private long lossTerms;
  private int longest;
  private RowsChecksum checksum = RowsChecksum.EMPTY;
  private boolean finished;

  private TokenShardWriter(FileSystem files, Path folder, int shard, long attempt)
      throws IOException {
    String name = "shard-%05d-%d".formatted(shard, attempt);
    this.files = files;
    this.shard = shard;
    this.target = new Path(folder, name + ".tokens");
    this.temporary = new Path(folder, "_" + name + ".tmp");
    this.out = files.create(temporary, true);
    putLong(ShardFormat.MAGIC);
    putInt(ShardFormat.VERSION);
    putInt(0);
  }

  /**
   * Starts a shard.
   *
   * @param folder the store's folder, made if it is not there; any path that Hadoop understands
   * @param shard number of the shard: the shards' rows follow each other in the order of the
   *     numbers
   * @param attempt a number that no other attempt at any shard has, such as Spark's task attempt id
   */
  public static TokenShardWriter create(
      Configuration configuration, String folder, int shard, long attempt) throws IOException {
    Path path = new Path(folder);
    return new TokenShardWriter(path.getFileSystem(configuration), path, shard, attempt);
  }

  /** Stores a row. */
  public void append(Example example) throws IOException {
    if (rows == offsets.length) {
      offsets = Arrays.copyOf(offsets, Math.multiplyExact(offsets.length, 2));
    }
    offsets[rows] = position();
    rows++;
    tokens += example.length();
    lossTerms += example.lossTerms();
    longest = Math.max(longest, example.length());
    checksum = checksum.then(example);
    int lossStart = ShardFormat.lossStart(example);
    putInt(example.ids().length);
    putInt(lossStart);
    putInts(example.ids());
    if (lossStart == ShardFormat.LABELS_STORED) {
      putInts(example.labels());
    }
    if (lossStart == ShardFormat.LABELS_APART) {
      putInt(example.kind().ordinal());
      putInt(example.second());
      putInt(example.labels().length);
      putInts(example.labels());
    }
  }

  /** Completes the file and gives it its final name. */
  public ShardSummary commit() throws IOException {
    long table = position();
    for (int row = 0; row < rows; row++) {
      putLong(offsets[row]);
    }
    putLong(table);
    putLong(rows);
    putLong(tokens);
    putLong(lossTerms);
    putLong(checksum.value());
    putInt(longest);
    flush();
    int sum = (int) crc.getValue();
    putInt(sum);
    putLong(ShardFormat.MAGIC);
    flush();
    out.close();
    if (!files.rename(temporary, target)) {
      throw new IOException(
          "Cannot store shard %d: renaming %s to %s failed (use an empty folder for each run)"
              .formatted(shard, temporary, target));
    }
    finished = true;
    return new ShardSummary(
        shard, target.getName(), flushed, rows, tokens, lossTerms, longest, sum, checksum.value());
  }

  /** Deletes what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    try {
      out.close();
    } finally {
      files.delete(temporary, false);
    }
  }

  private long position() {
    return flushed + buffer.position();
  }

  private void putInt(int value) throws IOException {
    reserve(Integer.BYTES);
    buffer.putInt(value);
  }

  private void putLong(long value) throws IOException {
    reserve(Long.BYTES);
    buffer.putLong(value);
  }

  private void putInts(int[] values) throws IOException {
    for (int value : values) {
      putInt(value);
    }
  }

  private void reserve(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  private void flush() throws IOException {
    crc.update(buffer.array(), 0, buffer.position());
    out.write(buffer.array(), 0, buffer.position());
    flushed += buffer.position();
    buffer.clear();
  }
}
