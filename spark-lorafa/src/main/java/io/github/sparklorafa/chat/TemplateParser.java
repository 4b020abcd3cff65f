package io.github.sparklorafa.chat;

import io.github.sparklorafa.chat.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a template's statements. */
final class TemplateParser {
  private final Tokens tokens;
  private final ExpressionParser expressions;

  private TemplateParser(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String template) {
    TemplateParser parser = new TemplateParser(new Tokens(template));
    List<Statement> statements = parser.until(Set.of());
    parser.tokens.expect(Kind.END);
    return statements;
  }

  /** The statements up to a block of one of these names, which is not read. */
  private List<Statement> until(Set<String> ends) {
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      if (token.kind() == Kind.END) {
        if (!ends.isEmpty()) {
          throw tokens.wrong("expected " + String.join(" or ", ends.stream().sorted().toList()));
        }
        return statements;
      }
      if (token.kind() == Kind.BLOCK_START && ends.contains(tokens.after().text())) {
        tokens.next();
        return statements;
      }
      statements.add(statement());
    }
  }

  private Statement statement() {
    Token token = tokens.next();
    if (token.kind() == Kind.TEXT) {
      return scope -> scope.output().text.append(Effort.made(token.text()));
    }
    if (token.kind() == Kind.PRINT_START) {
      Expression value = expressions.tuple();
      tokens.expect(Kind.PRINT_END);
      return scope -> scope.output().text.append(Effort.made(Texts.of(value.in(scope))));
    }
    Token name = tokens.expect(Kind.NAME);
    return switch (name.text()) {
      case "for" -> loop();
      case "if" -> condition();
      case "set" -> assignment();
      case "macro" -> macro();
      case "filter" -> filter();
      case "generation" -> generation();
      case "break" -> leave(Leave.BREAK);
      case "continue" -> leave(Leave.CONTINUE);
      default ->
          throw TemplateException.of(
              "line %d: unknown tag '%s'".formatted(name.line(), name.text()));
    };
  }

  private Statement leave(Leave how) {
    tokens.expect(Kind.BLOCK_END);
    return scope -> {
      throw how;
    };
  }

  private List<Statement> body(String... ends) {
    tokens.expect(Kind.BLOCK_END);
    return until(Set.of(ends));
  }

  private void end() {
    tokens.next();
    tokens.expect(Kind.BLOCK_END);
  }

  private List<String> targets() {
    boolean parenthesis = tokens.takes("(");
    List<String> targets = new ArrayList<>(List.of(tokens.name()));
    while (tokens.takes(",")) {
      targets.add(tokens.name());
    }
    if (parenthesis) {
      tokens.expect(")");
    }
    return targets;
  }

  private Statement loop() {
    List<String> targets = targets();
    if (!tokens.takesName("in")) {
      throw tokens.wrong("expected in");
    }
    Expression list = expressions.or();
    Expression condition = tokens.takesName("if") ? expressions.expression() : null;
    List<Statement> body = body("else", "endfor");
    List<Statement> otherwise = List.of();
    if (tokens.peek().isName("else")) {
      tokens.next();
      otherwise = body("endfor");
    }
    end();
    return new Loop(targets, list, condition, body, otherwise);
  }

  private Statement condition() {
    Expression condition = expressions.tuple();
    List<Statement> then = body("elif", "else", "endif");
    Statement otherwise;
    if (tokens.takesName("elif")) {
      otherwise = condition();
    } else {
      List<Statement> rest = List.of();
      if (tokens.takesName("else")) {
        rest = body("endif");
      }
      end();
      List<Statement> last = rest;
      otherwise = scope -> Statement.all(last, scope);
    }
    return scope -> {
      if (Values.isTrue(condition.in(scope))) {
        Statement.all(then, scope);
      } else {
        otherwise.run(scope);
      }
    };
  }

  private Statement assignment() {
    if (tokens.after().is(".")) {
      String owner = tokens.name();
      tokens.next();
      String name = tokens.name();
      Expression value = assigned();
      return scope -> {
        if (!(scope.get(owner) instanceof Values.Namespace namespace)) {
          throw TemplateException.of("cannot assign to '%s.%s'".formatted(owner, name));
        }
        namespace.values().put(name, value.in(scope));
      };
    }
    List<String> targets = targets();
    if (tokens.peek().is("=")) {
      Expression value = assigned();
      return scope -> Loop.assign(targets, value.in(scope), scope);
    }
    Expression written = written(tokens.takes("|"), "endset");
    return scope -> scope.set(targets.get(0), written.in(scope));
  }

  private Expression assigned() {
    tokens.expect("=");
    Expression value = expressions.tuple();
    tokens.expect(Kind.BLOCK_END);
    return value;
  }

  /** What the body of a tag writes, after filters if there are any. */
  private Expression written(boolean filters, String end) {
    List<Statement>[] body = newBody();
    Expression value =
        scope -> {
          Output output = new Output();
          Statement.all(body[0], scope.writingTo(output));
          return output.text.toString();
        };
    if (filters) {
      do {
        value = expressions.filtered(value);
      } while (tokens.takes("|"));
    }
    body[0] = body(end);
    end();
    return value;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // filled once, with a list of statements
  private static List<Statement>[] newBody() {
    return new List[1];
  }

  private Statement filter() {
    Expression written = written(true, "endfilter");
    return scope -> scope.output().text.append(Effort.made(Texts.of(written.in(scope))));
  }

  private Statement generation() {
    List<Statement> body = body("endgeneration");
    end();
    return scope -> {
      Output output = scope.output();
      int start = output.text.length();
      Statement.all(body, scope.inner());
      output.generated.add(new Rendered.Range(start, output.text.length()));
    };
  }

  private record Parameter(String name, Expression standard) {}

  private Statement macro() {
    String name = tokens.name();
    tokens.expect("(");
    List<Parameter> parameters = new ArrayList<>();
    while (!tokens.takes(")")) {
      String parameter = tokens.name();
      parameters.add(
          new Parameter(
              parameter,
              tokens.takes("=")
                  ? expressions.expression()
                  : scope -> new Undefined("parameter '" + parameter + "'")));
      if (!tokens.peek().is(")")) {
        tokens.expect(",");
      }
    }
    List<Statement> body = body("endmacro");
    end();
    return scope ->
        scope.set(
            name,
            (Call)
                (arguments, named) -> {
                  Output output = new Output();
                  Scope inner = scope.writingTo(output);
                  for (int i = 0; i < parameters.size(); i++) {
                    Parameter parameter = parameters.get(i);
                    inner.set(
                        parameter.name,
                        i < arguments.size()
                            ? arguments.get(i)
                            : named.containsKey(parameter.name)
                                ? named.get(parameter.name)
                                : parameter.standard.in(inner));
                  }
                  Statement.all(body, inner);
                  return output.text.toString();
                });
  }
}
