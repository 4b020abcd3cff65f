package io.github.sparklorafa.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One shard file, mapped in windows of 1 GiB and read as 32-bit numbers, which no window's border
 * cuts. Thread-safe: all reads are absolute.
 */
final class MappedShard {

  /** Logarithm of the window's size in bytes. */
  static final int WINDOW_BITS = 30;

  private static final LabelKind[] KINDS = LabelKind.values();

  private final IntBuffer[] windows;
  private final int windowBits;
  private final long table;

  private MappedShard(IntBuffer[] windows, int windowBits, long table) {
    this.windows = windows;
    this.windowBits = windowBits;
    this.table = table;
  }

  /** Maps a file and verifies that it is the one of the summary, unchanged. */
  static MappedShard open(Path folder, ShardSummary summary, int windowBits) throws IOException {
    Path file = folder.resolve(summary.file());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size != summary.bytes() || size < ShardFormat.HEADER_BYTES + ShardFormat.FOOTER_BYTES) {
        throw damaged(file, "has %d bytes instead of %d".formatted(size, summary.bytes()));
      }
      if (summary.rows() > (size - ShardFormat.HEADER_BYTES - ShardFormat.FOOTER_BYTES) / 8) {
        throw damaged(file, "is too small for %d rows".formatted(summary.rows()));
      }
      if (size % Integer.BYTES != 0) {
        throw damaged(file, "does not end at a whole number");
      }
      IntBuffer[] windows = new IntBuffer[Math.toIntExact(((size - 1) >>> windowBits) + 1)];
      CRC32C crc = new CRC32C();
      long covered = size - ShardFormat.UNCOVERED_BYTES;
      for (int w = 0; w < windows.length; w++) {
        long from = (long) w << windowBits;
        long bytes = Math.min(1L << windowBits, size - from);
        ByteBuffer window = channel.map(MapMode.READ_ONLY, from, bytes);
        windows[w] = window.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        crc.update(window.limit((int) Math.max(0, Math.min(bytes, covered - from))));
      }
      return new MappedShard(
              windows, windowBits, size - ShardFormat.FOOTER_BYTES - 8 * summary.rows())
          .verified(file, summary, (int) crc.getValue());
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    }
  }

  private MappedShard verified(Path file, ShardSummary summary, int crc) throws IOException {
    long footer = table + 8 * summary.rows();
    boolean whole =
        longAt(0) == ShardFormat.MAGIC
            && longAt(footer + 48) == ShardFormat.MAGIC
            && intAt(8) == ShardFormat.VERSION;
    if (!whole) {
      throw damaged(file, "is no shard of version " + ShardFormat.VERSION);
    }
    if (intAt(footer + 44) != crc) {
      throw damaged(file, "has the CRC %08x instead of %08x".formatted(crc, intAt(footer + 44)));
    }
    boolean same =
        crc == summary.crc()
            && longAt(footer) == table
            && longAt(footer + 8) == summary.rows()
            && longAt(footer + 16) == summary.tokens()
            && longAt(footer + 24) == summary.lossTerms()
            && longAt(footer + 32) == summary.checksum()
            && intAt(footer + 40) == summary.longest();
    if (!same) {
      throw damaged(file, "is not the shard that the manifest names");
    }
    return this;
  }

  Example example(long row) {
    long offset = offset(row);
    int length = count(offset, offset + 8);
    int lossStart = intAt(offset + 4);
    int[] ids = intsAt(offset + 8, length);
    if (lossStart == 0) {
      return new Example(ids, ids);
    }
    if (lossStart == ShardFormat.LABELS_STORED) {
      checkEnd(offset + 8 + 8L * length);
      return new Example(ids, intsAt(offset + 8 + 4L * length, length));
    }
    if (lossStart == ShardFormat.LABELS_APART) {
      long apart = offset + 8 + 4L * length;
      checkEnd(apart + 12);
      int second = intAt(apart + 4);
      checkEnd(second < 0 || second > length ? Long.MAX_VALUE : apart);
      int[] labels = intsAt(apart + 12, count(apart + 8, apart + 12));
      return new Example(ids, labels, kind(apart), second);
    }
    checkEnd(lossStart < 0 || lossStart > length ? Long.MAX_VALUE : offset);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, lossStart, Example.IGNORED);
    return new Example(ids, labels);
  }

  int length(long row) {
    long offset = offset(row);
    int read = count(offset, offset + 8);
    if (intAt(offset + 4) != ShardFormat.LABELS_APART) {
      return read;
    }
    long apart = offset + 8 + 4L * read;
    checkEnd(apart + 12);
    return read + (kind(apart) == LabelKind.WRITTEN ? count(apart + 8, apart + 12) : 0);
  }

  int lossTerms(long row) {
    long offset = offset(row);
    int lossStart = intAt(offset + 4);
    return lossStart < 0
        ? example(row).lossTerms()
        : count(offset, offset + 8) - Math.max(1, lossStart);
  }

  /** Where a row begins: within the rows, whatever the table says. */
  private long offset(long row) {
    long offset = longAt(table + 8 * row);
    checkEnd(
        offset < ShardFormat.HEADER_BYTES || offset % Integer.BYTES != 0
            ? Long.MAX_VALUE
            : offset + 8);
    return offset;
  }

  /** The number at {@code offset}: of ids or labels, which lie from {@code first} on. */
  private int count(long offset, long first) {
    int count = intAt(offset);
    checkEnd(count < 0 ? Long.MAX_VALUE : first + 4L * count);
    return count;
  }

  private LabelKind kind(long apart) {
    int kind = intAt(apart);
    checkEnd(kind < 0 || kind >= KINDS.length ? Long.MAX_VALUE : apart);
    return KINDS[kind];
  }

  /** The checksum tells accidents; a row that ends beyond the others was written so. */
  private void checkEnd(long end) {
    if (end > table) {
      throw new IllegalArgumentException(
          "Cannot read a tokenised row: it lies outside its shard (tokenise the dataset again)");
    }
  }

  private int intAt(long offset) {
    return windows[(int) (offset >>> windowBits)].get(index(offset));
  }

  private long longAt(long offset) {
    return (intAt(offset) & 0xFFFFFFFFL) | ((long) intAt(offset + 4) << 32);
  }

  private int[] intsAt(long offset, int count) {
    int[] values = new int[count];
    for (int done = 0; done < count; ) {
      long at = offset + 4L * done;
      IntBuffer window = windows[(int) (at >>> windowBits)];
      int length = Math.min(count - done, window.limit() - index(at));
      window.get(index(at), values, done, length);
      done += length;
    }
    return values;
  }

  private int index(long offset) {
    return (int) ((offset & ((1L << windowBits) - 1)) >>> 2);
  }

  private static IOException damaged(Path file, String how) {
    return new IOException(file + " " + how);
  }
}
