package io.github.sparklorafa;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Every message {@code Cannot …} in the sources, as the compiler parses them: concatenated, and a
 * value written {@value #VALUE}.
 */
final class MessageScan {
  static final String VALUE = "…";
  private static final String CANNOT = "Cannot ";

  private MessageScan() {}

  /**
   * One place in the sources.
   *
   * @param head what tells the message from others: up to the way out in parentheses
   * @param wayOut what the message itself says in its parentheses, or empty
   */
  record Message(String head, String wayOut, String file) {}

  /** The messages by their head, with the places where each stands. */
  static Map<String, List<Message>> of(Path sources) throws IOException {
    Map<String, List<Message>> found = new TreeMap<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> tree = Files.walk(sources)) {
      List<Path> java = tree.filter(file -> file.toString().endsWith(".java")).sorted().toList();
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null, files, null, null, null, files.getJavaFileObjectsFromPaths(java));
      for (CompilationUnitTree unit : task.parse()) {
        String name = sources.relativize(Path.of(unit.getSourceFile().getName())).toString();
        for (String text : texts(unit)) {
          Message message = message(text, name);
          found.computeIfAbsent(message.head(), head -> new ArrayList<>()).add(message);
        }
      }
    }
    return found;
  }

  private static List<String> texts(CompilationUnitTree unit) {
    List<String> texts = new ArrayList<>();
    new TreeScanner<Void, Void>() {
      @Override
      public Void visitBinary(BinaryTree tree, Void nothing) {
        String text = flat(tree);
        if (text.startsWith(CANNOT)) {
          texts.add(text);
          return null;
        }
        return super.visitBinary(tree, nothing);
      }

      @Override
      public Void visitLiteral(LiteralTree tree, Void nothing) {
        String text = flat(tree);
        // Alone, the beginning is no message but something to compare with.
        if (text.startsWith(CANNOT) && text.length() > CANNOT.length()) {
          texts.add(text);
        }
        return null;
      }
    }.scan(unit, null);
    return texts;
  }

  private static String flat(ExpressionTree tree) {
    if (tree instanceof ParenthesizedTree inner) {
      return flat(inner.getExpression());
    }
    if (tree instanceof BinaryTree binary && binary.getKind() == Tree.Kind.PLUS) {
      return flat(binary.getLeftOperand()) + flat(binary.getRightOperand());
    }
    if (tree instanceof LiteralTree literal && literal.getValue() instanceof String text) {
      return text;
    }
    return VALUE;
  }

  private static Message message(String text, String file) {
    String plain = text.replaceAll("%[-+,#0-9.$]*[a-zA-Z]", VALUE).replace("%%", "%");
    plain = plain.replaceAll(VALUE + "(" + VALUE + ")+", VALUE);
    int parenthesis = plain.indexOf(" (");
    int end = plain.lastIndexOf(')');
    String head = parenthesis < 0 ? plain : plain.substring(0, parenthesis);
    String wayOut =
        parenthesis < 0 || end < parenthesis ? "" : plain.substring(parenthesis + 2, end);
    return new Message(head.strip(), wayOut, file);
  }
}
