package io.github.sparklorafa.markup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.sparklorafa.markup.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LineChartTest {
  @Test
  void pointsLieWhereTheirNumbersSay() throws Exception {
    Element svg = svg(new LineChart("Loss").line("a", points(4, 1, 2, 2)));

    String[] places = elements(svg, "polyline").get(0).getAttribute("points").split(" ");
    assertThat(places).hasSize(4);
    double[] x = new double[4];
    double[] y = new double[4];
    for (int i = 0; i < 4; i++) {
      x[i] = Double.parseDouble(places[i].split(",")[0]);
      y[i] = Double.parseDouble(places[i].split(",")[1]);
    }
    assertThat(x[0]).isEqualTo(62);
    assertThat(x[3]).isEqualTo(546);
    assertThat(x[1] - x[0]).isCloseTo(x[2] - x[1], within(0.11));
    // Upwards is less; the step from 4 to 1 is three times that from 1 to 2.
    assertThat(y[1] - y[0]).isCloseTo(3 * (y[1] - y[2]), within(0.4));
    assertThat(y[3]).isEqualTo(y[2]);
    assertThat(y[0]).isBetween(30.0, 206.0);
    assertThat(y[1]).isBetween(30.0, 206.0);
  }

  @Test
  void aNumberThatIsNoneLeavesAGap() throws Exception {
    Element svg = svg(new LineChart("Loss").line("a", points(4, 3, Double.NaN, 2, 1)));

    assertThat(elements(svg, "polyline")).hasSize(2);
  }

  @Test
  void marksSayTheirNumbers() throws Exception {
    Element svg =
        svg(
            new LineChart("Loss")
                .line("training", points(4, 1))
                .marks("evaluation", List.of(new Point(2, 1.5))));

    Element circle = elements(svg, "circle").get(0);
    assertThat(circle.getTextContent()).isEqualTo("evaluation 1.5 at step 2");
    assertThat(svg.getTextContent()).contains("training").contains("evaluation");
  }

  @Test
  void withoutPointsItSaysSo() throws Exception {
    assertThat(svg(new LineChart("Loss").line("a", List.of())).getTextContent())
        .contains("nothing yet");
    assertThat(svg(new LineChart("Loss").line("a", points(Double.NaN))).getTextContent())
        .contains("nothing yet");
  }

  /** One number alone, a flat curve, tiny and huge numbers. */
  @ParameterizedTest
  @CsvSource({"2, 2", "0, 0", "1e-9, 2e-9", "-3e9, 4e9", "0.1, 0.3"})
  void ticksAreFewAndWithin(double from, double to) throws Exception {
    for (LineChart chart :
        List.of(
            new LineChart("x").line("a", points(from, to)),
            new LineChart("x").line("a", points(to)),
            new LineChart("x").line("a", points(from, to)).fromZero())) {
      List<Element> lines = elements(svg(chart), "line");
      assertThat(lines).hasSizeBetween(2, 24);
      assertThat(lines)
          .allSatisfy(
              line -> {
                assertThat(Double.parseDouble(line.getAttribute("y1"))).isBetween(29.0, 207.0);
                assertThat(Double.parseDouble(line.getAttribute("x1"))).isBetween(61.0, 547.0);
              });
    }
  }

  private static List<Point> points(double... values) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      points.add(new Point(i + 1, values[i]));
    }
    return points;
  }

  private static Element svg(LineChart chart) throws Exception {
    return MarkupTest.parsed(chart.svg().toString());
  }

  private static List<Element> elements(Element parent, String tag) {
    NodeList nodes = parent.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
