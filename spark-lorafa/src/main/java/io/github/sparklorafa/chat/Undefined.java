package io.github.sparklorafa.chat;

/**
 * A variable, attribute or element that is not there: false, empty and printed as nothing; an error
 * once anything else is done with it.
 *
 * @param name as an error names it
 */
record Undefined(String name) {
  TemplateException refused() {
    return TemplateException.of("%s is undefined".formatted(name));
  }
}
