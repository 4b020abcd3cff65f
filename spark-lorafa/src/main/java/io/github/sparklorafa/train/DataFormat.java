package io.github.sparklorafa.train;

/** How the training data is stored; {@link #TABLE} is a table of the session's catalog. */
public enum DataFormat {
  PARQUET,
  JSON,
  CSV,
  ORC,
  AVRO,
  TEXT,
  TABLE;

  public static DataFormat parse(String text) {
    return Texts.parse(DataFormat.class, "format", text);
  }

  public String text() {
    return Texts.of(this);
  }
}
