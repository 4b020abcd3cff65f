"""The demo's small world: who writes to a shop, about what, and in which words.

A Letter is what happened; letter() words it as the customer does, note() as a clerk who retells it, line() in one sentence, and ticket() as
the line of fields that the demo teaches. Everything is drawn from the generator that is passed in.
"""

from dataclasses import dataclass

FIRST_NAMES = (
    "Ada Alma Anton Arne Bela Berta Bruno Carl Clara Dora Edgar Elena Emil Enno Erika Fay Felix Finn Frida Georg Greta "
    "Gustav Hana Hanno Helga Henrik Ida Ilse Ivo Jana Jasper Jonas Karin Klara Lars Lena Leo Linus Lotte Mara Marius "
    "Mathilde Mila Moritz Nils Nora Olga Oskar Otto Paula Pia Rasmus Rosa Ruben Selma Simon Sofie Sven Thea Tilda Tim "
    "Ulla Vera Viktor"
).split()
LAST_NAMES = (
    "Adler Amsel Bach Bauer Berg Brandt Busch Dahl Dietz Ebert Falk Feld Fink Forster Fuchs Gerber Graf Haas Hagen "
    "Hahn Hansen Hartmann Heller Holm Jansen Kaiser Keller Klein Koch Kramer Kranz Lang Lind Lorenz Maier Moser Nagel "
    "Olsen Ott Peters Pohl Rabe Reuter Ritter Roth Sander Schell Seidel Sommer Stein Stern Storm Thoma Ulrich Vogel "
    "Voss Wagner Walter Weber Wendt Winter Wolff Zander Ziegler"
).split()
CITIES = (
    "Aachen Basel Bergen Berlin Bern Bonn Bremen Brno Celle Dresden Emden Erfurt Essen Fulda Genf Ghent Graz Halle "
    "Hanau Jena Kassel Kiel Krakow Leiden Leipzig Linz Lund Luzern Mainz Malmo Minden Oslo Passau Potsdam Prag Riga "
    "Rostock Salzburg Siegen Speyer Stade Trier Turku Ulm Utrecht Vaduz Weimar Wien Worms Zug"
).split()
COLOURS = "black blue brown copper golden green grey orange pink purple red silver striped white wooden yellow".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()

# What is sold, and what can go wrong with it or right, by kind.
OBJECTS = {
    "kitchen": "kettle teapot pan toaster mixer oven grill cooker".split(),
    "light": "lamp torch lantern candle".split(),
    "clothing": "coat jacket scarf dress hat sweater raincoat".split(),
    "bag": "bag suitcase backpack purse basket".split(),
    "machine": "radio clock phone camera printer drill fan heater".split(),
    "furniture": "chair table shelf sofa desk mirror stool".split(),
    "toy": "kite drum puppet train robot".split(),
    "outdoor": "tent bicycle ladder bucket shovel hammock".split(),
}
BAD = {
    "kitchen": ["it leaks", "it does not get hot", "the handle broke off", "it burns everything", "the lid does not fit"],
    "light": ["it does not light up", "it went out on the first evening", "it flickers", "the glass was cracked"],
    "clothing": ["it is too small", "it is torn", "a button is missing", "it lost its colour in the rain", "it itches"],
    "bag": ["the zip is stuck", "the strap broke", "it has a hole", "it smells bad"],
    "machine": ["it does not start", "it is far too loud", "it stopped after a day", "the screen is cracked"],
    "furniture": ["it wobbles", "a leg is missing", "it is scratched", "it fell apart", "the screws do not fit"],
    "toy": ["it broke on the first day", "one part is missing", "the paint comes off"],
    "outdoor": ["it is rusty", "it lets the rain in", "it broke in the garden", "the rope is too short"],
}
BAD_ANYWHERE = [
    "I am very disappointed", "it is not what I ordered", "it arrived broken", "I am not happy with it", "it is of no use",
    "the quality is poor", "I regret that I bought it",
]
GOOD = [
    "it works very well", "I like it very much", "it is even better than I hoped", "my whole family loves it",
    "I use it every day", "I am very happy with it", "it is beautiful", "the quality is excellent", "it was a good choice",
    "everybody admires it", "it makes me smile", "I could not be more pleased",
]
WISHES = {
    "refund": [
        "Please give me my money back.", "I want my money back.", "Please return the money to me.",
        "I would like to get the money back.", "Please pay me back what I paid.",
    ],
    "exchange": [
        "Please send me a new one.", "Could you exchange it?", "I would like a new one instead.",
        "Please change it for another one.", "Please replace it soon.",
    ],
    "repair": [
        "Can you repair it?", "Please mend it.", "I hope that somebody can fix it.", "I would like to have it repaired.",
        "Could your workshop look at it and fix it?",
    ],
    "call": [
        "Please call me.", "Could somebody phone me?", "I would like to talk to you on the phone.",
        "I am waiting for your call.", "Please ring me up in the evening.",
    ],
    "nothing": [
        "You need not answer.", "There is nothing to do for you.", "I only wanted to tell you.", "No answer is needed.",
        "That is all that I wanted to say.",
    ],
}
NOTED_WISHES = {
    "refund": ["wants the money back", "asks for a refund", "would like to get a refund"],
    "exchange": ["wants a new one", "asks for an exchange", "would like to exchange it"],
    "repair": ["wants it repaired", "asks for a repair", "would like a repair"],
    "call": ["wants to be called", "asks for a call", "would like a phone call"],
    "nothing": ["wants nothing", "asks for nothing", "needs no answer"],
}
FIELDS = ("customer", "city", "product", "price", "mood", "wish")
NOTED_MOODS = {
    "happy": ["is happy", "is happy with it", "is pleased with it"],
    "angry": ["is angry", "is angry about it", "is not pleased with it"],
}


