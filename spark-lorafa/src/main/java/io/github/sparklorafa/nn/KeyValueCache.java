package io.github.sparklorafa.nn;

import io.github.sparklorafa.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Keys and values of the tokens that one sequence has seen, by layer, so that each new token costs
 * one row.
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
  }

  private final List<Rows> layers = new ArrayList<>();
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
    for (Rows rows : layers) {
      if (rows.keys != null) {
        rows.keys.close();
        rows.values.close();
      }
    }
    layers.clear();
  }
}
