package io.github.sparklorafa.spark.ui;

import io.github.sparklorafa.markup.Markup;

/** A table with Spark's own style. */
final class Table {
  private static final String STYLE = "table table-bordered table-sm table-striped w-auto";

  private final Markup out = new Markup();

  /**
   * @param id of the element, for those who look for it
   * @param heads of the columns
   */
  Table(String id, String... heads) {
    out.open("table", "class", STYLE, "id", id).open("thead").open("tr");
    for (String head : heads) {
      out.element("th", head);
    }
    out.close().close().open("tbody");
  }

  /** A row of texts. */
  Table row(String... cells) {
    out.open("tr");
    for (String cell : cells) {
      out.element("td", cell);
    }
    out.close();
    return this;
  }

  /** A row of texts after a first cell that is made already. */
  Table rowAfter(Markup first, String... cells) {
    out.open("tr").open("td").add(first).close();
    for (String cell : cells) {
      out.element("td", cell);
    }
    out.close();
    return this;
  }

  /** A row of texts before a last cell that is made already. */
  Table rowBefore(Markup last, String... cells) {
    out.open("tr");
    for (String cell : cells) {
      out.element("td", cell);
    }
    out.open("td").add(last).close().close();
    return this;
  }

  Markup markup() {
    return out.close().close();
  }
}
