package io.github.sparklorafa.data;

/**
 * The layout of a shard of tokenised rows; all numbers are little-endian.
 *
 * <pre>
 * header   int64 magic, int32 version, int32 0
 * rows     for each row: int32 length n, int32 lossStart, int32 ids[n],
 *          and int32 labels[n] where lossStart is −1,
 *          or int32 kind, int32 second, int32 number m, int32 labels[m] where it is −2;
 *          otherwise the labels are −100 before the position lossStart, and the ids from there on
 * table    for each row: int64 offset of the row from the start of the file
 * footer   int64 offset of the table, int64 rows, int64 tokens, int64 lossTerms,
 *          int64 value of the RowsChecksum, int32 longest row,
 *          int32 CRC-32C of all bytes before it, int64 magic
 * </pre>
 */
final class ShardFormat {

  static final long MAGIC = 0x534B4F5441464F4CL; // "LOFATOKS"
  static final int VERSION = 3;
  static final int HEADER_BYTES = 16;
  static final int FOOTER_BYTES = 56;

  /** The last bytes of a file, which the CRC does not cover: the CRC itself and the magic. */
  static final int UNCOVERED_BYTES = 12;

  static final int LABELS_STORED = -1;

  /** The labels are of another kind than next tokens, or the row is a pair of texts. */
  static final int LABELS_APART = -2;

  private ShardFormat() {}

  /** Where the labels start to be the ids, being ignored before; or that they must be stored. */
  static int lossStart(Example example) {
    if (example.kind() != LabelKind.NEXT_TOKENS || example.isPair()) {
      return LABELS_APART;
    }
    int[] ids = example.ids();
    int[] labels = example.labels();
    int start = labels.length;
    while (start > 0 && labels[start - 1] == ids[start - 1]) {
      start--;
    }
    for (int i = 0; i < start; i++) {
      if (labels[i] != Example.IGNORED) {
        return LABELS_STORED;
      }
    }
    return start;
  }
}
