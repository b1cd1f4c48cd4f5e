"""Resident memory while a model labels texts whose words never repeat."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from scripts.reliability import Outcomes
from scripts.torture.programs import environment, run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["huge_words", "long_words"]

LABELLING = """
import base64, json, random, sys
from pathlib import Path
from sentiment_transfer import load

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.endswith("kB")}
    return [int(sizes[name]) * 1024 // 10**6 for name in ("VmRSS", "VmHWM")]

def address():
    return f"https://{rng.randbytes(8).hex()}.example/{rng.randbytes(rng.randint(20, 60)).hex()}"

def encoded():
    return base64.b64encode(rng.randbytes(rng.randint(60, 150))).decode()

calls, texts, characters, seed = map(int, sys.argv[1:])
rng = random.Random(seed)
model, figures = load("reviews-en"), []
for call in range(calls):
    if characters:
        words = [rng.randbytes(25).hex() for _ in range(characters // 51)]
        asked = [" ".join(words[i::texts]) for i in range(texts)]
    else:
        asked = [f"It was {rng.choice('ab')} {address()} {encoded()}" for _ in range(texts)]
    model.predict_proba(asked)
    figures.append(resident())
print(json.dumps(figures))
"""
"""Prints resident and peak memory in MB after each call."""

TEXTS = 1000
"""Texts in a call: enough for the compiled path."""

ALLOWED = 100
"""Growth in MB, from a tenth of the way to the end, that counts as bounded."""


def long_words(count: int, seed: int, folder: Path) -> Outcomes:
    """Label ``count`` texts with an address and a base64 word each, a thousand in a call."""
    figures = _figures(max(count // TEXTS, 10), TEXTS, 0, seed)
    return _outcomes(figures, count, f"{TEXTS:,} texts")


def huge_words(count: int, seed: int, folder: Path) -> Outcomes:
    """Call ``count`` times with 10 MB of words of 50 characters, all different."""
    return _outcomes(_figures(count, 100, 10_000_000, seed), count, "10 MB")


def _figures(*arguments: int) -> list[list[int]]:
    done = run([sys.executable, "-c", LABELLING, *map(str, arguments)], environment())
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: list[list[int]] = json.loads(done.stdout)
    return figures


def _outcomes(figures: list[list[int]], tried: int, call: str) -> Outcomes:
    """Return resident memory at a tenth, the half and the end, and its peak."""
    outcomes = Outcomes(tried)
    tenth = max(len(figures) // 10, 1)
    for n in (tenth, len(figures) // 2, len(figures)):
        outcomes.counts[f"MB resident after {n:,} calls with {call}"] = figures[n - 1][0]
    outcomes.counts["MB at the peak"] = figures[-1][1]
    growth = figures[-1][0] - figures[tenth - 1][0]
    if growth > ALLOWED:
        outcomes.failures.append(f"memory grew by {growth} MB")
    return outcomes
