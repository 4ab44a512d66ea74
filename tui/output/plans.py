"""Prints plans: how SQLite databases would be read, and how to import by another plan."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from db.sources.plan import Plan
from db.sources.plan_toml import plan_json, to_toml
from tui.text.safe import safe


def print_plans(desk: Path, plans: Mapping[str, Plan], *, as_json: bool) -> None:
    """Print plans as TOML with their reasons as comments, or as JSON: an object for one database, otherwise a list."""
    if as_json:
        found = [plan_json(plan) for plan in plans.values()]
        print(json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=2))
        return
    for name, plan in plans.items():
        command = shlex.join(("eventdesk", "import", str(desk), name, "--mapping", "plan.toml"))
        print(safe(f"# How {name} is read. To change it, save this as plan.toml, edit it, and run:"))
        print(safe(f"#   {command}"))
        print(safe(f"\n{to_toml(plan, comments=True)}", keep_newlines=True))
