package io.github.sparklorafa;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Structure;

/**
 * What the C library has handed out: the memory of tensors, without the noise that Java's heap
 * makes in what is resident.
 */
public final class NativeHeap {
  private static final LibC LIBC = Native.load("c", LibC.class);

  private NativeHeap() {}

  interface LibC extends Library {
    Info mallinfo2();

    int malloc_trim(long padding);
  }

  /** {@code struct mallinfo2} of glibc. */
  @Structure.FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class Info extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;
  }

  /** Bytes in use, in arenas and mapped. */
  public static long bytesInUse() {
    Info info = LIBC.mallinfo2();
    return info.uordblks + info.hblkhd;
  }

  /** Gives freed memory back to the system, so that taking it again shows in what is resident. */
  public static void trim() {
    int unused = LIBC.malloc_trim(0);
  }
}
