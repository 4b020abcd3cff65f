package io.github.sparklorafa.chat;

import java.util.List;

/** Something in a template that writes, or sets variables. */
@FunctionalInterface
interface Statement {
  void run(Scope scope);

  static void all(List<Statement> statements, Scope scope) {
    for (Statement statement : statements) {
      Effort.spend(1);
      statement.run(scope);
    }
  }
}
