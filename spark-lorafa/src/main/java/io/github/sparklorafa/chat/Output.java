package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.List;

/** The text that a template writes, and which parts of it stand between generation markers. */
final class Output {
  final StringBuilder text = new StringBuilder();
  final List<Rendered.Range> generated = new ArrayList<>();
}
