package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.markup.LineChart;
import io.github.sparklorafa.markup.LineChart.Point;
import io.github.sparklorafa.markup.Markup;
import io.github.sparklorafa.spark.progress.MethodCost;
import io.github.sparklorafa.spark.progress.RunEvaluated;
import io.github.sparklorafa.spark.progress.RunNote;
import io.github.sparklorafa.spark.progress.RunStep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import javax.servlet.http.HttpServletRequest;
import org.apache.spark.ui.WebUIPage;
import scala.collection.Seq;
import scala.xml.Node;

/** One run: its figures, curves, memory, workers, notes and settings. */
final class RunPage extends WebUIPage {
  /** Checkpoints that are named; the others are counted. */
  private static final int NAMED_CHECKPOINTS = 8;

  private final RunsTab tab;

  RunPage(RunsTab tab) {
    super(RunsTab.RUN);
    this.tab = tab;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    String id = Optional.ofNullable(request.getParameter("id")).orElse("");
    Optional<RunRecord> run = tab.run(id);
    Markup out = new Markup();
    out.open("p").element("a", "All runs", "href", tab.address(request, "")).close();
    if (run.isEmpty()) {
      out.element("p", "No run of this application is called " + id);
      return tab.page(request, "LoRA-FA run", out);
    }
    return tab.page(request, "LoRA-FA run", content(out, run.get()));
  }

  static Markup content(Markup out, RunRecord run) {
    if (run.ended() == 0) {
      out.empty("meta", "http-equiv", "refresh", "content", "5");
    }
    out.add(head(run));
    out.add(curves(run));
    heading(out, "Memory and traffic of one worker");
    out.add(methods(run));
    if (!run.workerStates().isEmpty()) {
      heading(out, "Workers");
      out.add(WorkerTable.of(run.workerStates()));
    }
    if (!run.evaluations().isEmpty()) {
      heading(out, "Evaluations");
      out.add(evaluations(run));
    }
    if (!run.notes().isEmpty()) {
      heading(out, "Notes");
      out.add(notes(run));
    }
    heading(out, "Settings");
    out.add(settings(run));
    return out;
  }

  private static void heading(Markup out, String text) {
    out.element("h4", text);
  }

  private static Markup head(RunRecord run) {
    Markup out = new Markup().open("ul", "class", "list-unstyled", "id", "lorafa-head");
    out.open("li").element("strong", "State: ");
    out.element("span", run.state().text(), "class", "badge " + run.state().badge()).close();
    if (!run.failure().isEmpty()) {
      item(out, "Cause", run.failure());
    }
    item(out, "Began", Figures.time(run.began()));
    item(out, "Duration", Figures.duration(milliseconds(run)));
    item(out, "Steps", steps(run));
    if (run.steps() > 0) {
      item(
          out,
          "Trained numbers",
          Figures.count(run.trainableParameters()) + " of " + Figures.count(run.totalParameters()));
      item(out, "Workers", Integer.toString(run.workers()));
      item(out, "Attempts", Integer.toString(run.attempts()));
    }
    RunStep last = run.last();
    if (last != null) {
      item(out, "Loss", Figures.loss(last.loss()));
      item(out, "Learning rate", Figures.rate(last.learningRate()));
      item(out, "Tokens by the second", Figures.count(Math.round(last.tokensPerSecond())));
      item(out, "Tokens", Figures.count(last.tokens()));
      item(out, "Most that a worker kept for the backward pass", Figures.bytes(last.tapeBytes()));
      item(out, "Sent by each worker", Figures.bytes(last.sentBytes()));
    }
    item(out, "Checkpoints", checkpoints(run.checkpoints()));
    if (run.bestStep() > 0) {
      item(out, "Best step", Figures.count(run.bestStep()));
    }
    if (!run.output().isEmpty()) {
      item(out, "Output", run.output());
    }
    return out.close();
  }

  private static void item(Markup out, String name, String value) {
    out.open("li").element("strong", name + ": ").text(value).close();
  }

