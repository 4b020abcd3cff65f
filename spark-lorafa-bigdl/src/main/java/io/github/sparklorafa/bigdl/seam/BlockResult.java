package io.github.sparklorafa.bigdl.seam;

import scala.collection.Iterator;
import scala.collection.Iterator$;

/** An object that was kept. */
public final class BlockResult {
  private final Object value;

  BlockResult(Object value) {
    this.value = value;
  }

  public Iterator<Object> data() {
    return Iterator$.MODULE$.single(value);
  }
}
