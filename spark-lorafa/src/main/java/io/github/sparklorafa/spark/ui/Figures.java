package io.github.sparklorafa.spark.ui;

import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.Locale;

/** Numbers as the tab writes them. */
final class Figures {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  private Figures() {}

  /** As 1.5 GB: by powers of 1000, as {@code plan} does. */
  static String bytes(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 999.95 && unit < UNITS.length - 1) {
      amount /= 1000;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** With four digits behind the point; "-" if there is none. */
  static String loss(double loss) {
    return Double.isNaN(loss) ? "-" : String.format(Locale.ROOT, "%.4f", loss);
  }

  static String rate(double rate) {
    return String.format(Locale.ROOT, "%.3g", rate);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** In the time zone of the machine that shows the page, as Spark's own pages do. */
  static String time(long milliseconds) {
    return new SimpleDateFormat("yyyy/MM/dd HH:mm:ss", Locale.ROOT).format(new Date(milliseconds));
  }

  static String duration(long milliseconds) {
    long seconds = milliseconds / 1000;
    return seconds < 60
        ? String.format(Locale.ROOT, "%.1f s", milliseconds / 1000.0)
        : String.format("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
