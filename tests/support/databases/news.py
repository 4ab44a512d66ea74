"""Made-up news articles with the events in them, for databases of any shape."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, as an extractor reads it from an article."""

    type: str
    date: str
    place: str
    killed: int | None
    injured: int | None
    actor: str
    quote: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Story:
    """An article; ``number`` is its position, from 1."""

    number: int
    title: str
    url: str
    publisher: str
    published: str
    text: str
    happenings: tuple[Happening, ...]


def _story(number: int, title: str, publisher: str, published: str, text: str, *happenings: Happening) -> Story:
    host = publisher.lower().replace(" ", "-").removeprefix("the-")
    return Story(number, title, f"https://{host}.example/{number}", publisher, published, text, happenings)


STORIES = (
    _story(
        1,
        "Quake shakes Varnholt",
        "The Harbour Times",
        "2024-03-06",
        "A strong earthquake shook the town of Varnholt before dawn on 5 March 2024, killing 14 people and injuring 62,"
        " the civil defence office said. Walls fell in the old quarter, and the hospital moved its patients to the"
        " gymnasium of a school. Rescue teams with dogs searched the ruins until the evening.",
        Happening(
            "earthquake",
            "2024-03-05",
            "Varnholt",
            14,
            62,
            "civil defence office",
            "killing 14 people and injuring 62",
            0.91,
        ),
    ),
    _story(
        2,
        "Two attacks in one night",
        "The Border Post",
        "2024-04-13",
        "Gunmen of the River Front attacked a checkpoint at Kessary on 11 April 2024 and killed 3 soldiers, the army"
        " said. Hours later, on 12 April 2024, a bomb in the market of Dornau wounded 27 people; nobody claimed it at"
        " first, but police blamed the Black Lantern. The governor closed all roads to the north.",
        Happening(
            "armed_attack",
            "2024-04-11",
            "Kessary",
            3,
            None,
            "River Front",
            "attacked a checkpoint at Kessary on 11 April 2024 and killed 3 soldiers",
            0.84,
        ),
        Happening(
            "bombing",
            "2024-04-12",
            "Dornau",
            None,
            27,
            "Black Lantern",
            "a bomb in the market of Dornau wounded 27 people",
            0.77,
        ),
    ),
    _story(
        3,
        "Teachers fill the square",
        "Lindava Daily",
        "2024-05-17",
        "Thousands of teachers filled the main square of Lindava on 16 May 2024 to ask for higher wages. The Union of"
        " Teachers called the march. Police fired tear gas when it reached the ministry, and 9 people were hurt, the"
        " ambulance service said. Talks resume on Monday.",
        Happening("protest", "2024-05-16", "Lindava", None, 9, "Union of Teachers", "9 people were hurt", 0.68),
    ),
    _story(
        4,
        "Ferry sinks off Oster Island",
        "The Harbour Times",
        "2024-06-03",
        "A ferry with 80 passengers sank off Oster Island on 2 June 2024 after it hit a rock in thick fog. The coast"
        " guard recovered 21 bodies and pulled 48 injured passengers from the water. Its owner, the Blue Line, said"
        " that the ship had passed an inspection in spring.",
        Happening(
            "shipwreck",
            "2024-06-02",
            "Oster Island",
            21,
            48,
            "Blue Line",
            "The coast guard recovered 21 bodies",
            0.95,
        ),
    ),
    _story(
        5,
        "Fire at a paint works, and a march",
        "The Valley Paper",
        "2024-07-21",
        "A fire at a paint works in Maren on 19 July 2024 killed 5 workers of the night shift and injured 11, the fire"
        " brigade said. On 20 July 2024 relatives and the Green League marched in Tarn and asked for an inquiry; 2"
        " marchers were injured in a scuffle with guards of the works.",
        Happening("fire", "2024-07-19", "Maren", 5, 11, "fire brigade", "killed 5 workers of the night shift", 0.88),
        Happening(
            "protest", "2024-07-20", "Tarn", None, 2, "Green League", "2 marchers were injured in a scuffle", 0.59
        ),
    ),
    _story(
        6,
        "Landslide buries a road",
        "The Valley Paper",
        "2024-08-10",
        "A landslide buried the road between two villages near Holm on 9 August 2024. Eight people in a bus died and 17"
        " were injured, the Mountain Rescue said, and it expects more rain. The road will remain closed for a month.",
        Happening(
            "landslide",
            "2024-08-09",
            "Holm",
            8,
            17,
            "Mountain Rescue",
            "Eight people in a bus died and 17 were injured",
            0.73,
        ),
    ),
)
EVENTS = tuple((story, happening) for story in STORIES for happening in story.happenings)
"""Every event with its article, in order: eight events in six articles."""
