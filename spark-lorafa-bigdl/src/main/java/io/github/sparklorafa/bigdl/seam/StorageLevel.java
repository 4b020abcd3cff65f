package io.github.sparklorafa.bigdl.seam;

/** Where BigDL would keep a block; {@link BlockManagerWrapper$} decides by the kind of block. */
public final class StorageLevel {
  StorageLevel() {}
}
