package io.github.sparklorafa.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What a program printed. */
record Printed(String text) {
  /** Runs {@code program} and shows what it prints, too. */
  static Printed by(Runnable program) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.run();
    } finally {
      System.setOut(before);
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    System.out.println(text);
    return new Printed(text);
  }

  /** The numbers in the groups of {@code expression}, where it first stands in the text. */
  List<Double> numbers(String expression) {
    Matcher matcher = Pattern.compile(expression, Pattern.MULTILINE).matcher(text);
    if (!matcher.find()) {
      throw new AssertionError("The program did not print " + expression);
    }
    return IntStream.rangeClosed(1, matcher.groupCount())
        .mapToObj(group -> Double.valueOf(matcher.group(group)))
        .toList();
  }
}
