"""The page results/studio.md, of which each script writes its own part."""

from __future__ import annotations

import re

from scripts.reports import RESULTS

__all__ = ["write_part"]

PAGE = RESULTS / "studio.md"
PARTS = {
    "speed": "## From a key to a new model",
    "kills": "## What a kill loses",
}
TITLE = """# The studio

Written by `scripts/studio/speed.py` and `scripts/studio/kills.py`, against the real command in a
process of its own and a client on the same machine.
"""


def write_part(name: str, text: str) -> None:
    """Write one part of the page; the other stays as it is."""
    kept = _kept() | {name: text}
    parts = [f"\n{heading}\n\n{kept[part]}" for part, heading in PARTS.items() if part in kept]
    PAGE.write_text(TITLE + "".join(parts), encoding="utf-8")


def _kept() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = {}
    for name, heading in PARTS.items():
        pattern = rf"(?ms)^{re.escape(heading)}\n\n(.*?)(?=^## |\Z)"
        match = re.search(pattern, text)
        if match is not None:
            found[name] = match[1].rstrip() + "\n"
    return found
