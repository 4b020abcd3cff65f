package io.github.sparklorafa.tensor;

import java.util.Iterator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Owns every native object made on this thread while it is open, and frees them when it closes. The
 * garbage collector sees no tensor memory, so each layer call opens one. Scopes nest; what outlives
 * one is handed to the next outer one by {@link #keep}.
 */
public final class Scope implements AutoCloseable {
  private final PointerScope scope = new PointerScope();

  /**
   * Hands {@code pointer} to the enclosing scope or, where there is none, to the caller, who closes
   * it.
   */
  public <P extends Pointer> P keep(P pointer) {
    pointer.retainReference();
    scope.detach(pointer);
    Iterator<PointerScope> scopes = PointerScope.getScopeIterator();
    while (scopes.hasNext()) {
      if (scopes.next() == scope && scopes.hasNext()) {
        scopes.next().attach(pointer);
        pointer.releaseReference();
        return pointer;
      }
    }
    return pointer;
  }

  /** Takes {@code pointer} out of this scope and every other: the caller closes it. */
  public <P extends Pointer> P release(P pointer) {
    pointer.retainReference();
    scope.detach(pointer);
    return pointer;
  }

  /**
   * Adds a reference to {@code pointer} that the innermost open scope of this thread gives back.
   */
  public static void adopt(Pointer pointer) {
    PointerScope inner = PointerScope.getInnerScope();
    if (inner == null) {
      throw new IllegalStateException(
          "Cannot adopt a native object: no scope is open on this thread (open one around the call)");
    }
    inner.attach(pointer);
  }

  @Override
  public void close() {
    scope.close();
  }
}
