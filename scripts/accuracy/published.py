"""Figures that others published, with what each method was given: read, and compared with ours.

They are kept in ``published.toml``, whose first lines describe the fields.
"""

from __future__ import annotations

import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reports import markdown_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    Ours = Callable[[str, str, int], float]
    """From a set, a measure and a number of labels to the figure of this package in %."""

__all__ = [
    "PUBLISHED",
    "UNITS",
    "Figure",
    "Method",
    "Published",
    "Source",
    "gaps",
    "published_lines",
]

PUBLISHED = Path(__file__).with_suffix(".toml")
UNITS: dict[str, Callable[[float], float]] = {
    "percent right": lambda printed: printed,
    "share right": lambda printed: 100 * printed,
    "percent wrong": lambda printed: 100 - printed,
}
"""From what is printed in a source to % right, by the unit it is printed in."""


@dataclass(frozen=True)
class Source:
    """Where figures were read."""

    authors: str
    year: str
    title: str
    url: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). [{self.title}]({self.url})"


@dataclass(frozen=True)
class Figure:
    """A figure as a source prints it, and the number of labels of ours that it stands against."""

    set: str
    printed: str
    unit: str
    measure: str
    ours: int
    tested: str
    place: str
    quote: str
    spread: str
    about: bool = False

    @property
    def percent(self) -> float:
        """The figure in % right."""
        return UNITS[self.unit](float(self.printed))

    def __str__(self) -> str:
        measure = "" if self.measure == "accuracy" else f" {self.measure}"
        figure = f"about {self.percent:.0f}" if self.about else f"{self.percent:.1f}"
        return f"{figure}{measure}"


@dataclass(frozen=True)
class Method:
    """A method, what it was given, and its figures."""

    name: str
    source: str
    labels: str
    words: str
    texts: str
    start: str
    hardware: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Published:
    """The content of ``published.toml``."""

    read: date
    left_out: tuple[str, ...]
    sources: Mapping[str, Source]
    methods: tuple[Method, ...]

    @classmethod
    def load(cls, path: Path = PUBLISHED) -> Published:
        """Read a file; ``TypeError`` where a field is missing or unknown."""
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        sources = {key: Source(**fields) for key, fields in content.pop("sources").items()}
        methods = tuple(_method(fields) for fields in content.pop("methods"))
        left_out = tuple(content.pop("left_out"))
        return cls(sources=sources, methods=methods, left_out=left_out, **content)

    def figures(self) -> Iterator[tuple[Method, Figure]]:
        """Yield the figures with their methods, set by set."""
        pairs = [(method, figure) for method in self.methods for figure in method.figures]
        for name in dict.fromkeys(figure.set for _, figure in pairs):
            yield from ((method, figure) for method, figure in pairs if figure.set == name)


def _method(fields: dict[str, Any]) -> Method:
    figures = tuple(Figure(**figure) for figure in fields.pop("figures"))
    return Method(figures=figures, **fields)


def published_lines(published: Published, ours: Ours) -> Iterator[str]:
    """Write a table for each set, what each method was given, and the figures above ours.

    Parameters
    ----------
    published
        The figures.
    ours
        Figures of this package.
    """
    pairs = list(published.figures())
    yield from _losses(pairs, ours)
    for name in dict.fromkeys(figure.set for _, figure in pairs):
        yield from ("", f"### {name}", "")
        chosen = [(method, figure) for method, figure in pairs if figure.set == name]
        rows = [_row(published, method, figure, ours) for method, figure in chosen]
        header = ["method", "labels", "figure", "this package", "difference", "note"]
        yield from markdown_table(header, rows, left=2)
    yield from ("", "### Notes to the published figures", "")
    for number, method in enumerate(published.methods, 1):
        yield from _note(number, method, published.sources[method.source])


def _row(published: Published, method: Method, figure: Figure, ours: Ours) -> list[str]:
    own = ours(figure.set, figure.measure, figure.ours)
    labels = method.labels.partition(" (")[0]
    note = f"{published.methods.index(method) + 1}"
    difference = f"{own - figure.percent:+.1f}"
    return [method.name, labels, str(figure), f"{own:.1f} ({figure.ours:,})", difference, note]


def gaps(pairs: list[tuple[Method, Figure]], ours: Ours) -> list[tuple[float, Method, Figure]]:
    """Return by how many points each published figure is above ours, with the figure."""
    return [(f.percent - ours(f.set, f.measure, f.ours), method, f) for method, f in pairs]


def _losses(pairs: list[tuple[Method, Figure]], ours: Ours) -> Iterator[str]:
    lost = sorted((row for row in gaps(pairs, ours) if row[0] > 0), key=lambda row: -row[0])
    yield f"{len(lost)} of the {len(pairs)} published figures are above ours, largest gap first:"
    yield ""
    for gap, method, figure in lost:
        text = f"- {figure.set}: {method.name}, by {gap:.1f} points. Labels: {method.labels}; "
        text += f"starts from: {method.start}; hardware: {method.hardware}"
        yield from textwrap.wrap(text, 100, subsequent_indent="  ", break_on_hyphens=False)


def _note(number: int, method: Method, source: Source) -> Iterator[str]:
    start = f"{number}. "
    inside = " " * len(start)
    yield f"{start}**{method.name}.** {source}"
    yield ""
    given = {"labels": method.labels, "seed words or classes": method.words}
    given |= {"unlabelled texts": method.texts, "starts from": method.start}
    given["hardware"] = method.hardware
    yield from (f"{inside}- {what}: {value}" for what, value in given.items())
    for figure in method.figures:
        yield f"{inside}- {figure.set}: {_code(figure.quote)}, {figure.place};"
        yield f"{inside}  tested on: {figure.tested}; spread: {figure.spread}"
    yield ""


def _code(quote: str) -> str:
    """Return a quote as code, which Markdown shows as it stands, with single spaces."""
    text = " ".join(quote.split())
    return f"`` {text} ``" if "`" in text else f"`{text}`"
