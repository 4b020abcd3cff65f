package io.github.sparklorafa.checkpoint;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Files that Python made; src/test/reference/README.md says how. */
final class Reference {
  private Reference() {}

  static Path path(String name) {
    URL url = Reference.class.getResource("/reference/" + name);
    if (url == null) {
      throw new IllegalStateException("Cannot find reference file: " + name);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
