package io.github.sparklorafa.chat;

import io.github.sparklorafa.chat.Token.Kind;
import java.util.List;

/** The tokens of a template, and how far they are read. */
final class Tokens {
  private final List<Token> tokens;
  private int at;

  Tokens(String template) {
    this.tokens = Lexer.tokens(template);
  }

  Token peek() {
    return tokens.get(at);
  }

  Token after() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    return tokens.get(at++);
  }

  boolean isBehind(String name) {
    return after().isName(name);
  }

  /** Reads on if this operator is next. */
  boolean takes(String operator) {
    boolean there = peek().is(operator);
    at += there ? 1 : 0;
    return there;
  }

  /** Reads on if this name is next. */
  boolean takesName(String name) {
    boolean there = peek().isName(name);
    at += there ? 1 : 0;
    return there;
  }

  void expect(String operator) {
    if (!takes(operator)) {
      throw wrong("expected " + operator);
    }
  }

  Token expect(Kind kind) {
    if (peek().kind() != kind) {
      throw wrong("expected " + kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
    return next();
  }

  String name() {
    return expect(Kind.NAME).text();
  }

  TemplateException wrong(String what) {
    String found = peek().kind() == Kind.END ? "the end" : peek().text();
    return TemplateException.of("line %d: %s, not %s".formatted(peek().line(), what, found));
  }
}
