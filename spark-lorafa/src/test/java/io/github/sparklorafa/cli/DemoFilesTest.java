package io.github.sparklorafa.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.sparklorafa.cli.DemoFiles.Letter;
import io.github.sparklorafa.data.TextTokenizer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
class DemoFilesTest {
  private static final Pattern TICKET =
      Pattern.compile(
          " customer: (?<first>\\w+) (?<last>\\w+); city: (?<city>\\w+);"
              + " product: \\w+ (?<article>\\w+); price: \\d+;"
              + " mood: (happy|angry); wish: (refund|exchange|repair|call|nothing)");

  @Test
  void heldOutLettersShareNoNameCityOrArticleWithTheOthers() {
    List<Letter> train = DemoFiles.letters(DemoFiles.TRAIN);
    List<Letter> heldOut = DemoFiles.heldOutLetters();
    assertThat(heldOut).hasSize(200).doesNotHaveDuplicates();
    for (String field : List.of("first", "last", "city", "article")) {
      Set<String> held = values(heldOut, field);
      assertThat(held).as(field).hasSizeGreaterThan(5);
      assertThat(values(train, field)).as(field).doesNotContainAnyElementsOf(held);
      assertThat(words(train)).as("words of the letters").doesNotContainAnyElementsOf(held);
    }
  }

  @Test
  void ticketsSayWhatStandsInTheirLetters() {
    for (Letter letter : DemoFiles.heldOutLetters()) {
      Matcher ticket = ticket(letter);
      assertThat(letter.prompt())
          .contains(ticket.group("first") + " " + ticket.group("last"))
          .contains(ticket.group("city"), ticket.group("article"))
          .endsWith("\nTicket:");
    }
  }

  @Test
  void unpackedFilesAreACheckpointAndTwoDataSets(@TempDir Path folder) throws IOException {
    DemoFiles files = DemoFiles.unpack(folder.toString(), new Configuration());
    DemoFiles again = DemoFiles.unpack(folder.toString(), new Configuration());
    assertThat(again.base()).isEqualTo(files.base());
    try (TextTokenizer tokenizer = TextTokenizer.open(path(files.base()))) {
      assertThat(tokenizer.eos()).isPresent();
      String letter = DemoFiles.heldOutLetters().get(0).prompt();
      assertThat(tokenizer.decode(tokenizer.encode(letter))).isEqualTo(letter);
    }
    assertThat(Files.readAllLines(path(files.heldOut()))).hasSize(200);
    assertThat(path(files.train())).isNotEmptyFile();
    try (Stream<Path> all = Files.walk(folder)) {
      long bytes = all.mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0).sum();
      assertThat(bytes).isLessThan(4_000_000);
    }
  }

  @Test
  void eachAdapterGetsAFolderOfItsOwn(@TempDir Path folder) throws IOException {
    DemoFiles files = DemoFiles.unpack(folder.toString(), new Configuration());
    Path first = path(files.freshAdapter(new Configuration()));
    assertThat(first).isEqualTo(folder.resolve("adapter"));
    Files.createDirectory(first);
    assertThat(path(files.freshAdapter(new Configuration())))
        .isEqualTo(folder.resolve("adapter-2"));
  }

  private static Path path(String uri) {
    return Path.of(URI.create(uri));
  }

  private static Set<String> words(List<Letter> letters) {
    return letters.stream()
        .flatMap(letter -> Stream.of(letter.prompt().split("\\W+")))
        .collect(Collectors.toSet());
  }

  private static Set<String> values(List<Letter> letters, String field) {
    return letters.stream().map(letter -> ticket(letter).group(field)).collect(Collectors.toSet());
  }

  private static Matcher ticket(Letter letter) {
    Matcher ticket = TICKET.matcher(letter.completion());
    assertThat(ticket.matches()).as(letter.completion()).isTrue();
    return ticket;
  }
}
