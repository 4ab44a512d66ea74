"""Turns an item of a JSON file into a row: objects stay; GeoJSON, SPARQL and Elasticsearch wrap theirs."""

from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.fitting import folded
from db.io.json_lines import json_type

_LATITUDES, _LONGITUDES = frozenset(("latitude", "lat", "y")), frozenset(("longitude", "lon", "lng", "long", "x"))


def as_row(item: Any, names: tuple[str, ...] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the row of an item, and names of what of it is not read. Raises InputError if it is no row."""
    if isinstance(item, list):
        return _of_list(item, names)
    if not isinstance(item, dict):
        raise InputError(f"must be an object, is {json_type(item)}; write one row per object, in braces")
    if item.get("type") == "Feature" and isinstance(item.get("properties"), dict | None):
        return _of_feature(item)
    if isinstance(item.get("_source"), dict) and "_id" in item:
        unread = tuple(f"key {key}" for key in item if key not in ("_id", "_source"))
        return {"_id": item["_id"], **item["_source"]}, unread
    if item and all(isinstance(cell, dict) and "value" in cell and "type" in cell for cell in item.values()):
        return {key: cell["value"] for key, cell in item.items()}, ()  # a result of SPARQL
    return item, ()


def _of_list(item: list[Any], names: tuple[str, ...]) -> tuple[dict[str, Any], tuple[str, ...]]:
    if names and len(item) != len(names):
        raise InputError(f"{len(item)} cells in a table of {len(names)} columns; add or remove cells")
    names = names or tuple(f"column_{number}" for number in range(1, len(item) + 1))
    return dict(zip(names, item, strict=True)), ()


def _of_feature(item: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    row = dict(item.get("properties") or {})
    unread = [f"key {key}" for key in item if key not in ("type", "properties", "geometry", "id")]
    known = {folded(key) for key in row}
    if "id" in item and "id" not in known:
        row = {"id": item["id"], **row}
    geometry = item.get("geometry")
    if isinstance(geometry, dict):
        place = geometry.get("coordinates")
        if geometry.get("type") == "Point" and isinstance(place, list) and len(place) >= 2:
            if not known & _LATITUDES and not known & _LONGITUDES:
                row |= {"latitude": place[1], "longitude": place[0]}
        else:
            unread.append(f"geometry ({geometry.get('type')})")
    return row, tuple(unread)
