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

  /** A parser at work. Asking for a thread's CPU time costs more than most parsers take. */
  private static final class Running {
    private final Thread thread = Thread.currentThread();
    private final long since = System.nanoTime();

    /** Of the thread, within a second or two of the start; before that −1. */
    private volatile long cpu = -1;

    long milliseconds() {
      return (System.nanoTime() - since) / 1_000_000;
    }

    /** Nanoseconds, less the first second or two. */
    long cpuTaken() {
      return cpu < 0 ? 0 : THREADS.getCurrentThreadCpuTime() - cpu;
    }
  }

  /** A parser. */
  public interface Parser {
    /** Reads what it is given. */
    void read() throws Exception;
  }

  /**
   * Whether the input was read.
   *
   * @param refusals exceptions that say that it is not what it should be, beside {@link
   *     IllegalArgumentException}s whose message begins with {@code Cannot}
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
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    Running running = new Running();
    RUNNING.set(running);
    boolean read;
    try {
      parser.read();
      read = true;
    } catch (Throwable e) {
      read = false;
      boolean documented =
          isInOurWords(e) || Arrays.stream(refusals).anyMatch(type -> type.isInstance(e));
      if (!documented) {
        throw new AssertionError("Neither read nor refused: " + e, e);
      }
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(50_000);
    } finally {
      RUNNING.set(null);
    }
    assertThat(running.cpuTaken()).as("nanoseconds").isLessThan(NANOSECONDS);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - bytes).as("bytes").isLessThan(most);
    return read;
  }

  /** A subclass would be somebody else's: {@link NumberFormatException} is one. */
  private static boolean isInOurWords(Throwable e) {
    return e.getClass() == IllegalArgumentException.class
        && String.valueOf(e.getMessage()).startsWith("Cannot ");
  }

  private static void watch() {
    try {
      while (true) {
        Thread.sleep(1000);
        Running running = RUNNING.get();
        if (running == null) {
          continue;
        }
        if (running.cpu < 0 && running.milliseconds() > 500) {
          running.cpu = THREADS.getThreadCpuTime(running.thread.getId());
        }
        if (running.milliseconds() > ENDLESS_MILLISECONDS) {
          System.err.println("A parser has no end:");
          for (StackTraceElement frame : running.thread.getStackTrace()) {
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