@dataclass(frozen=True)
class World:
    """The words that may be drawn from; the demo keeps some of them for the held-out letters."""

    first_names: list
    last_names: list
    cities: list
    objects: list  # of (kind, object)

    @staticmethod
    def whole():
        return World(FIRST_NAMES, LAST_NAMES, CITIES, [(kind, o) for kind in OBJECTS for o in OBJECTS[kind]])

    def split(self, random, share):
        """Two worlds without a common name, city or object; the second has that share of each."""
        parts = []
        for words in (self.first_names, self.last_names, self.cities, self.objects):
            words = random.sample(words, len(words))
            cut = round(len(words) * share)
            parts.append((sorted(words[cut:]), sorted(words[:cut])))
        return World(*(kept for kept, _ in parts)), World(*(held for _, held in parts))


@dataclass(frozen=True)
class Letter:
    customer: str
    city: str
    product: str
    price: int
    mood: str
    wish: str
    kind: str


def draw(random, world):
    """What a letter is about."""
    kind, thing = random.choice(world.objects)
    mood = random.choice(("happy", "angry"))
    wish = random.choice(("call", "nothing", "nothing") if mood == "happy" else ("refund", "exchange", "repair", "call"))
    return Letter(
        customer=person(random, world),
        city=random.choice(world.cities),
        product=f"{random.choice(COLOURS)} {thing}",
        price=random.randint(3, 99),
        mood=mood,
        wish=wish,
        kind=kind,
    )


def person(random, world):
    return f"{random.choice(world.first_names)} {random.choice(world.last_names)}"


def product(random, world):
    return f"{random.choice(COLOURS)} {random.choice(world.objects)[1]}"


def article(words):
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def sentence(words):
    return words[0].upper() + words[1:] + ("" if words[-1] in ".?!" else ".")


def letter(random, world, facts, asides=0.5):
    """The customer's words; that share of letters has another person, place or thing in it that is beside the point."""
    parts = []
    signed = random.random() < 0.4
    if not signed:
        parts.append(
            random.choice(
                (
                    "My name is {0} and I live in {1}.",
                    "This is {0} from {1}.",
                    "I am {0} and I write to you from {1}.",
                    "Here writes {0}, from {1}.",
                )
            ).format(facts.customer, facts.city)
        )
    middle = [bought(random, facts)]
    if random.random() < asides:
        aside = beside_the_point(random, world, facts)
        middle.insert(random.randrange(2), aside)
    parts += middle
    parts.append(experience(random, facts))
    parts.append(random.choice(WISHES[facts.wish]))
    greeting = random.choice(("Hello.", "Good morning.", "Good evening.", "Dear shop.", "Dear Sir or Madam.", ""))
    if greeting:
        parts.insert(0, greeting)
    if signed:
        parts.append(
            random.choice(("Kind regards, {0}, {1}", "Yours, {0} in {1}", "{0}, {1}", "Best wishes from {1}, {0}")).format(
                facts.customer, facts.city
            )
        )
    return " ".join(parts)


def bought(random, facts):
    day = random.choice((f"On {random.choice(DAYS)}", f"In {random.choice(MONTHS)}", "Last week", "Yesterday"))
    return random.choice(
        (
            "{d} I bought {a} for {n} euros.",
            "{d} I ordered {a}, which cost {n} euros.",
            "{d} I paid {n} euros for {a}.",
            "I have {a} from your shop. It cost {n} euros.",
            "You sold me {a} for {n} euros.",
        )
    ).format(d=day, a=article(facts.product), n=facts.price)


def experience(random, facts):
    if facts.mood == "happy":
        phrases = random.sample(GOOD, random.choice((1, 1, 2)))
    else:
        phrases = random.sample(BAD[facts.kind] + BAD_ANYWHERE, random.choice((1, 1, 2)))
    return sentence(" and ".join(phrases))


