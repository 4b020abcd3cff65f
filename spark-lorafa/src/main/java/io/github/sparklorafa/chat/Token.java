package io.github.sparklorafa.chat;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text of it; a string's without quotes and escapes
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    TEXT,
    BLOCK_START,
    BLOCK_END,
    PRINT_START,
    PRINT_END,
    NAME,
    STRING,
    INTEGER,
    REAL,
    OPERATOR,
    END
  }

  boolean is(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }
}
