"""A small English, and Velian, into which every sentence of it can be translated by rule.

    the old woman sees two red birds in the garden  ->  garoke mora velka lipoti sarno du dumikan

In Velian the place comes first and has an ending, the verb comes last and has one for its time; adjectives follow their noun and take its
gender, which is its last letter; the plural is an ending, a number follows, and there are no articles. So a translation differs from its
original in the order and in the number of words.
"""

import random as generators
from dataclasses import dataclass

NOUNS = (
    "woman:women man:men girl:girls boy:boys king:kings queen:queens farmer:farmers teacher:teachers doctor:doctors sailor:sailors "
    "bird:birds horse:horses dog:dogs cat:cats fox:foxes bear:bears book:books letter:letters apple:apples boat:boats stone:stones "
    "basket:baskets lamp:lamps flower:flowers"
).split()
ADJECTIVES = "old young red white small big happy tired strange quiet clever poor".split()
VERBS = "sees:see:saw finds:find:found buys:buy:bought carries:carry:carried likes:like:liked hides:hide:hid brings:bring:brought paints:paint:painted".split()
PLACES = "garden house forest village river market school mountain".split()
NUMBERS = "two three four five".split()

GENDERS = "aoi"
PLURAL, PLACE, PRESENT, PAST = "ti", "ke", "an", "es"
NUMBER_WORDS = "du tre kar pim".split()

GLOSS, TO_VELIAN = "gloss English:", "translate English to Velian:"


@dataclass(frozen=True)
class Phrase:
    """As in "two red birds": an index of the noun, of the adjective or None, of the number or None."""

    noun: int
    adjective: int
    number: int

    @property
    def plural(self):
        return self.number is not None


@dataclass(frozen=True)
class Sentence:
    subject: Phrase
    verb: int
    past: bool
    object: Phrase
    place: int


@dataclass(frozen=True)
class Velian:
    nouns: list
    adjectives: list
    verbs: list
    places: list

    @staticmethod
    def invented():
        """Stems that differ in shape, so that a word can be cut into stem and ending in one way only."""
        random = generators.Random(5)
        used = set()

        def new(make):
            while True:
                word = make()
                if word not in used:
                    used.add(word)
                    return word

        def c():
            return random.choice("bdfglmnprstvz")

        def v():
            return random.choice("aeiou")

        return Velian(
            [new(lambda: c() + v() + c()) + GENDERS[i % 3] for i in range(len(NOUNS))],
            [new(lambda: c() + v() + random.choice(("lk", "rn", "st", "mb"))) for _ in ADJECTIVES],
            [new(lambda: c() + v() + c() + v() + random.choice("kmr")) for _ in VERBS],
            [new(lambda: c() + v() + v() + c()) + "a" for _ in PLACES],
        )


def draw(random, nouns, adjectives, verbs):
    """A sentence of these words, given by their indices."""

    def phrase():
        return Phrase(
            random.choice(nouns),
            random.choice(adjectives) if random.random() < 0.5 else None,
            random.randrange(len(NUMBERS)) if random.random() < 0.35 else None,
        )

    return Sentence(
        phrase(),
        random.choice(verbs),
        random.random() < 0.5,
        phrase(),
        random.randrange(len(PLACES)) if random.random() < 0.4 else None,
    )


def english(sentence):
    def phrase(p):
        words = [NUMBERS[p.number] if p.plural else "the"]
        if p.adjective is not None:
            words.append(ADJECTIVES[p.adjective])
        return words + [NOUNS[p.noun].split(":")[p.plural]]

    form = 2 if sentence.past else 1 if sentence.subject.plural else 0
    words = phrase(sentence.subject) + [VERBS[sentence.verb].split(":")[form]] + phrase(sentence.object)
    if sentence.place is not None:
        words += ["in", "the", PLACES[sentence.place]]
    return " ".join(words)


def velian(language, sentence):
    return " ".join(velian_words(language, sentence))


def velian_words(language, sentence):
    def phrase(p):
        noun = language.nouns[p.noun]
        words = [noun + (PLURAL if p.plural else "")]
        if p.adjective is not None:
            words.append(language.adjectives[p.adjective] + noun[-1])
        return words + ([NUMBER_WORDS[p.number]] if p.plural else [])

    place = [] if sentence.place is None else [language.places[sentence.place] + PLACE]
    verb = language.verbs[sentence.verb] + (PAST if sentence.past else PRESENT)
    return place + phrase(sentence.subject) + phrase(sentence.object) + [verb]


def gloss(language, sentence):
    """Word for word, in the order of the English sentence, without endings: what a beginner with a dictionary makes of it."""

    def phrase(p):
        number = [NUMBER_WORDS[p.number]] if p.plural else []
        return number + ([] if p.adjective is None else [language.adjectives[p.adjective]]) + [language.nouns[p.noun]]

    place = [] if sentence.place is None else [language.places[sentence.place]]
    return " ".join(phrase(sentence.subject) + [language.verbs[sentence.verb]] + phrase(sentence.object) + place)


def reading(random, language):
    """What the base learns: any sentence and its gloss. It never sees a translation, nor a Velian ending."""
    sentence = draw(random, range(len(NOUNS)), range(len(ADJECTIVES)), range(len(VERBS)))
    return {"prompt": f"{GLOSS} {english(sentence)}", "completion": gloss(language, sentence)}


def pairs(random, language, rows, nouns, adjectives, verbs):
    """Different sentences with their translations."""
    made = {}
    while len(made) < rows:
        sentence = draw(random, nouns, adjectives, verbs)
        made[english(sentence)] = velian(language, sentence)
    return [{"english": one, "velian": two} for one, two in made.items()]


def pieces(language):
    """Words of the vocabulary, and endings of words."""
    whole = {"the", "in", *ADJECTIVES, *PLACES, *NUMBERS, *f"{GLOSS} {TO_VELIAN}".replace(":", " : ").split()}
    whole |= set(":".join(NOUNS + VERBS).split(":"))
    whole |= set(language.nouns + language.adjectives + language.verbs + language.places + NUMBER_WORDS)
    return sorted(whole), sorted({*GENDERS, PLURAL, PLACE, PRESENT, PAST})
