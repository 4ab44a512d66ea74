"""Databases without events, which must be declined with what was looked for."""

from pathlib import Path

from support.databases.names import DJANGO
from support.databases.news import STORIES
from support.databases.sample import Sample, with_sql


def _chinook(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE "artists" ("ArtistId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "Name" NVARCHAR(120));
        CREATE TABLE "albums" (
          "AlbumId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "Title" NVARCHAR(160) NOT NULL,
          "ArtistId" INTEGER NOT NULL REFERENCES "artists" ("ArtistId")
        );
        CREATE TABLE "media_types" ("MediaTypeId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "Name" NVARCHAR(120));
        CREATE TABLE "tracks" (
          "TrackId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "Name" NVARCHAR(200) NOT NULL,
          "AlbumId" INTEGER REFERENCES "albums" ("AlbumId"),
          "MediaTypeId" INTEGER NOT NULL REFERENCES "media_types" ("MediaTypeId"), "Composer" NVARCHAR(220),
          "Milliseconds" INTEGER NOT NULL, "Bytes" INTEGER, "UnitPrice" NUMERIC(10,2) NOT NULL
        );
        CREATE TABLE "customers" (
          "CustomerId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "FirstName" NVARCHAR(40) NOT NULL,
          "LastName" NVARCHAR(20) NOT NULL, "City" NVARCHAR(40), "Country" NVARCHAR(40), "Email" NVARCHAR(60) NOT NULL
        );
        CREATE TABLE "invoices" (
          "InvoiceId" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
          "CustomerId" INTEGER NOT NULL REFERENCES "customers" ("CustomerId"), "InvoiceDate" DATETIME NOT NULL,
          "BillingCity" NVARCHAR(40), "BillingCountry" NVARCHAR(40), "Total" NUMERIC(10,2) NOT NULL
        );
        """,
        artists=[(1, "The Tin Drums"), (2, "Marta Vey")],
        albums=[(1, "Songs of the Harbour", 1), (2, "Late Trains", 2)],
        media_types=[(1, "MPEG audio file"), (2, "AAC audio file")],
        tracks=[(number, f"Track {number}", 1 + number % 2, 1, "M. Vey", 200000, 900, 0.99) for number in range(1, 9)],
        customers=[(1, "Ida", "Falk", "Bergen", "Norway", "ida@mail.example")],
        invoices=[
            (number, 1, f"2009-01-0{number} 00:00:00", "Bergen", "Norway", 1.98 + number) for number in range(1, 9)
        ],
    )


def _northwind(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE Categories (CategoryID INTEGER PRIMARY KEY, CategoryName TEXT, Description TEXT, Picture BLOB);
        CREATE TABLE Products (
          ProductID INTEGER PRIMARY KEY, ProductName TEXT NOT NULL,
          CategoryID INTEGER REFERENCES Categories(CategoryID),
          UnitPrice NUMERIC DEFAULT 0, Discontinued TEXT NOT NULL DEFAULT '0'
        );
        CREATE TABLE Employees (
          EmployeeID INTEGER PRIMARY KEY, LastName TEXT, FirstName TEXT, Title TEXT, BirthDate DATE, HireDate DATE,
          City TEXT, Notes TEXT, ReportsTo INTEGER REFERENCES Employees(EmployeeID)
        );
        CREATE TABLE Orders (
          OrderID INTEGER PRIMARY KEY, CustomerID TEXT, EmployeeID INTEGER REFERENCES Employees(EmployeeID),
          OrderDate DATETIME, ShippedDate DATETIME, Freight NUMERIC, ShipName TEXT, ShipCity TEXT, ShipCountry TEXT
        );
        CREATE TABLE "Order Details" (
          OrderID INTEGER NOT NULL REFERENCES Orders(OrderID),
          ProductID INTEGER NOT NULL REFERENCES Products(ProductID),
          UnitPrice NUMERIC, Quantity INTEGER, Discount REAL, PRIMARY KEY (OrderID, ProductID)
        );
        CREATE VIEW "Orders Qry" AS SELECT Orders.OrderID, Orders.ShipCity FROM Orders;
        """,
        Categories=[
            (
                1,
                "Beverages",
                "Soft drinks, coffees, teas, beers, and ales, also in small bottles and in cans",
                b"\x15\x1c",
            ),
            (2, "Condiments", "Sweet and savory sauces, relishes, spreads, and seasonings of all sorts", b"\x15\x1c"),
        ],
        Products=[(number, f"Tea {number}", 1, 18, "0") for number in range(1, 6)],
        Employees=[
            (
                number,
                name,
                "Ida",
                "Sales Representative",
                "1948-12-08",
                "1992-05-01",
                "Seattle",
                f"{name} studied psychology in Bergen and reads French, German and Norwegian. She joined the company"
                " as a sales representative and became a manager after three years.",
                None,
            )
            for number, name in enumerate(("Falk", "Holm", "Vey"), 1)
        ],
        Orders=[
            (10248 + number, "VINET", 1, "2016-07-04", "2016-07-16", 32.38, "Vins et alcools", "Reims", "France")
            for number in range(8)
        ],
        **{"Order Details": [(10248 + number, 1 + number % 5, 14, 12, 0.0) for number in range(8)]},
    )


def _django_alone(path: Path) -> None:
    with_sql(
        path,
        DJANGO,
        django_migrations=[(number, "auth", f"000{number}_initial", "2024-09-01 10:00:00") for number in range(1, 6)],
        django_content_type=[(1, "auth", "user"), (2, "admin", "logentry")],
        auth_user=[(1, "pbkdf2_sha256$1", "ana", "ana@paper.example", "2024-09-01")],
        django_admin_log=[
            (number, str(number), "ana", 1, '[{"added": {}}]', 1, 1, f"2024-09-01 1{number}:00:00")
            for number in range(1, 6)
        ],
        django_session=[("k" * 32, ".eJxVjEsOAiEQBe_C2hBA" * 9, "2024-10-01 00:00:00")],
    )


def _browser(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE urls (
          id INTEGER PRIMARY KEY AUTOINCREMENT, url LONGVARCHAR, title LONGVARCHAR,
          visit_count INTEGER DEFAULT 0 NOT NULL, typed_count INTEGER DEFAULT 0 NOT NULL,
          last_visit_time INTEGER NOT NULL,
          hidden INTEGER DEFAULT 0 NOT NULL
        );
        CREATE TABLE visits (
          id INTEGER PRIMARY KEY AUTOINCREMENT, url INTEGER NOT NULL, visit_time INTEGER NOT NULL, from_visit INTEGER,
          transition INTEGER DEFAULT 0 NOT NULL, segment_id INTEGER, visit_duration INTEGER DEFAULT 0 NOT NULL
        );
        CREATE TABLE keyword_search_terms (keyword_id INTEGER NOT NULL, url_id INTEGER NOT NULL, term LONGVARCHAR);
        CREATE TABLE meta (key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
        """,
        urls=[
            (
                story.number,
                f"{story.url}?a=" + "x" * 60,
                f"{story.title} - a newspaper of the harbour",
                3,
                1,
                13350000000000000,
                0,
            )
            for story in STORIES
        ],
        visits=[(number, 1 + number % 6, 13350000000000000 + number, 0, 805306368, 0, 1000) for number in range(1, 20)],
        keyword_search_terms=[(2, 1, "quake")],
        meta=[("version", "58")],
    )


def _only_texts(path: Path) -> None:
    with_sql(
        path,
        "CREATE TABLE news (id INTEGER PRIMARY KEY, title TEXT, content TEXT, url TEXT UNIQUE, published_at TIMESTAMP)",
        news=[(story.number, story.title, story.text, story.url, story.published) for story in STORIES],
    )


def _empty(path: Path) -> None:
    with_sql(path, "CREATE TABLE t (a); DROP TABLE t;")


SAMPLES = (
    Sample("chinook", _chinook, declined=("no events",)),
    Sample("northwind", _northwind, declined=("no events",)),
    Sample("django_alone", _django_alone, declined=("no events",)),
    Sample("browser_history", _browser, declined=("no events",)),
    Sample("only_texts", _only_texts, declined=("no events", "news", "--texts")),
    Sample("no_tables", _empty, declined=("no tables",)),
)