def beside_the_point(random, world, facts):
    return random.choice(
        (
            "My neighbour {p} told me about you.",
            "My friend {p} has {a}.",
            "I grew up in {c}.",
            "My sister {p} lives in {c}.",
            "Before that I had {a}, which was {n} years old.",
            "Next month I shall travel to {c}.",
            "I had seen {a} too.",
            "The shop in {c} had none.",
        )
    ).format(p=person(random, world), a=article(product(random, world)), c=random.choice(world.cities), n=random.randint(3, 99))


def note(random, facts, fields=FIELDS):
    """A clerk's retelling in plain sentences of any order: of these fields, or of most of them."""
    clauses = {
        "customer": [f"The customer {facts.customer} wrote it.", f"The letter came from {facts.customer}.",
                     f"The customer is {facts.customer}."],
        "city": [f"The city {facts.city} is named.", f"It came from {facts.city}.", f"The city is {facts.city}."],
        "product": [f"The product {facts.product} was bought.", f"It is about {article(facts.product)}.",
                    f"The product is {article(facts.product)}."],
        "price": [f"The price {facts.price} was paid.", f"It cost {facts.price} euros.", f"The price is {facts.price} euros."],
        "mood": [f"The writer {random.choice(NOTED_MOODS[facts.mood])}.", f"The mood is {facts.mood}."],
        "wish": [f"The writer {random.choice(NOTED_WISHES[facts.wish])}.", f"The wish is {facts.wish}."],
    }
    chosen = random.sample(fields, len(fields) - (random.random() < 0.3 and len(fields) > 2))
    return " ".join(random.choice(clauses[field]) for field in chosen)


def line(random, world, facts):
    """One sentence about a letter's facts, and a note of what it says; short, so that reading is learned from it first."""
    told, fields = random.choice(
        (
            ("{0} from {1} bought {2} for {3} euros.", ("customer", "city", "product", "price")),
            ("In {1} {0} paid {3} euros for {2}.", ("customer", "city", "product", "price")),
            ("{0} lives in {1}.", ("customer", "city")),
            ("{0} writes about {2}.", ("customer", "product")),
            ("Somebody in {1} paid {3} euros.", ("city", "price")),
            ("I bought {2} for {3} euros.", ("product", "price")),
        )
    )
    told = told.format(facts.customer, facts.city, article(facts.product), facts.price)
    return f"{told}\nNote: {note(random, facts, fields)}"


def ticket(facts):
    """What the demo teaches: all of the letter's facts in one line."""
    return (
        f"customer: {facts.customer}; city: {facts.city}; product: {facts.product}; price: {facts.price}; "
        f"mood: {facts.mood}; wish: {facts.wish}"
    )


def story(random, world):
    """Plain sentences about several people and things, and questions that they answer."""
    people = [person(random, world) for _ in range(random.choice((2, 3)))]
    told, asked = [], []
    for name in people:
        first = name.split()[0]
        city, thing, price = random.choice(world.cities), product(random, world), random.randint(3, 99)
        told.append(
            random.choice(
                (
                    f"{name} lives in {city} and has {article(thing)}, which cost {price} euros.",
                    f"In {city} {name} bought {article(thing)} for {price} euros.",
                    f"{name} went to {city} and sold {article(thing)} for {price} euros.",
                    f"{name} from {city} paid {price} euros for {article(thing)}.",
                )
            )
        )
        asked += [
            f"Which city belongs to {name}? {city}.",
            f"Who has to do with {city}? {name}.",
            f"What does {first} have to do with? {sentence(article(thing))}",
            f"Whose is the {thing}? It belongs to {name}.",
            f"How much was the {thing}? The price was {price} euros.",
            f"Who is {first}? The customer {name}.",
        ]
    random.shuffle(told)
    return " ".join(told + random.sample(asked, 4))


def shop(random, world):
    """A shop's goods, read out and then read back; also lists with colons and semicolons, of other things."""
    city = random.choice(world.cities)
    goods = [(product(random, world), random.randint(3, 99)) for _ in range(random.choice((2, 3, 4)))]
    opened = f"The shop in {city} opens on {random.choice(DAYS)}. It sells "
    listed = ", ".join(f"{article(thing)} for {price} euros" for thing, price in goods)
    back = random.choice(
        (
            "Goods: " + "; ".join(thing for thing, _ in goods) + ".",
            "Prices: " + "; ".join(f"{thing.split()[1]} {price}" for thing, price in goods) + ".",
            " ".join(f"The {thing} costs {price} euros." for thing, price in random.sample(goods, len(goods))),
        )
    )
    return f"{opened}{listed}. {back} The city is {city}."
