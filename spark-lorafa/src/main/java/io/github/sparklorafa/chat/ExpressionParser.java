package io.github.sparklorafa.chat;

import io.github.sparklorafa.chat.Token.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads expressions, in Jinja's order of precedence. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> RESERVED = Set.of("else", "or", "and", "if", "is", "in", "not");

  private final Tokens tokens;

  ExpressionParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /** One expression, or several with commas between, which make a list. */
  Expression tuple() {
    Expression first = expression();
    if (!tokens.peek().is(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>(List.of(first));
    while (tokens.takes(",") && startsExpression()) {
      elements.add(expression());
    }
    return tuple(elements);
  }

  private static Expression tuple(List<Expression> elements) {
    Expression list = list(elements);
    return scope -> new Tuple(Values.list(list.in(scope)));
  }

  private boolean startsExpression() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case BLOCK_END, PRINT_END -> false;
      case OPERATOR -> "([{-+".contains(token.text());
      default -> true;
    };
  }

  Expression expression() {
    Expression value = or();
    while (tokens.takesName("if")) {
      Expression then = value;
      Expression condition = or();
      Expression otherwise =
          tokens.takesName("else") ? expression() : scope -> new Undefined("the inline if");
      value = scope -> (Values.isTrue(condition.in(scope)) ? then : otherwise).in(scope);
    }
    return value;
  }

  /** Without the {@code if} that would follow, as in {@code for x in list if x}. */
  Expression or() {
    Expression left = and();
    while (tokens.takesName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          scope -> {
            Object value = first.in(scope);
            return Values.isTrue(value) ? value : second.in(scope);
          };
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.takesName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          scope -> {
            Object value = first.in(scope);
            return Values.isTrue(value) ? second.in(scope) : value;
          };
    }
    return left;
  }

  private Expression not() {
    if (tokens.takesName("not")) {
      Expression value = not();
      return scope -> !Values.isTrue(value.in(scope));
    }
    return comparison();
  }

  private record Comparison(String operator, Expression value) {}

  private Expression comparison() {
    Expression first = sum();
    List<Comparison> others = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        others.add(new Comparison(tokens.next().text(), sum()));
      } else if (tokens.takesName("in")) {
        others.add(new Comparison("in", sum()));
      } else if (token.isName("not") && tokens.isBehind("in")) {
        tokens.next();
        tokens.next();
        others.add(new Comparison("not in", sum()));
      } else {
        break;
      }
    }
    return others.isEmpty() ? first : scope -> compared(first.in(scope), others, scope);
  }

  private static boolean compared(Object first, List<Comparison> others, Scope scope) {
    Object left = first;
    for (Comparison comparison : others) {
      Object right = comparison.value.in(scope);
      if (!compared(comparison.operator, left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private static boolean compared(String operator, Object left, Object right) {
    return switch (operator) {
      case "in" -> Values.contains(right, left);
      case "not in" -> !Values.contains(right, left);
      default -> Tests.holds(operator, left, Collections.singletonList(right));
    };
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.peek().is("+") || tokens.peek().is("-")) {
      left = calculated(tokens.next().text(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.takes("~")) {
      Expression first = left;
      Expression second = product();
      left =
          scope ->
              (String)
                  Values.calculated("+", Texts.of(first.in(scope)), Texts.of(second.in(scope)));
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (tokens.peek().kind() == Kind.OPERATOR
        && Set.of("*", "/", "//", "%").contains(tokens.peek().text())) {
      left = calculated(tokens.next().text(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = unary(true);
    while (tokens.takes("**")) {
      left = calculated("**", left, unary(true));
    }
    return left;
  }

  private static Expression calculated(String operator, Expression left, Expression right) {
    return scope -> Values.calculated(operator, left.in(scope), right.in(scope));
  }

  private Expression unary(boolean filtered) {
    Expression value;
    if (tokens.peek().is("-") || tokens.peek().is("+")) {
      long sign = tokens.next().is("-") ? -1 : 1;
      Expression number = unary(false);
      value = scope -> Values.calculated("*", sign, number.in(scope));
    } else {
      value = postfixes(primary());
    }
    return filtered ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.next();
    switch (token.kind()) {
      case NAME:
        return named(token.text());
      case STRING:
        StringBuilder text = new StringBuilder(token.text());
        while (tokens.peek().kind() == Kind.STRING) {
          text.append(tokens.next().text());
        }
        String joined = text.toString();
        return scope -> joined;
      case INTEGER:
        Long whole = Long.valueOf(token.text());
        return scope -> whole;
      case REAL:
        Double real = Double.valueOf(token.text());
        return scope -> real;
      default:
        if (token.is("(")) {
          return parenthesis();
        } else if (token.is("[")) {
          return list(elements("]"));
        } else if (token.is("{")) {
          return map();
        }
        throw TemplateException.of("line %d: unexpected %s".formatted(token.line(), token.text()));
    }
  }

  private static Expression named(String name) {
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> null;
      default -> scope -> scope.get(name);
    };
  }

  private Expression parenthesis() {
    if (tokens.takes(")")) {
      return tuple(List.of());
    }
    Expression first = expression();
    if (tokens.takes(")")) {
      return first;
    }
    tokens.expect(",");
    List<Expression> elements = new ArrayList<>(List.of(first));
    elements.addAll(elements(")"));
    return tuple(elements);
  }

  private List<Expression> elements(String end) {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.takes(end)) {
      elements.add(expression());
      if (!tokens.peek().is(end)) {
        tokens.expect(",");
      }
    }
    return elements;
  }

  private static Expression list(List<Expression> elements) {
    return scope -> {
      Effort.elements(elements.size());
      List<Object> values = new ArrayList<>();
      elements.forEach(element -> values.add(element.in(scope)));
      return values;
    };
  }

  private Expression map() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.takes("}")) {
      Expression key = expression();
      tokens.expect(":");
      entries.put(key, expression());
      if (!tokens.peek().is("}")) {
        tokens.expect(",");
      }
    }
    return scope -> {
      Map<Object, Object> values = new LinkedHashMap<>();
      entries.forEach((key, value) -> values.put(Values.key(key.in(scope)), value.in(scope)));
      return values;
    };
  }

  private Expression postfixes(Expression start) {
    Expression value = start;
    while (true) {
      Expression owner = value;
      if (tokens.takes(".")) {
        Token name = tokens.next();
        value =
            name.kind() == Kind.INTEGER
                ? scope -> Values.element(owner.in(scope), Long.valueOf(name.text()))
                : scope -> Values.attribute(owner.in(scope), name.text());
      } else if (tokens.takes("[")) {
        value = subscript(owner);
      } else if (tokens.takes("(")) {
        value = call(owner);
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression owner) {
    Expression[] bounds = {scope -> null, scope -> null, scope -> null};
    int colons = 0;
    while (!tokens.takes("]")) {
      if (colons < 2 && tokens.takes(":")) {
        colons++;
      } else {
        bounds[colons] = expression();
      }
    }
    if (colons == 0) {
      return scope -> Values.element(owner.in(scope), bounds[0].in(scope));
    }
    return scope ->
        Values.slice(
            owner.in(scope), bounds[0].in(scope), bounds[1].in(scope), bounds[2].in(scope));
  }

  private Expression call(Expression owner) {
    int line = tokens.peek().line();
    Arguments arguments = Arguments.read(tokens, this);
    return scope -> {
      Object called = owner.in(scope);
      if (called instanceof Call function) {
        return function.with(arguments.values(scope), arguments.namedValues(scope));
      }
      if (called instanceof Undefined undefined) {
        throw undefined.refused();
      }
      throw TemplateException.of("line %d: it cannot be called".formatted(line));
    };
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (tokens.takes("|")) {
        value = filtered(value);
      } else if (tokens.takesName("is")) {
        value = tested(value);
      } else if (tokens.takes("(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  /** The value after the filter that is named next. */
  Expression filtered(Expression value) {
    Token name = tokens.expect(Kind.NAME);
    Filters.Filter filter = Filters.of(name.text());
    if (filter == null) {
      throw TemplateException.of(
          "line %d: no filter named '%s'".formatted(name.line(), name.text()));
    }
    Arguments arguments = tokens.takes("(") ? Arguments.read(tokens, this) : Arguments.NONE;
    return scope ->
        filter.of(value.in(scope), arguments.values(scope), arguments.namedValues(scope));
  }

  private Expression tested(Expression value) {
    boolean negated = tokens.takesName("not");
    Token name = tokens.expect(Kind.NAME);
    if (!Tests.exists(name.text())) {
      throw TemplateException.of("line %d: no test named '%s'".formatted(name.line(), name.text()));
    }
    Arguments arguments;
    if (tokens.takes("(")) {
      arguments = Arguments.read(tokens, this);
    } else if (takesBareArgument()) {
      arguments = new Arguments(List.of(postfixes(primary())), Map.of());
    } else {
      arguments = Arguments.NONE;
    }
    return scope -> negated != Tests.holds(name.text(), value.in(scope), arguments.values(scope));
  }

  private boolean takesBareArgument() {
    Token token = tokens.peek();
    return switch (token.kind()) {
      case NAME -> !RESERVED.contains(token.text());
      case STRING, INTEGER, REAL -> true;
      default -> token.is("[") || token.is("{");
    };
  }
}
