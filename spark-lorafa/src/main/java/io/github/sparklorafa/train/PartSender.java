package io.github.sparklorafa.train;

import java.util.function.IntConsumer;

/**
 * A thread that takes numbered parts one after the other, from 0, as they are released. It starts
 * with the first part of all and ends with {@link #close}, or with its first failure, which
 * everything that is called afterwards throws. The methods belong to one other thread.
 */
final class PartSender implements AutoCloseable {
  private final String name;
  private final IntConsumer send;
  private Thread thread;
  private int released;
  private int sent;
  private double seconds;
  private Throwable failure;
  private boolean closed;

  /**
   * @param send sends the part of that number and blocks meanwhile
   */
  PartSender(String name, IntConsumer send) {
    this.name = name;
    this.send = send;
  }

  /** Lets the parts before {@code part} go, now or when those before them are through. */
  synchronized void releaseUpTo(int part) {
    throwIfFailed();
    if (thread == null) {
      thread = new Thread(this::run, name);
      thread.setDaemon(true);
      thread.start();
    }
    released = part;
    notifyAll();
  }

  /**
   * Blocks until all that was released is through, and begins anew with part 0.
   *
   * @return seconds that sending took, waited for or not
   */
  synchronized double await() throws InterruptedException {
    while (sent < released) {
      throwIfFailed();
      wait();
    }
    double taken = seconds;
    released = 0;
    sent = 0;
    seconds = 0;
    return taken;
  }

  /** Whether something that was released is not through, and no failure says why. */
  synchronized boolean isSending() {
    return sent < released && failure == null;
  }

  /** Throws what the thread failed with, if it did. */
  synchronized void throwIfFailed() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private void run() {
    try {
      for (int part = next(); part >= 0; part = next()) {
        long began = System.nanoTime();
        send.accept(part);
        sent((System.nanoTime() - began) / 1e9);
      }
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /** Waits for the next part; negative if there will be none. */
  private synchronized int next() {
    while (sent == released && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        closed = true;
      }
    }
    return closed ? -1 : sent;
  }

  private synchronized void sent(double taken) {
    sent++;
    seconds += taken;
    notifyAll();
  }

  private synchronized void failed(Throwable cause) {
    failure = cause;
    notifyAll();
  }

  /**
   * Ends the thread and waits for that: who closes while {@link #isSending} makes sending fail
   * first.
   */
  @Override
  public void close() {
    Thread ending;
    synchronized (this) {
      closed = true;
      ending = thread;
      notifyAll();
    }
    boolean interrupted = false;
    while (ending != null && ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
