package io.github.sparklorafa.bigdl.seam;

/** The levels that BigDL names. */
public final class StorageLevel$ {
  public static final StorageLevel$ MODULE$ = new StorageLevel$();

  private final StorageLevel any = new StorageLevel();

  private StorageLevel$() {}

  public StorageLevel MEMORY_AND_DISK() {
    return any;
  }

  public StorageLevel MEMORY_ONLY_SER() {
    return any;
  }
}
