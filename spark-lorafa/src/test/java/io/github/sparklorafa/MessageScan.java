package io.github.sparklorafa;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Every message of the sources, as the compiler parses them: texts {@code Cannot …}, and whatever
 * else an exception is made with. Concatenated and formatted; a value is written {@value #VALUE},
 * and where a method puts a word of its caller's into a message, each word gives one.
 */
final class MessageScan {
  static final String VALUE = "…";
  static final String CANNOT = "Cannot ";

  private static final Pattern PLACEHOLDER = Pattern.compile("%[-+,#0-9.$]*[a-zA-Z]|%%");
  private static final Pattern PARAMETER = Pattern.compile("\u0001(\\w+)\u0002");
  private static final int CALLERS = 3;

  private final Map<String, List<Message>> found = new TreeMap<>();
  private final List<Text> texts = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();

  private MessageScan() {}

  /**
   * One place in the sources.
   *
   * @param head what tells the message from others: up to the way out in parentheses
   * @param wayOut what the message itself says in its parentheses, or empty
   */
  record Message(String head, String wayOut, String file) {}

  /** A text with its method's parameters in it. */
  private record Text(String text, MethodTree method, String file) {}

  /** A call of a method by its name, {@code owner} if it is named too. */
  private record Call(
      String name, String owner, List<String> arguments, MethodTree from, String file) {}

  /** The messages by their head, with the places where each stands. */
  static Map<String, List<Message>> of(Path sources) throws IOException {
    MessageScan scan = new MessageScan();
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
        scan.new Reader(name).scan(unit, null);
      }
    }
    for (Text text : scan.texts) {
      for (String written : scan.expanded(text, CALLERS)) {
        Message message = message(written, text.file());
        scan.found.computeIfAbsent(message.head(), head -> new ArrayList<>()).add(message);
      }
    }
    return scan.found;
  }

  /** Collects the texts and calls of one file. */
  private final class Reader extends TreeScanner<Void, Void> {
    private final String file;
    private MethodTree method;

    Reader(String file) {
      this.file = file;
    }

    @Override
    public Void visitMethod(MethodTree tree, Void nothing) {
      MethodTree outer = method;
      method = tree;
      super.visitMethod(tree, nothing);
      method = outer;
      return null;
    }

    @Override
    public Void visitNewClass(NewClassTree tree, Void nothing) {
      String type = tree.getIdentifier().toString();
      List<? extends ExpressionTree> arguments = tree.getArguments();
      if (type.equals("Problems") && arguments.size() == 2) {
        add(flat(arguments.get(0)) + " (" + flat(arguments.get(1)) + ")");
        return null;
      }
      if (type.matches("\\w*(Exception|Error)") && !arguments.isEmpty()) {
        String text = flat(arguments.get(0));
        if (!text.startsWith(CANNOT) && words(text)) {
          add(text);
        }
      }
      return super.visitNewClass(tree, nothing);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree tree, Void nothing) {
      calls.add(
          new Call(
              name(tree),
              owner(tree),
              tree.getArguments().stream().map(this::flat).toList(),
              method,
              file));
      return addMessage(flat(tree)) ? null : super.visitMethodInvocation(tree, nothing);
    }

    @Override
    public Void visitBinary(BinaryTree tree, Void nothing) {
      return addMessage(flat(tree)) ? null : super.visitBinary(tree, nothing);
    }

    @Override
    public Void visitLiteral(LiteralTree tree, Void nothing) {
      addMessage(flat(tree));
      return null;
    }

    private boolean addMessage(String text) {
      // Alone, the beginning is no message but something to compare with.
      boolean message = text.startsWith(CANNOT) && text.length() > CANNOT.length();
      if (message) {
        add(text);
      }
      return message;
    }

    private void add(String text) {
      texts.add(new Text(text, method, file));
    }

    private String flat(ExpressionTree tree) {
      if (tree instanceof ParenthesizedTree inner) {
        return flat(inner.getExpression());
      }
      if (tree instanceof BinaryTree binary && binary.getKind() == Tree.Kind.PLUS) {
        return flat(binary.getLeftOperand()) + flat(binary.getRightOperand());
      }
      if (tree instanceof LiteralTree literal && literal.getValue() instanceof String text) {
        return text;
      }
      if (tree instanceof IdentifierTree name && parameters(method).contains("" + name.getName())) {
        return "\u0001" + name.getName() + "\u0002";
      }
      return tree instanceof MethodInvocationTree call ? formatted(call) : VALUE;
    }

    /** What {@code "…".formatted(…)}, or a call with a format and its values, gives. */
    private String formatted(MethodInvocationTree call) {
      List<? extends ExpressionTree> arguments = call.getArguments();
      if (name(call).equals("formatted")) {
        return filled(flat(((MemberSelectTree) call.getMethodSelect()).getExpression()), arguments);
      }
      if (arguments.isEmpty() || !List.of("format", "add").contains(name(call))) {
        return VALUE;
      }
      return filled(flat(arguments.get(0)), arguments.subList(1, arguments.size()));
    }

    private String filled(String format, List<? extends ExpressionTree> values) {
      Matcher placeholder = PLACEHOLDER.matcher(format);
      StringBuilder filled = new StringBuilder();
      for (int i = 0; placeholder.find(); ) {
        boolean percent = placeholder.group().equals("%%");
        String value = percent ? "%" : i < values.size() ? flat(values.get(i++)) : VALUE;
        placeholder.appendReplacement(filled, Matcher.quoteReplacement(value));
      }
      return placeholder.appendTail(filled).toString();
    }
  }

  /** The text with the words of each caller that it may have them from. */
  private Set<String> expanded(Text text, int depth) {
    Matcher parameter = PARAMETER.matcher(text.text());
    if (!parameter.find()) {
      return Set.of(text.text());
    }
    int index = parameters(text.method()).indexOf(parameter.group(1));
    Set<String> words = new LinkedHashSet<>();
    for (Call call : depth == 0 ? List.<Call>of() : calls) {
      if (calls(call, text)) {
        String argument = call.arguments().get(index);
        words.addAll(expanded(new Text(argument, call.from(), call.file()), depth - 1));
      }
    }
    boolean known = !words.isEmpty() && words.stream().allMatch(MessageScan::words);
    Set<String> all = new LinkedHashSet<>();
    for (String word : known ? words : Set.of(VALUE)) {
      String written = text.text().replace(parameter.group(), word);
      all.addAll(expanded(new Text(written, text.method(), text.file()), depth));
    }
    return all;
  }

  private static boolean calls(Call call, Text text) {
    String owner = Path.of(text.file()).getFileName().toString().replace(".java", "");
    return call.name().equals("" + text.method().getName())
        && call.arguments().size() == text.method().getParameters().size()
        && (call.owner().equals(owner)
            || (call.owner().isEmpty() && call.file().equals(text.file())));
  }

  /** Whether it says something, beside its values. */
  private static boolean words(String text) {
    return PARAMETER.matcher(text).replaceAll("").matches("(?s).*[a-zA-Z].*");
  }

  private static List<String> parameters(MethodTree method) {
    return method == null
        ? List.of()
        : method.getParameters().stream().map(parameter -> "" + parameter.getName()).toList();
  }

  private static String name(MethodInvocationTree call) {
    return call.getMethodSelect() instanceof MemberSelectTree select
        ? "" + select.getIdentifier()
        : "" + call.getMethodSelect();
  }

  private static String owner(MethodInvocationTree call) {
    return call.getMethodSelect() instanceof MemberSelectTree select
        ? "" + select.getExpression()
        : "";
  }

  private static Message message(String text, String file) {
    String plain = PLACEHOLDER.matcher(text).replaceAll(VALUE);
    plain = plain.replaceAll(VALUE + "( ?" + VALUE + ")+", VALUE);
    int parenthesis = plain.indexOf(" (");
    int end = plain.lastIndexOf(')');
    String head = parenthesis < 0 ? plain : plain.substring(0, parenthesis);
    String wayOut =
        parenthesis < 0 || end < parenthesis ? "" : plain.substring(parenthesis + 2, end);
    return new Message(head.strip(), wayOut, file);
  }
}
