package io.github.sparklorafa.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** The names of a head's classes: {@code id2label} of a checkpoint's {@code config.json}. */
public final class ClassNames {
  private static final String ID2LABEL = "id2label";

  /** What transformers writes where nobody named them. */
  private static final String UNNAMED = "LABEL_\\d+";

  private ClassNames() {}

  /**
   * The names in the order of their indexes; none unless each of {@code count} classes has one of
   * its own, as where the checkpoint was made for other classes.
   *
   * @param json text of {@code config.json}
   * @throws IllegalArgumentException if that is not JSON
   */
  public static List<String> of(String json, int count) {
    Problems problems = ModelConfigParser.problems("config.json");
    ObjectNode config = StrictJson.parse(json, problems);
    problems.throwIfAny();
    JsonNode labels = config.path(ID2LABEL);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count && labels.path(Integer.toString(i)).isTextual(); i++) {
      names.add(labels.get(Integer.toString(i)).textValue());
    }
    boolean named =
        names.size() == count
            && labels.size() == count
            && names.stream().distinct().count() == count
            && !names.stream().allMatch(name -> name.matches(UNNAMED));
    return named ? names : List.of();
  }
}
