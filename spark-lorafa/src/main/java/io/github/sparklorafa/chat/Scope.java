package io.github.sparklorafa.chat;

import java.util.HashMap;
import java.util.Map;

/** Variables, those of the body of a loop or macro over those around it; and what was written. */
final class Scope {
  private final Scope outer;
  private final Output output;
  private final Map<String, Object> variables = new HashMap<>();

  Scope(Map<String, Object> variables, Output output) {
    this.outer = null;
    this.output = output;
    this.variables.putAll(variables);
  }

  private Scope(Scope outer, Output output) {
    this.outer = outer;
    this.output = output;
  }

  Scope inner() {
    return new Scope(this, output);
  }

  /** The same, with what is written kept apart. */
  Scope writingTo(Output other) {
    return new Scope(this, other);
  }

  Output output() {
    return output;
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.variables.containsKey(name)) {
        return scope.variables.get(name);
      }
    }
    return new Undefined("'" + name + "'");
  }
}
