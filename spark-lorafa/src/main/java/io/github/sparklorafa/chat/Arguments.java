package io.github.sparklorafa.chat;

import io.github.sparklorafa.chat.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The arguments of a call, a filter or a test. */
record Arguments(List<Expression> list, Map<String, Expression> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** Reads them after their parenthesis, and the one that closes them. */
  static Arguments read(Tokens tokens, ExpressionParser expressions) {
    Arguments arguments = new Arguments(new ArrayList<>(), new LinkedHashMap<>());
    while (!tokens.takes(")")) {
      if (tokens.peek().kind() == Kind.NAME && tokens.after().is("=")) {
        String name = tokens.name();
        tokens.next();
        arguments.named.put(name, expressions.expression());
      } else {
        arguments.list.add(expressions.expression());
      }
      if (!tokens.peek().is(")")) {
        tokens.expect(",");
      }
    }
    return arguments;
  }

  List<Object> values(Scope scope) {
    List<Object> values = new ArrayList<>();
    list.forEach(value -> values.add(value.in(scope)));
    return values;
  }

  Map<String, Object> namedValues(Scope scope) {
    Map<String, Object> values = new LinkedHashMap<>();
    named.forEach((name, value) -> values.put(name, value.in(scope)));
    return values;
  }
}
