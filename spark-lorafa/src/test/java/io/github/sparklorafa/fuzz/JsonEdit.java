package io.github.sparklorafa.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A change of a JSON tree that leaves it JSON.
 *
 * @param place which of its nodes, counted round
 * @param kind what is done with it
 * @param spice that comes in its place, or beside it
 */
record JsonEdit(int place, Kind kind, JsonNode spice) {
  enum Kind {
    REPLACED,
    REMOVED,
    WRAPPED,
    RENAMED,
    ADDED,
    SWAPPED
  }

  /** A node and the container that it is in. */
  private record Place(ContainerNode<?> in, String name, int index) {
    JsonNode node() {
      return name != null ? in.get(name) : in.get(index);
    }

    void put(JsonNode value) {
      if (in instanceof ObjectNode object) {
        object.set(name, value);
      } else {
        ((ArrayNode) in).set(index, value);
      }
    }

    void remove() {
      if (in instanceof ObjectNode object) {
        object.remove(name);
      } else {
        ((ArrayNode) in).remove(index);
      }
    }
  }

  /** Changes {@code root} itself. */
  void apply(JsonNode root) {
    List<Place> places = new ArrayList<>();
    collect(root, places);
    if (places.isEmpty()) {
      return;
    }
    Place at = places.get(Math.floorMod(place, places.size()));
    switch (kind) {
      case REPLACED -> at.put(spice);
      case REMOVED -> at.remove();
      case WRAPPED -> {
        JsonNode inner = at.node();
        at.put(((ArrayNode) spiceless(at)).add(inner).add(spice));
      }
      case RENAMED -> {
        if (at.in() instanceof ObjectNode object) {
          JsonNode value = object.remove(at.name());
          object.set(spice.isTextual() ? spice.textValue() : spice.toString(), value);
        } else {
          at.put(spice);
        }
      }
      case ADDED -> {
        if (at.in() instanceof ObjectNode object) {
          object.set(spice.asText("x"), at.node().deepCopy());
        } else {
          ((ArrayNode) at.in()).insert(at.index(), spice);
        }
      }
      case SWAPPED -> {
        Place other = places.get(Math.floorMod(place * 31 + 7, places.size()));
        at.put(other.node() == null ? spice : other.node().deepCopy());
      }
    }
  }

  private static JsonNode spiceless(Place at) {
    return at.in().arrayNode();
  }

  private static void collect(JsonNode node, List<Place> places) {
    if (node instanceof ObjectNode object) {
      object.fieldNames().forEachRemaining(name -> places.add(new Place(object, name, -1)));
      object.forEach(child -> collect(child, places));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        places.add(new Place(array, null, i));
      }
      array.forEach(child -> collect(child, places));
    }
  }
}
