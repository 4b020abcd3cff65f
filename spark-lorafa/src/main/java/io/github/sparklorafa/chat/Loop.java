package io.github.sparklorafa.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code for}.
 *
 * @param targets the variables of an element
 * @param list what is gone through
 * @param condition which elements are, or null
 * @param body for each
 * @param otherwise where there is none
 */
record Loop(
    List<String> targets,
    Expression list,
    Expression condition,
    List<Statement> body,
    List<Statement> otherwise)
    implements Statement {

  @Override
  public void run(Scope scope) {
    List<Object> elements = elements(scope);
    if (elements.isEmpty()) {
      Statement.all(otherwise, scope.inner());
    }
    for (int i = 0; i < elements.size(); i++) {
      Effort.elements(1);
      Scope inner = scope.inner();
      assign(targets, elements.get(i), inner);
      inner.set("loop", state(elements, i));
      try {
        Statement.all(body, inner);
      } catch (Leave leave) {
        if (leave == Leave.BREAK) {
          return;
        }
      }
    }
  }

  private List<Object> elements(Scope scope) {
    List<Object> all = Values.list(list.in(scope));
    if (condition == null) {
      return all;
    }
    List<Object> kept = new ArrayList<>();
    for (Object element : all) {
      Scope inner = scope.inner();
      assign(targets, element, inner);
      if (Values.isTrue(condition.in(inner))) {
        kept.add(element);
      }
    }
    return kept;
  }

  /** Sets one variable to a value, or several to its elements. */
  static void assign(List<String> targets, Object value, Scope scope) {
    if (targets.size() == 1) {
      scope.set(targets.get(0), value);
      return;
    }
    List<Object> parts = Values.list(value);
    if (parts.size() != targets.size()) {
      throw TemplateException.of(
          "%d values for %d variables".formatted(parts.size(), targets.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      scope.set(targets.get(i), parts.get(i));
    }
  }

  private static Map<String, Object> state(List<Object> elements, int i) {
    int size = elements.size();
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("index", i + 1L);
    state.put("index0", (long) i);
    state.put("revindex", (long) size - i);
    state.put("revindex0", size - i - 1L);
    state.put("first", i == 0);
    state.put("last", i == size - 1);
    state.put("length", (long) size);
    state.put("previtem", i > 0 ? elements.get(i - 1) : new Undefined("there is no previous item"));
    state.put(
        "nextitem", i < size - 1 ? elements.get(i + 1) : new Undefined("there is no next item"));
    state.put("cycle", (Call) (arguments, named) -> arguments.get(i % arguments.size()));
    return state;
  }
}
