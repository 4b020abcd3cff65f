package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keys and values of the tokens that one sequence has seen, by layer, so that each new token costs
 * one row; and of what was read before it, where a decoder attends to that.
 */
public final class KeyValueCache implements AutoCloseable {
  private static final long FIRST_CAPACITY = 64;

  /** Keys and values so far, {@code [seen, width]} each; views of the cache. */
  record Seen(Tensor keys, Tensor values) {}

  /** The rows of one layer, in buffers that double when they are full. */
  private static final class Rows {
    private Tensor keys;
    private Tensor values;
    private long used;

    void close() {
      if (keys != null) {
        keys.close();
        values.close();
      }
    }
  }

  private final List<Rows> layers = new ArrayList<>();
  private final List<Rows> read = new ArrayList<>();
  private long tokens;

  /** An empty cache for a model of {@code layerCount} layers. */
  public KeyValueCache(int layerCount) {
    for (int i = 0; i < layerCount; i++) {
      layers.add(new Rows());
    }
  }

  /** Tokens seen before the pass that is under way. */
  public long tokens() {
    return tokens;
  }

  /** Position of each new token, {@code [new tokens]}: it follows what its sequence has seen. */
  public static long[] positions(Sequences sequences, List<KeyValueCache> caches) {
    long[] positions = sequences.positions();
    for (int i = 0; i < sequences.count(); i++) {
      for (int j = 0; j < sequences.length(i); j++) {
        positions[sequences.start(i) + j] += caches.get(i).tokens;
      }
    }
    return positions;
  }

  /** Counts the tokens of a finished pass. */
  public static void advance(Sequences sequences, List<KeyValueCache> caches) {
    for (int i = 0; i < sequences.count(); i++) {
      caches.get(i).tokens += sequences.length(i);
    }
  }

  /**
   * Adds the new rows {@code k, v [new tokens, width]} of a layer; the views returned belong to the
   * caller's scope.
   */
  Seen append(int layer, Tensor k, Tensor v) {
    Rows rows = layers.get(layer);
    long used = rows.used + k.size(0);
    rows.keys = reserve(rows.keys, rows.used, used, k);
    rows.values = reserve(rows.values, rows.used, used, v);
    try (Scope scope = new Scope()) {
      rows.keys.narrow(0, rows.used, k.size(0)).copy_(k);
      rows.values.narrow(0, rows.used, v.size(0)).copy_(v);
    }
    rows.used = used;
    return new Seen(rows.keys.narrow(0, 0, used), rows.values.narrow(0, 0, used));
  }

  /** Most tokens that a sequence has seen once the pass that begins is over. */
  public static long longest(Sequences sequences, List<KeyValueCache> caches) {
    long longest = 0;
    for (int i = 0; i < sequences.count(); i++) {
      longest = Math.max(longest, caches.get(i).tokens + sequences.length(i));
    }
    return longest;
  }

  /**
   * Gives each cache what its sequence was read as: the keys and values {@code k, v [read tokens,
   * width]} of a layer, beginning with layer 0.
   */
  public static void read(
      int layer, Tensor k, Tensor v, Sequences sequences, List<KeyValueCache> caches) {
    for (int i = 0; i < sequences.count(); i++) {
      try (Scope scope = new Scope()) {
        Rows rows = new Rows();
        rows.used = sequences.length(i);
        rows.keys = scope.release(k.narrow(0, sequences.start(i), rows.used).clone());
        rows.values = scope.release(v.narrow(0, sequences.start(i), rows.used).clone());
        caches.get(i).read.add(layer, rows);
      }
    }
  }

  /** What was read, {@code [read tokens, width]} each. */
  Seen read(int layer) {
    Rows rows = read.get(layer);
    return new Seen(rows.keys, rows.values);
  }

  /** A cache of its own for another text that begins as this one does; what was read is shared. */
  public KeyValueCache fork() {
    KeyValueCache fork = new KeyValueCache(layers.size());
    fork.tokens = tokens;
    for (int i = 0; i < layers.size(); i++) {
      Rows from = layers.get(i);
      if (from.keys != null) {
        try (Scope scope = new Scope()) {
          fork.append(i, from.keys.narrow(0, 0, from.used), from.values.narrow(0, 0, from.used));
        }
      }
    }
    for (Rows rows : read) {
      Rows shared = new Rows();
      shared.used = rows.used;
      try (Scope scope = new Scope()) {
        shared.keys = scope.release(rows.keys.view(rows.used, -1));
        shared.values = scope.release(rows.values.view(rows.used, -1));
      }
      fork.read.add(shared);
    }
    return fork;
  }

  private static Tensor reserve(Tensor buffer, long used, long needed, Tensor like) {
    long capacity = buffer == null ? 0 : buffer.size(0);
    if (needed <= capacity) {
      return buffer;
    }
    try (Scope scope = new Scope()) {
      long larger = Math.max(FIRST_CAPACITY, Math.max(needed, 2 * capacity));
      Tensor grown = torch.empty(new long[] {larger, like.size(1)}, like.options(), null);
      if (buffer != null) {
        grown.narrow(0, 0, used).copy_(buffer.narrow(0, 0, used));
        buffer.close();
      }
      return scope.release(grown);
    }
  }

  @Override
  public void close() {
    layers.forEach(Rows::close);
    layers.clear();
    read.forEach(Rows::close);
    read.clear();
  }
}
