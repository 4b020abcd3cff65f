package io.github.sparklorafa.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a parser may do with whatever it is given: make something of it, or refuse it with one of
 * the exceptions that it documents, within a limit of time and of memory.
 */
public final class Limits {
  /** CPU time, so that a busy machine fails nothing. */
  private static final long NANOSECONDS = 10_000_000_000L;

  /** Of the heap, allocated in all: many times what any good file of the fixtures takes. */
  private static final long BYTES = 256L << 20;

  /** A parser that takes so long has no end. */
  private static final long ENDLESS_MILLISECONDS = 180_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final AtomicReference<Running> RUNNING = new AtomicReference<>();

  static {
    Thread watch = new Thread(Limits::watch, "endless loops");
    watch.setDaemon(true);
    watch.start();
  }

  private Limits() {}

  private record Running(Thread thread, long since) {}

  /** A parser. */
  public interface Parser {
    /** Reads what it is given. */
    void read() throws Exception;
  }

  /**
   * Whether the input was read.
   *
   * @param refusals other exceptions than {@link IllegalArgumentException} that say that it is not
   *     what it should be
   * @throws AssertionError for every other throwable, and beyond a limit
   */
  @SafeVarargs
  public static boolean reads(Parser parser, Class<? extends Exception>... refusals) {
    return reads(BYTES, parser, refusals);
  }

  /**
   * The same for a parser that may allocate so many bytes.
   *
   * @throws AssertionError as {@link #reads(Parser, Class[])}
   */
  @SafeVarargs
  public static boolean reads(long most, Parser parser, Class<? extends Exception>... refusals) {
    long cpu = THREADS.getCurrentThreadCpuTime();
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    RUNNING.set(new Running(Thread.currentThread(), System.currentTimeMillis()));
    boolean read;
    try {
      parser.read();
      read = true;
    } catch (Throwable e) {
      read = false;
      boolean documented =
          e.getClass() == IllegalArgumentException.class
              || Arrays.stream(refusals).anyMatch(type -> type.isInstance(e));
      if (!documented) {
        throw new AssertionError("Neither read nor refused: " + e, e);
      }
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(50_000);
    } finally {
      RUNNING.set(null);
    }
    assertThat(THREADS.getCurrentThreadCpuTime() - cpu).as("nanoseconds").isLessThan(NANOSECONDS);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - bytes).as("bytes").isLessThan(most);
    return read;
  }

  private static void watch() {
    try {
      while (true) {
        Thread.sleep(1000);
        Running running = RUNNING.get();
        if (running != null
            && System.currentTimeMillis() - running.since() > ENDLESS_MILLISECONDS) {
          System.err.println("A parser has no end:");
          for (StackTraceElement frame : running.thread().getStackTrace()) {
            System.err.println("\tat " + frame);
          }
          Runtime.getRuntime().halt(1);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
