package io.github.sparklorafa.spark.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Pages over HTTP. */
final class Pages {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build();

  private Pages() {}

  static String get(String address) {
    HttpResponse<String> response = response(address);
    assertThat(response.statusCode()).as(address + ": " + response.body()).isEqualTo(200);
    return response.body();
  }

  static HttpResponse<String> response(String address) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(20)).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(address, e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What Prometheus reads of the driver's figures. */
  static Map<String, Double> gauges(String ui) {
    Matcher gauge =
        Pattern.compile("LoraFaPlugin_run_(\\w+)_Value\\S* (\\S+)")
            .matcher(get(ui + "/metrics/prometheus/"));
    Map<String, Double> gauges = new TreeMap<>();
    while (gauge.find()) {
      gauges.put(gauge.group(1), Double.valueOf(gauge.group(2)));
    }
    return gauges;
  }

  /** The page of the newest run, found through the list of runs as a reader finds it. */
  static String run(String list) {
    Matcher link = Pattern.compile("href=\"([^\"]*run/\\?id=[^\"]+)\"").matcher(get(list));
    assertThat(link.find()).as("a link to a run in " + list).isTrue();
    return get(URI.create(list).resolve(link.group(1)).toString());
  }

  /** What the list on top of a run's page says, by name. */
  static Map<String, String> head(String page) {
    Map<String, String> head = new TreeMap<>();
    Matcher item = Pattern.compile("<strong>([^<]+): </strong>([^<]*)").matcher(page);
    while (item.find()) {
      head.put(item.group(1), item.group(2));
    }
    return head;
  }

  /** Heights of the points of a curve of the page. */
  static List<Double> heights(String page, int index) {
    Matcher points = Pattern.compile("points=\"([^\"]+)\"").matcher(page);
    for (int i = 0; i <= index; i++) {
      assertThat(points.find()).as("a curve %d", index).isTrue();
    }
    return Stream.of(points.group(1).split(" "))
        .map(point -> Double.valueOf(point.split(",")[1]))
        .toList();
  }
}
