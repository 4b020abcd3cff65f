package io.github.sparklorafa.tensor;

import com.sun.jna.Function;
import com.sun.jna.Library;
import com.sun.jna.Native;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/**
 * Loads libtorch once a process, with the settings that must stand before its first class does.
 *
 * <p>What is set and why: {@code maxPhysicalBytes=0}, since JavaCPP's own limit makes garbage
 * collections storm; {@code OMP_WAIT_POLICY=PASSIVE}, since spinning threads of two executors on
 * one host slow each other down tenfold, but {@code GOMP_SPINCOUNT} for a tenth of a millisecond,
 * since threads that sleep between two operators of one layer take a third of a step to wake;
 * {@code OPENBLAS_THREAD_TIMEOUT} likewise, since OpenBLAS's thread, which multiplies in fp32,
 * would spin on for 20 ms where libtorch's next operator wants its core; an {@code mmap} threshold
 * of 1 MiB, since tensors freed then go back to the system at once and the peak is 15 % lower
 * ({@link Buffers} reuses them before that); 4 MiB that small tensors may leave free, since giving
 * them back and asking for them anew goes on in every layer. What only loading read leaves memory
 * afterwards ({@link LibraryPages}).
 */
public final class Natives {
  private static final int M_MMAP_THRESHOLD = -3;
  private static final int MMAP_THRESHOLD_BYTES = 1 << 20;
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int TRIM_THRESHOLD_BYTES = 4 << 20;

  /** About 100 µs. */
  private static final int SPINS = 5000;

  /** Cycles that OpenBLAS's threads spin, as a power of two: some 5 µs. */
  private static final int BLAS_SPINS_LOG2 = 14;

  private static final String OLDEST_GLIBC = "2.35";
  private static volatile boolean loaded;

  private Natives() {}

  /** The functions of libc that are called before libtorch loads. */
  private interface LibC extends Library {
    int setenv(String name, String value, int overwrite);

    int mallopt(int parameter, int value);

    String gnu_get_libc_version();
  }

  /**
   * Loads libtorch where that has not happened, and sets the threads of one operation on every
   * later call too.
   *
   * @throws IllegalStateException if this machine can't load it, with what it lacks
   */
  public static synchronized void load(int threads) {
    if (!loaded) {
      prepare();
      try (UnpackedNatives unpacked = UnpackedNatives.claim(torch.class)) {
        Loader.load(torch.class);
        unpacked.complete();
      } catch (LinkageError e) {
        throw new IllegalStateException(
            "Cannot load libtorch: "
                + e.getMessage()
                + " (Linux x86-64 with glibc "
                + OLDEST_GLIBC
                + " or newer is needed)",
            e);
      }
      LibraryPages.release();
      loaded = true;
    }
    torch.set_num_threads(Math.max(1, threads));
    setBlasThreads(Math.max(1, threads));
  }

  /**
   * Begins to load libtorch in another thread, where nobody has: it takes about a second, and a
   * {@link #load} that follows waits for what is left of it. That one also tells what went wrong.
   */
  public static void loadAhead(int threads) {
    if (loaded) {
      return;
    }
    Thread loader =
        new Thread(
            () -> {
              try {
                load(threads);
              } catch (RuntimeException | LinkageError e) {
                // Told by whoever needs the library.
              }
            },
            "spark-lorafa-natives");
    loader.setDaemon(true);
    loader.start();
  }

  /**
   * OpenBLAS has a pool of its own, with as many threads as the host has cores, that torch does not
   * govern: workers that share a host or a process fight over it, up to ten times slower.
   */
  private static void setBlasThreads(int threads) {
    Pointer setter = Loader.addressof("openblas_set_num_threads");
    if (setter != null) {
      Function.getFunction(new com.sun.jna.Pointer(setter.address()))
          .invokeVoid(new Object[] {threads});
    }
  }

  /** Loads libtorch with one thread where nobody has. */
  public static void ensureLoaded() {
    if (!loaded) {
      loadIfNobodyHas();
    }
  }

  /** Who loads it at the same time has said how many threads. */
  private static synchronized void loadIfNobodyHas() {
    if (!loaded) {
      load(1);
    }
  }

  private static void prepare() {
    System.setProperty("org.bytedeco.javacpp.platform.extension", "");
    System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
    LibC libc;
    String version;
    try {
      libc = Native.load("c", LibC.class);
      version = libc.gnu_get_libc_version();
    } catch (LinkageError e) {
      throw new IllegalStateException(
          "Cannot load libtorch: no GNU C library (Linux x86-64 with glibc "
              + OLDEST_GLIBC
              + " or newer is needed)",
          e);
    }
    if (olderThan(version, OLDEST_GLIBC)) {
      throw new IllegalStateException(
          "Cannot load libtorch: glibc %s (glibc %s or newer is needed: Ubuntu 22.04, Debian 12; RHEL 9 is too old)"
              .formatted(version, OLDEST_GLIBC));
    }
    libc.setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    libc.setenv("GOMP_SPINCOUNT", Integer.toString(SPINS), 0);
    libc.setenv("OPENBLAS_THREAD_TIMEOUT", Integer.toString(BLAS_SPINS_LOG2), 0);
    libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES);
    libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES);
  }

  static boolean olderThan(String version, String oldest) {
    String[] left = version.split("\\.");
    String[] right = oldest.split("\\.");
    int major = Integer.compare(Integer.parseInt(left[0]), Integer.parseInt(right[0]));
    return (major != 0
            ? major
            : Integer.compare(Integer.parseInt(left[1]), Integer.parseInt(right[1])))
        < 0;
  }
}
