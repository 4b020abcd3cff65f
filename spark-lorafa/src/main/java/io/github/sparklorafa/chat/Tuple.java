package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.Collection;

/** A list that prints as a tuple. */
final class Tuple extends ArrayList<Object> {
  private static final long serialVersionUID = 1L;

  Tuple(Collection<?> elements) {
    super(elements);
  }
}
