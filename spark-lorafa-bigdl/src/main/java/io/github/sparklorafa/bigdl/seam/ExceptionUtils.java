package io.github.sparklorafa.bigdl.seam;

/**
 * What BigDL logs of an exception: one line, since the exception itself is thrown where it counts.
 */
public final class ExceptionUtils {
  private ExceptionUtils() {}

  public static String getStackTrace(Throwable error) {
    return error.toString();
  }
}
