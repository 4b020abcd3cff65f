package io.github.sparklorafa.chat;

/** Something in a template that has a value. */
@FunctionalInterface
interface Expression {
  Object in(Scope scope);
}