  private static String checkpoints(List<Long> steps) {
    if (steps.isEmpty()) {
      return "none";
    }
    String named =
        steps.subList(Math.max(0, steps.size() - NAMED_CHECKPOINTS), steps.size()).stream()
            .map(Figures::count)
            .collect(Collectors.joining(", "));
    return steps.size() + " written, after step " + named;
  }

  static String steps(RunRecord run) {
    String done = run.last() == null ? "0" : Figures.count(run.last().step());
    return run.steps() == 0 ? "" : done + " of " + Figures.count(run.steps());
  }

  static long milliseconds(RunRecord run) {
    return (run.ended() == 0 ? System.currentTimeMillis() : run.ended()) - run.began();
  }

  private static Markup curves(RunRecord run) {
    List<Point> evaluations =
        run.evaluations().stream().map(e -> new Point(e.step(), e.evalLoss())).toList();
    Markup out = new Markup().open("div", "id", "lorafa-curves");
    out.add(
        new LineChart("Loss")
            .line("training", points(run, RunStep::loss))
            .marks("evaluation", evaluations)
            .svg());
    out.add(
        new LineChart("Learning rate")
            .line("learning rate", points(run, RunStep::learningRate))
            .fromZero()
            .svg());
    out.add(
        new LineChart("Tokens by the second, all workers")
            .line("tokens", points(run, RunStep::tokensPerSecond))
            .fromZero()
            .svg());
    out.add(
        new LineChart("Norm of the gradient")
            .line("norm", points(run, RunStep::gradNorm))
            .fromZero()
            .svg());
    return out.close();
  }

  private static List<Point> points(RunRecord run, ToDoubleFunction<RunStep> value) {
    return run.points().stream()
        .map(point -> new Point(point.step(), value.applyAsDouble(point)))
        .toList();
  }

  private static Markup methods(RunRecord run) {
    Table table =
        new Table(
            "lorafa-methods",
            "Method",
            "Kept for the backward pass, planned",
            "Measured",
            "Memory outside the heap, planned",
            "Sent at a synchronisation");
    List<MethodCost> methods = run.methods();
    for (int i = 0; i < methods.size(); i++) {
      MethodCost method = methods.get(i);
      boolean own = i == 0;
      table.row(
          method.name() + (own ? " (this run)" : ""),
          Figures.bytes(method.keptBytes()),
          own && run.last() != null ? Figures.bytes(run.last().tapeBytes()) : "",
          Figures.bytes(method.memoryBytes()),
          Figures.bytes(method.sentBytes()));
    }
    return table.markup();
  }

  private static Markup evaluations(RunRecord run) {
    List<String> names =
        List.copyOf(
            run.evaluations().stream()
                .flatMap(e -> e.scores().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new)));
    String[] heads = new String[2 + names.size()];
    heads[0] = "Step";
    heads[1] = "Loss";
    for (int i = 0; i < names.size(); i++) {
      heads[2 + i] = names.get(i);
    }
    Table table = new Table("lorafa-evaluations", heads);
    for (RunEvaluated evaluation : run.evaluations()) {
      String[] cells = new String[heads.length];
      cells[0] = Figures.count(evaluation.step());
      cells[1] = Figures.loss(evaluation.evalLoss());
      for (int i = 0; i < names.size(); i++) {
        cells[2 + i] = Figures.loss(evaluation.scores().getOrDefault(names.get(i), Double.NaN));
      }
      table.row(cells);
    }
    return table.markup();
  }

  private static Markup notes(RunRecord run) {
    Table table = new Table("lorafa-notes", "Time", "Note");
    for (RunNote note : run.notes()) {
      table.row(Figures.time(note.time()), note.text());
    }
    return table.markup();
  }

  private static Markup settings(RunRecord run) {
    Table table = new Table("lorafa-settings", "Flag", "Value");
    for (Map.Entry<String, String> setting : run.settings().entrySet()) {
      if (!setting.getValue().isEmpty()) {
        table.row(setting.getKey(), setting.getValue());
      }
    }
    return table.markup();
  }
}
