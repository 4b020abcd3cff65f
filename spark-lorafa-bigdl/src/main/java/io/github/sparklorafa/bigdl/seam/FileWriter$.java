package io.github.sparklorafa.bigdl.seam;

/** What Scala asks for an argument that is not given. */
public final class FileWriter$ {
  public static final FileWriter$ MODULE$ = new FileWriter$();

  private FileWriter$() {}

  public int $lessinit$greater$default$2() {
    return 0;
  }
}
