package io.github.sparklorafa.infer;

import io.github.sparklorafa.data.TextTokenizer;
import io.github.sparklorafa.nn.KeyValueCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A text that is searched for by beams, step by step as {@code _beam_search} of transformers 5 does
 * ({@code generation/utils.py}): of all continuations of all versions the likeliest are looked at;
 * those that end are texts, of which the best are remembered, the others go on.
 */
final class Beams implements Writing {
  /** The score of a text that cannot win. */
  private static final float OUT = -1e9f;

  private final GenerationConfig config;
  private final BeamSearch search;
  private final TextTokenizer tokenizer;
  private final int promptLength;
  private final int longest;
  private List<Beam> running;
  private List<Ended> ended = new ArrayList<>();
  private int length;
  private boolean improves = true;
  private Completion completion;

  /**
   * A version that goes on.
   *
   * @param score sum of its log-probabilities
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Beam(int[] ids, float score, KeyValueCache cache) {
    BitSet seen() {
      BitSet seen = new BitSet();
      for (int id : ids) {
        seen.set(id);
      }
      return seen;
    }
  }

  /** A token after a version, {@code ends} if nothing may follow. */
  private record Candidate(int beam, int id, float score, boolean ends) {
    float goesOn() {
      return ends ? score + OUT : score;
    }
  }

  /**
   * A text that may win.
   *
   * @param done whether it ended; a place that is still free did not
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Ended(int[] ids, float score, boolean done) {}

  /**
   * @param cache of one version, that has seen nothing yet of {@code prompt}
   * @param maxPositions tokens of prompt and text together, at most
   */
  Beams(
      GenerationConfig config,
      TextTokenizer tokenizer,
      KeyValueCache cache,
      int[] prompt,
      int maxPositions) {
    this.config = config;
    this.search = config.beamSearch();
    this.tokenizer = tokenizer;
    this.promptLength = prompt.length;
    this.length = prompt.length;
    this.longest = Math.min(Math.addExact(promptLength, config.maxNewTokens()), maxPositions);
    this.running = List.of(new Beam(prompt.clone(), 0, cache));
    for (int i = 0; i < search.numBeams(); i++) {
      ended.add(new Ended(prompt, OUT, false));
    }
  }

  @Override
  public int versions() {
    return running.size();
  }

  @Override
  public List<Part> pending(int most) {
    // There is one version while a prompt is read, and one token of each afterwards.
    return running.stream()
        .map(
            beam -> {
              int first = (int) beam.cache().tokens();
              int count = Math.min(most, beam.ids().length - first);
              return new Part(Arrays.copyOfRange(beam.ids(), first, first + count), beam.cache());
            })
        .toList();
  }

  @Override
  public void advance(float[][] logProbabilities, NextToken next) {
    if (running.get(0).cache().tokens() < length) {
      return;
    }
    for (int i = 0; i < running.size(); i++) {
      next.process(logProbabilities[i], running.get(i).seen());
    }
    List<Candidate> candidates = likeliest(logProbabilities);
    remember(candidates);
    goOn(candidates);
    length++;
    improves &= canImprove();
    boolean full = ended.stream().allMatch(Ended::done);
    boolean stops = full && search.earlyStopping() == BeamSearch.EarlyStopping.TRUE;
    if (!improves || stops || candidates.stream().allMatch(Candidate::ends)) {
      finish();
    }
  }

  /** So many that as many as there are beams go on, even if all ends of all are among them. */
  private List<Candidate> likeliest(float[][] logProbabilities) {
    int count = Math.max(2, 1 + tokenizer.stops().size()) * search.numBeams();
    int vocabulary = logProbabilities[0].length;
    LargestValues best = new LargestValues(count);
    for (int beam = 0; beam < running.size(); beam++) {
      float before = running.get(beam).score();
      float[] row = logProbabilities[beam];
      for (int id = 0; id < vocabulary; id++) {
        best.offer(row[id] + before, (long) beam * vocabulary + id);
      }
    }
    List<Candidate> candidates = new ArrayList<>();
    for (LargestValues.Entry entry : best.descending()) {
      int id = (int) (entry.at() % vocabulary);
      boolean ends = tokenizer.stops().contains(id) || length + 1 >= longest;
      candidates.add(new Candidate((int) (entry.at() / vocabulary), id, entry.value(), ends));
    }
    return candidates;
  }

  /** Of the texts so far and those that end now, as many as there are beams. */
  private void remember(List<Candidate> candidates) {
    boolean closed =
        !improves
            || (search.earlyStopping() == BeamSearch.EarlyStopping.TRUE
                && ended.stream().allMatch(Ended::done));
    List<Ended> all = new ArrayList<>(ended);
    for (Candidate candidate :
        candidates.subList(0, Math.min(search.numBeams(), candidates.size()))) {
      if (candidate.ends()) {
        float score = search.score(candidate.score(), length + 1 - promptLength);
        all.add(new Ended(ids(candidate), closed ? score + OUT : score, true));
      }
    }
    all.sort(Comparator.comparing(Ended::score).reversed());
    ended = new ArrayList<>(all.subList(0, search.numBeams()));
  }

  /** The likeliest versions that did not end; a cache goes to the first version that needs it. */
  private void goOn(List<Candidate> candidates) {
    List<Candidate> chosen =
        candidates.stream()
            .sorted(Comparator.comparing(Candidate::goesOn).reversed())
            .limit(search.numBeams())
            .toList();
    List<Beam> before = running;
    List<Beam> after = new ArrayList<>();
    Set<Integer> given = new HashSet<>();
    for (Candidate candidate : chosen) {
      KeyValueCache cache = before.get(candidate.beam()).cache();
      after.add(
          new Beam(
              ids(candidate),
              candidate.goesOn(),
              given.add(candidate.beam()) ? cache : cache.fork()));
    }
    for (int i = 0; i < before.size(); i++) {
      if (!given.contains(i)) {
        before.get(i).cache().close();
      }
    }
    running = after;
  }

  private int[] ids(Candidate candidate) {
    int[] ids = Arrays.copyOf(running.get(candidate.beam()).ids(), length + 1);
    ids[length] = candidate.id();
    return ids;
  }

  /** Whether the likeliest version might still be among the best texts. */
  private boolean canImprove() {
    boolean anyLength =
        search.earlyStopping() == BeamSearch.EarlyStopping.NEVER && search.lengthPenalty() > 0;
    float best =
        search.score(running.get(0).score(), (anyLength ? longest : length) - promptLength);
    float worst = ended.get(ended.size() - 1).score();
    return ended.stream().anyMatch(text -> best > (text.done() ? worst : OUT));
  }

  private void finish() {
    boolean byModel = tokenizer.stops().contains(last(ended.get(0).ids()));
    int[] written = written();
    completion =
        new Completion(
            tokenizer.decode(written),
            written.length,
            byModel ? FinishReason.EOS : FinishReason.LENGTH);
  }

  private static int last(int[] ids) {
    return ids[ids.length - 1];
  }

  @Override
  public Completion completion() {
    return completion;
  }

  /** Of the best text. */
  @Override
  public int[] written() {
    int[] ids = ended.get(0).ids();
    boolean ends = ids.length > promptLength && tokenizer.stops().contains(last(ids));
    return Arrays.copyOfRange(ids, promptLength, ids.length - (ends ? 1 : 0));
  }

  @Override
  public void close() {
    running.forEach(beam -> beam.cache().close());
  }
}
