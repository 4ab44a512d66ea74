"""Label Studio: values of tasks that are media and not texts."""

import json
from typing import Any

import pytest
from support.formats import read_records

from db.errors import InputError
from db.formats.label_studio.format import FORMAT
from db.formats.label_studio.texts import is_text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("image", "photos/my photo (1).jpg"),
        ("image", "my photo.PNG"),
        ("scan", "a folder/scan 1.tif"),
        ("text", "/srv/a folder/scan 1.jpg"),
        ("text", r"C:\My Files\scan 1.png"),
        ("x", "https://host/a b.jpg?token=1 2"),
        ("x", "https://host/a.jpg?X-Amz-Expires=3600&sig=%2F"),
        ("x", "data:image/png;base64,iVBORw0KGgo="),
        ("audio", "my call.wav"),
        ("x", "calls/my call.opus#t=10"),
        ("video", "/data/local-files/?d=my videos/a b.mp4"),
        ("x", "pages/index.html"),
        ("text", "$undefined$"),
    ],
)
def test_media_are_no_texts(key: str, value: str) -> None:
    assert not is_text(value, key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "He sent photo.jpg"),
        ("text", "The and/or of photo.jpg"),
        ("text", "https://example.org says so."),
        ("title", "See the data: image/png is a type"),
        ("text", "The file ends in .jpg, he said."),
    ],
)
def test_sentences_about_files_are_texts(key: str, value: str) -> None:
    assert is_text(value, key)


def _task(data: dict[str, Any], *results: dict[str, Any]) -> bytes:
    return json.dumps([{"id": 1, "data": data, "annotations": [{"id": 1, "result": list(results)}]}]).encode()


def test_a_key_with_boxes_is_an_image_whatever_its_value() -> None:
    box = {"id": "r", "type": "rectanglelabels", "from_name": "l", "to_name": "scan", "value": {"x": 1, "y": 1}}
    with pytest.raises(InputError, match="no text, only images"):
        read_records(FORMAT, _task({"scan": "page 7 of the ledger"}, box))
    (record,) = read_records(FORMAT, _task({"scan": "page 7 of the ledger", "caption": "A page of a ledger."}, box))
    assert isinstance(record.document, dict)
    assert record.document["text"] == "A page of a ledger."
    assert record.unread == ("result rectanglelabels", "key data.scan")
