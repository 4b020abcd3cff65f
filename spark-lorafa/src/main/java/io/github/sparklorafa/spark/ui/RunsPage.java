package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.markup.Markup;
import io.github.sparklorafa.spark.progress.RunStep;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.servlet.http.HttpServletRequest;
import org.apache.spark.ui.WebUIPage;
import scala.collection.Seq;
import scala.xml.Node;

/** The tab's first page: the application's runs, the newest first. */
final class RunsPage extends WebUIPage {
  private final RunsTab tab;

  RunsPage(RunsTab tab) {
    super("");
    this.tab = tab;
  }

  @Override
  public Seq<Node> render(HttpServletRequest request) {
    List<RunRecord> runs = tab.runs();
    Markup out = new Markup();
    if (runs.isEmpty()) {
      out.element(
          "p", "No run yet. One shows here once its settings, paths and columns are checked.");
    } else {
      Table table =
          new Table(
              "lorafa-runs",
              "Run",
              "State",
              "Method",
              "Model",
              "Data",
              "Steps",
              "Loss",
              "Evaluation",
              "Tokens/s",
              "Kept for backward",
              "Duration");
      runs.forEach(run -> row(table, run, request));
      out.add(table.markup());
    }
    return tab.page(request, "LoRA-FA runs", out);
  }

  private void row(Table table, RunRecord run, HttpServletRequest request) {
    String address =
        tab.address(
            request, RunsTab.RUN + "/?id=" + URLEncoder.encode(run.id(), StandardCharsets.UTF_8));
    RunStep last = run.last();
    table.rowAfter(
        new Markup().element("a", Figures.time(run.began()), "href", address),
        run.state().text(),
        run.settings().getOrDefault("method", ""),
        run.settings().getOrDefault("model", ""),
        run.settings().getOrDefault("data", ""),
        RunPage.steps(run),
        last == null ? "" : Figures.loss(last.loss()),
        run.evaluations().isEmpty()
            ? ""
            : Figures.loss(run.evaluations().get(run.evaluations().size() - 1).evalLoss()),
        last == null ? "" : Figures.count(Math.round(last.tokensPerSecond())),
        last == null ? "" : Figures.bytes(last.tapeBytes()),
        Figures.duration(RunPage.milliseconds(run)));
  }
}
