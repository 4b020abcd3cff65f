package io.github.sparklorafa.spark.stage;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Things that the tasks of one executor share, each opened by the first task that asks.
 *
 * <p>One stays open when its last task ends, since the next one wants the same. A task that makes
 * another be opened closes those that nobody uses. One whose files have changed is opened anew; the
 * tasks that have the old one keep it, and the last of them closes it. Thread-safe; blocks while
 * one is opened.
 *
 * @param <K> names a thing
 */
final class SharedByTasks<K, V> {
  private final Consumer<V> closing;
  private final Map<K, Entry<V>> open = new HashMap<>();

  SharedByTasks(Consumer<V> closing) {
    this.closing = closing;
  }

  private static final class Entry<V> {
    private final Object state;
    private final V value;
    private int users;
    private boolean replaced;

    Entry(Object state, V value) {
      this.state = state;
      this.value = value;
    }
  }

  /** The right to use one, until it is closed; closing it a second time is no matter. */
  final class Lease implements AutoCloseable {
    private final Entry<V> entry;
    private boolean closed;

    private Lease(Entry<V> entry) {
      this.entry = entry;
    }

    V value() {
      return entry.value;
    }

    @Override
    public void close() {
      synchronized (open) {
        entry.users -= closed ? 0 : 1;
        if (!closed && entry.users == 0 && entry.replaced) {
          closing.accept(entry.value);
        }
        closed = true;
      }
    }
  }

  /**
   * @param state of its files: where it differs from that of the open one, that one is replaced
   * @param opener what it throws, this throws; the next task tries again
   */
  Lease lease(K key, Object state, Supplier<V> opener) {
    synchronized (open) {
      Entry<V> entry = open.get(key);
      if (entry == null || !entry.state.equals(state)) {
        if (entry != null) {
          entry.replaced = true;
        }
        closeUnused();
        open.remove(key);
        entry = new Entry<>(state, opener.get());
        open.put(key, entry);
      }
      entry.users++;
      return new Lease(entry);
    }
  }

  private void closeUnused() {
    open.values()
        .removeIf(
            entry -> {
              if (entry.users == 0) {
                closing.accept(entry.value);
              }
              return entry.users == 0;
            });
  }
}
