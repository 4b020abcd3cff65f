package io.github.sparklorafa.train;

/**
 * How the training data is stored; {@link #TABLE} is a table of the session's catalog. For {@link
 * #DELTA} and {@link #ICEBERG} their libraries must be on Spark's class path.
 */
public enum DataFormat {
  PARQUET,
  JSON,
  CSV,
  ORC,
  AVRO,
  TEXT,
  DELTA,
  ICEBERG,
  TABLE;

  public static DataFormat parse(String text) {
    return Texts.parse(DataFormat.class, "format", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
