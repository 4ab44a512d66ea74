"""A small database of another program: attacks, the articles that they are from, and visits of people."""

import sqlite3
from contextlib import closing
from pathlib import Path

BODY = "On the morning of 3 May {n} soldiers of the Northern Army were killed at the bridge of {place}, they say."
SUMMARY = "A short summary of what the newspaper wrote that day about the war and about the people who live there now."
PLACES = ("Brod", "Lesna", "Kessary", "Dornau", "Varnholt", "Malin")


def write_attacks(path: Path, *, texts: bool = True, title: str = "News of {place}") -> None:
    """Create the database. ``texts``: False for attacks without articles."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executescript(
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, url TEXT UNIQUE, title TEXT, body TEXT, summary TEXT);"
            "CREATE TABLE attacks (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles, page TEXT,"
            " killed INTEGER, place TEXT);"
            "CREATE TABLE visits (nr INTEGER PRIMARY KEY, article INTEGER REFERENCES articles, person TEXT, town TEXT);"
        )
        for number, place in enumerate(PLACES, 1):
            body, url = BODY.format(n=number + 20, place=place), f"https://example.org/{number}"
            values = (number, url, title.format(place=place), body, SUMMARY)
            if texts:
                connection.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", values)
            connection.execute("INSERT INTO attacks VALUES (?, ?, ?, ?, ?)", (number, number, url, number + 20, place))
            connection.execute("INSERT INTO visits VALUES (?, ?, ?, ?)", (number, number, "Ana Ruiz", place))
        connection.commit()
