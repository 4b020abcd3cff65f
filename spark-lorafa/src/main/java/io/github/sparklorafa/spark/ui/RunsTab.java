package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.markup.Markup;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.StreamSupport;
import javax.servlet.http.HttpServletRequest;
import org.apache.spark.SparkContext;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.util.kvstore.KVStore;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.xml.Node;
import scala.xml.Unparsed;

/** The tab, and what its pages share. */
public final class RunsTab extends SparkUITab {
  /** In the tab's address. */
  static final String PREFIX = "lora-fa";

  /** Under the tab's address. */
  static final String RUN = "run";

  private final KVStore store;

  RunsTab(SparkUI ui) {
    super(ui, PREFIX);
    store = ui.store().store();
    attachPage(new RunsPage(this));
    attachPage(new RunPage(this));
  }

  /**
   * Attaches the tab to the UI of a running application, where it has one, and fills it from now
   * on.
   */
  public static void attach(SparkContext context) {
    if (context.ui().isDefined()) {
      ElementTrackingStore store = (ElementTrackingStore) context.statusStore().store();
      context.addSparkListener(new RunListener(store, true));
      SparkUI ui = context.ui().get();
      ui.attachTab(new RunsTab(ui));
    }
  }

  @Override
  public String name() {
    return "LoRA-FA";
  }

  /** The newest first. */
  List<RunRecord> runs() {
    try {
      return StreamSupport.stream(store.view(RunRecord.class).spliterator(), false)
          .sorted(Comparator.comparingLong(RunRecord::began).reversed())
          .toList();
    } catch (Exception e) { // as KVStore declares
      throw new IllegalStateException("Cannot read the UI's store: runs (reload the page)", e);
    }
  }

  Optional<RunRecord> run(String id) {
    try {
      return Optional.of(store.read(RunRecord.class, id));
    } catch (NoSuchElementException e) {
      return Optional.empty();
    } catch (Exception e) { // as KVStore declares
      throw new IllegalStateException("Cannot read the UI's store: runs (reload the page)", e);
    }
  }

  /** The address of a page of this tab, whatever proxy is before it. */
  String address(HttpServletRequest request, String page) {
    return UIUtils.prependBaseUri(request, basePath(), "/" + PREFIX + "/" + page);
  }

  Seq<Node> page(HttpServletRequest request, String title, Markup content) {
    Node node = new Unparsed(content.toString());
    Seq<Node> nodes = JavaConverters.asScalaBuffer(List.of(node)).toSeq();
    return UIUtils.headerSparkPage(request, title, () -> nodes, this, Option.empty(), false, false);
  }
}
