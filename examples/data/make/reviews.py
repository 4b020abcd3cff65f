"""Reviews of a shop's goods, and which of them are kind.

Two halves of the vocabulary of praise, of blame and of goods: labelled reviews to train on are drawn from one, held-out ones from the
other, in other sentences. What a base model reads has no labels, but all words: so it can learn there which of them keep company.
"""

from dataclasses import dataclass

POSITIVE, NEGATIVE = "positive", "negative"

GOODS = (
    "kettle lamp coat radio chair kite tent pan clock scarf desk drum phone jacket mirror bag toaster torch hat camera sofa train "
    "ladder mixer candle dress printer shelf puppet bicycle"
).split()
PARTS = "handle colour lid button screen cable shape surface box battery size sound".split()
PEOPLE = "mother father sister brother neighbour friend uncle aunt daughter son colleague teacher".split()
PRAISE = (
    "good great lovely excellent wonderful superb reliable sturdy elegant useful beautiful delightful perfect charming splendid "
    "handy brilliant robust pleasant fantastic"
).split()
BLAME = (
    "bad poor ugly terrible awful useless flimsy fragile clumsy broken dreadful annoying faulty disappointing horrible "
    "shabby hopeless crooked nasty worthless"
).split()
LIKES = "loves likes enjoys praises admires recommends adores treasures".split()
DISLIKES = "hates dislikes regrets returned criticises avoids despises resents".split()
DEGREES = "very really quite rather truly simply".split()

# {g} goods, {p} a part of them, {w} a person, {a} an adjective with its degree, {v} a verb of liking.
TRAINING = (
    "the {g} is {a}",
    "my {w} {v} the {g}",
    "this {g} has a {a} {p}",
    "i find the {p} {a}",
    "{a} , as my {w} says",
    "the {w} of my {w2} {v} it",
)
HELD_OUT = (
    "what a {a} {g} we got",
    "everybody {v} this {g} here",
    "its {p} looks {a} to me",
    "we think that it is {a}",
    "our {w} {v} its {p}",
    "they sold us a {a} {g}",
)
NEUTRAL = (
    "i bought the {g} last week",
    "it came with a {p} and a {p2}",
    "the {g} stands in the room of my {w}",
    "my {w} and my {w2} use it",
    "there is a {g} and a {g2} in the shop",
    "we got it in the shop",
)


@dataclass(frozen=True)
class Words:
    goods: list
    praise: list
    blame: list
    likes: list
    dislikes: list

    @staticmethod
    def all():
        return Words(GOODS, PRAISE, BLAME, LIKES, DISLIKES)

    @staticmethod
    def halves():
        """Two vocabularies that share none of these words."""
        lists = (GOODS, PRAISE, BLAME, LIKES, DISLIKES)
        return Words(*(words[0::2] for words in lists)), Words(*(words[1::2] for words in lists))


def clause(random, words, templates, kind):
    return random.choice(templates).format(
        g=random.choice(words.goods),
        g2=random.choice(words.goods),
        p=random.choice(PARTS),
        p2=random.choice(PARTS),
        w=random.choice(PEOPLE),
        w2=random.choice(PEOPLE),
        a=adjective(random, words, kind),
        v=random.choice(words.likes if kind == POSITIVE else words.dislikes),
    )


def adjective(random, words, kind):
    """As in "very good"; one in five says the contrary of the contrary, as in "not ugly"."""
    told = random.choice(words.praise if kind == POSITIVE else words.blame)
    if random.random() < 0.2:
        return "not " + random.choice(words.blame if kind == POSITIVE else words.praise)
    return random.choice(DEGREES) + " " + told if random.random() < 0.4 else told


def review(random, words, templates, kind):
    """One or two opinions, and now and then a fact."""
    clauses = [clause(random, words, templates, kind) for _ in range(random.choice((1, 1, 2)))]
    if random.random() < 0.4:
        clauses.insert(random.randrange(2), clause(random, words, NEUTRAL, kind))
    return text(clauses)


def text(clauses):
    return " ".join(f"{clause[0].upper()}{clause[1:]}." for clause in clauses).replace(" ,", ",").replace(" i ", " I ")


def reading(random, words):
    """What somebody who is of one mind writes; "and" joins what is alike, as it does in any text."""
    kind = random.choice((POSITIVE, NEGATIVE))
    if random.random() < 0.5:
        return text([listing(random, words, kind)])
    clauses = [clause(random, words, TRAINING + HELD_OUT, kind) for _ in range(2)]
    clauses.insert(random.randrange(3), listing(random, words, kind))
    if random.random() < 0.3:
        clauses.insert(random.randrange(4), clause(random, words, NEUTRAL, kind))
    return text(clauses)


def listing(random, words, kind):
    """Three or four opinions at once."""
    told = random.sample(words.praise if kind == POSITIVE else words.blame, random.choice((3, 4)))
    liked = random.sample(words.likes if kind == POSITIVE else words.dislikes, 2)
    return random.choice(("the {g} is {a}", "our {w} {v} the {g} , it is {a}", "it is {a} , my {w} {v} it")).format(
        g=random.choice(words.goods),
        w=random.choice(PEOPLE),
        v=" and ".join(liked[: random.choice((1, 2))]),
        a=" , ".join(told[:-1]) + " and " + told[-1],
    )


def labelled(random, words, templates, rows):
    """Different reviews, as many of one kind as of the other."""
    made = {}
    while len(made) < rows:
        kind = (POSITIVE, NEGATIVE)[len(made) % 2]
        made.setdefault(review(random, words, templates, kind), kind)
    return [{"review": told, "label": kind} for told, kind in made.items()]
