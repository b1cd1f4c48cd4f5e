"""Measure the shares of groups that `report` shows: intervals, and clear differences.

    python -m scripts.accuracy.overview --half choosing     the sets that chose the settings
    python -m scripts.accuracy.overview --half reporting    other sets, which chose nothing
    python -m scripts.accuracy.overview --report            the page from the runs there are

Phrases are measured by the labels of the texts that hold them as they are spelt, which neither the
model nor the ranking sees: is the share of a side higher there than in all texts?

A file of texts is drawn with groups of 25 to 500 texts, whose shares of positive texts differ, or
in every second file are equal. Groups are of one set of texts, or each of a set of its own, which
is harder: the model may err differently on them. As in `report`, the shipped model is adapted to
the texts of the file without their labels. The choosing half takes texts of the pools, the other
half test texts, which no stage has seen.
"""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scripts.corpora import CHINESE, read_set
from scripts.reports import add_report_options, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.model.prevalence import share_evidence
from sentiment_transfer.overview import describe_opinions
from sentiment_transfer.overview.groups import CLEAR, SPREAD, log_odds_variance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

HALVES = {
    "choosing": {
        "imdb": ("imdb",),
        "uci_yelp": ("uci_yelp",),
        "clothing": ("clothing",),
        "amazon/books": ("amazon/books",),
        "amazon/electronics": ("amazon/electronics",),
        "zh_waimai": ("zh_waimai",),
        "four kinds of goods": tuple(
            f"amazon/{domain}" for domain in ("books", "electronics", "baby", "apparel")
        ),
        "four sites": ("imdb", "uci_yelp", "clothing", "amazon/baby"),
    },
    "reporting": {
        "mr": ("mr",),
        "uci_amazon": ("uci_amazon",),
        "uci_imdb": ("uci_imdb",),
        "amazon/dvd": ("amazon/dvd",),
        "amazon/kitchen": ("amazon/kitchen_housewares",),
        "zh_hotel": ("zh_hotel",),
        "four kinds of goods": tuple(
            f"amazon/{domain}"
            for domain in ("dvd", "health_personal_care", "kitchen_housewares", "toys_games")
        ),
        "four sites": ("mr", "uci_amazon", "amazon/health_personal_care", "uci_imdb"),
    },
}
"""Files: a name, and the sets that its groups are drawn from, in turn."""
FILES = {"four kinds of goods": 40, "four sites": 40, "zh_waimai": 6, "zh_hotel": 6}
USUAL_FILES = 16
GROUPS = 4
SIZES = (25, 50, 100, 200, 500)
SIDES = {"negative": 0, "positive": 1, "1": 0, "2": 0, "4": 1, "5": 1}
LOWEST, HIGHEST = 0.15, 0.9
"""Shares of positive texts that are drawn."""
PHRASE_SHARES, MOST_TEXTS = (0.2, 0.5, 0.8), 1_000
"""Shares of positive texts, and most texts, of files whose phrases are looked at."""
SPREADS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
"""Values of SPREAD that were looked at."""


def sides_of(name: str, half: str) -> tuple[list[str], list[str]]:
    """Return the negative and the positive texts of a set."""
    pool, _, test = read_set(name)
    rows = pool if half == "choosing" else test
    found: tuple[list[str], list[str]] = ([], [])
    for text, label in zip(rows.texts, rows.labels, strict=True):
        if label in SIDES:
            found[SIDES[label]].append(text)
    return found


def drawn(
    sources: Sequence[tuple[list[str], list[str]]], equal: bool, rng: np.random.Generator
) -> list[tuple[list[str], int]]:
    """Draw groups: the texts of each, and how many of them are positive."""
    common = rng.uniform(LOWEST, HIGHEST)
    used = [0, 0] * len(sources)
    orders = [[rng.permutation(len(side)) for side in source] for source in sources]
    groups = []
    for i in range(GROUPS):
        s = i % len(sources)
        share = common if equal else rng.uniform(LOWEST, HIGHEST)
        own = sum(map(len, sources[s])) * len(sources) // GROUPS  # enough are left for others
        size = min(int(rng.choice(SIZES)), own)
        left = [len(sources[s][k]) - used[2 * s + k] for k in (0, 1)]
        size = int(min(size, left[1] / share, left[0] / (1 - share)))
        n_positive = round(size * share)
        texts = []
        for k, n in ((0, size - n_positive), (1, n_positive)):
            first = used[2 * s + k]
            texts += [sources[s][k][j] for j in orders[s][k][first : first + n]]
            used[2 * s + k] += n
        groups.append((texts, n_positive))
    return groups


def measured(name: str, half: str) -> Iterator[dict[str, Any]]:
    """Yield a record for each group of the files of a name."""
    sets = HALVES[half][name]
    sources = [sides_of(one, half) for one in sets]
    language = "zh" if sets[0] in CHINESE else "en"
    for seed in range(FILES.get(name, USUAL_FILES)):
        equal = seed % 2 == 1
        groups = drawn(sources, equal, np.random.default_rng(seed))
        texts = [text for own, _ in groups for text in own]
        model = load(f"reviews-{language}")
        if not isinstance(model, SentimentClassifier):
            raise TypeError(f"reviews-{language} is no classifier")
        evidence = share_evidence(model.adapt(texts).stages_, texts)
        ends = np.cumsum([len(own) for own, _ in groups])
        places = np.split(np.arange(len(texts)), ends[:-1])
        for (own, n_positive), rows in zip(groups, places, strict=True):
            if len(own) < 20 or len(texts) - len(own) < 20:
                continue
            rest = np.delete(np.arange(len(texts)), rows)
            one, other = evidence.estimate(rows), evidence.estimate(rest)
            n_others = sum(n for _, n in groups) - n_positive
            yield {
                "file": name, "seed": seed, "equal": equal, "n": len(own),
                "kinds": len(sets), "true": n_positive / len(own), "share": one.share,
                "low": one.low, "high": one.high, "rest": other.share,
                "true_rest": n_others / len(rest),
                "variance": log_odds_variance(one) + log_odds_variance(other),
            }  # fmt: skip


def phrases_of(name: str, half: str) -> Iterator[dict[str, Any]]:
    """Yield a record of the phrases and the texts to read for each share of positive texts."""
    sources = [sides_of(one, half) for one in HALVES[half][name]]
    negative, positive = ([t for source in sources for t in source[k]] for k in (0, 1))
    for share in PHRASE_SHARES:
        rng = np.random.default_rng(0)
        n = int(min(MOST_TEXTS, len(positive) / share, len(negative) / (1 - share)))
        n_positive = round(n * share)
        texts = [positive[i] for i in rng.permutation(len(positive))[:n_positive]]
        texts += [negative[i] for i in rng.permutation(len(negative))[: n - n_positive]]
        truth = np.arange(n) < n_positive
        model = load(f"reviews-{'zh' if HALVES[half][name][0] in CHINESE else 'en'}")
        if not isinstance(model, SentimentClassifier):
            raise TypeError("the shipped model is no classifier")
        found = describe_opinions(model.adapt(texts), texts)
        record: dict[str, Any] = {"file": name, "share": share, "n": n}
        for side, of_side in zip(found.sides, (~truth, truth), strict=True):
            holding = [holds(phrase.text, texts) for phrase in side.phrases]
            more = [of_side[rows].mean() > of_side.mean() for rows in holding if rows.any()]
            record[f"{side.label}_phrases"] = len(more)
            record[f"{side.label}_right"] = int(sum(more))
            record[f"{side.label}_surest"] = len(side.surest)
            record[f"{side.label}_surest_right"] = int(sum(of_side[q.row] for q in side.surest))
        yield record


def holds(phrase: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return whether each text holds a phrase as it is spelt, ``(n,)``."""
    edge = r"\b" if phrase.isascii() and phrase[0].isalnum() else ""
    words = r"\s+".join(map(re.escape, phrase.split()))
    pattern = re.compile(f"{edge}{words}{edge}")
    return np.array([pattern.search(text.casefold()) is not None for text in texts])


def phrases_table(runs: pd.DataFrame) -> list[str]:
    """Lines of a table: how many phrases and surest texts are of the side that is said."""
    rows = []
    for name in [*dict.fromkeys(runs["file"]), "all"]:
        own = runs if name == "all" else runs[runs["file"] == name]
        row: list[object] = [name]
        for label in ("positive", "negative"):
            for right, of in ((f"{label}_right", f"{label}_phrases"),
                              (f"{label}_surest_right", f"{label}_surest")):  # fmt: skip
                row.append(f"{own[right].sum():.0f} of {own[of].sum():.0f}")
        rows.append(row)
    header = ["texts of", "positive phrases", "surely positive", "negative phrases",
              "surely negative"]  # fmt: skip
    return markdown_table(header, rows)


def leads(runs: pd.DataFrame, spread: float) -> NDArray[np.float64]:
    """Return the lead of each group over the rest of its file, in standard deviations."""
    odds = np.log(runs["share"] / (1 - runs["share"])) - np.log(runs["rest"] / (1 - runs["rest"]))
    found: NDArray[np.float64] = (odds / np.sqrt(runs["variance"] + 2 * spread**2)).to_numpy()
    return found


def sizes_table(runs: pd.DataFrame) -> list[str]:
    """Lines of a table: how often intervals cover the share, by size of the group."""
    rows = []
    for low, high in ((20, 50), (51, 100), (101, 200), (201, 500), (20, 500)):
        own = runs[(runs["n"] >= low) & (runs["n"] <= high)]
        if not len(own):
            continue
        errors = 100 * (own["share"] - own["true"]).abs()
        covered = ((own["low"] <= own["true"]) & (own["true"] <= own["high"])).mean()
        rows.append([
            f"{low} to {high}", len(own), f"{errors.mean():.1f}", f"{errors.quantile(0.9):.1f}",
            f"{100 * (own['high'] - own['low']).mean():.1f}", f"{100 * covered:.1f}",
        ])  # fmt: skip
    header = ["texts", "groups", "mean error", "90 % below", "mean width", "covered, %"]
    return markdown_table(header, rows)


def spreads_table(runs: pd.DataFrame, spreads: Sequence[float]) -> list[str]:
    """Lines of a table: how often a difference is named that there is not, and that there is."""
    gap = (runs["true"] - runs["true_rest"]).to_numpy()
    rows = []
    for spread in spreads:
        named = leads(runs, spread)
        clear = np.abs(named) >= CLEAR
        row: list[object] = [f"{spread:g}"]
        for kinds in (runs["kinds"] == 1, runs["kinds"] > 1):
            own = kinds.to_numpy()
            none = own & runs["equal"].to_numpy()
            row += [f"{100 * clear[none].mean():.1f} ({none.sum()})"]
            for least in (0.15, 0.3):
                large = own & (np.abs(gap) >= least)
                right = clear & (np.sign(named) == np.sign(gap))
                row += [f"{100 * right[large].mean():.0f} ({large.sum()})"]
        wrong = clear & (np.sign(named) != np.sign(gap)) & (np.abs(gap) > 0.03)
        rows.append([*row, f"{100 * wrong.sum() / max(1, clear.sum()):.1f}"])
    header = ["spread", "one kind: equal", "15 points", "30 points",
              "several: equal", "15 points", "30 points", "wrong side, %"]  # fmt: skip
    return markdown_table(header, rows)


PAGE = """# Shares of groups in `report`

Written by `scripts/accuracy/overview.py`. Files of four groups of 25 to 500 texts are drawn; in
every second file the groups have equal shares of positive texts, in the others shares between 15
and 90 %. Groups are of one kind of text, or each of another kind (goods of four departments, texts
of four sites). The shipped model is adapted to the texts of a file, without labels. The choosing
half has texts of the pools of some sets, the reporting half test texts of others.

The intervals are those of `estimate_prevalence`, which are made for any vectors and kind of text;
for the shipped model on these sets they are wider than they need to be. The spread, {spread:g}, is
the smallest for which at most 5 % of groups with equal shares are said to differ, among those
shown; nothing else was chosen.
"""
DIFFERENCES = """
Groups that are said to be clearly above or below the rest, in % (of how many): of those that are
equal, and of those that differ by 15 or 30 points or more, on the right side:
"""
PHRASES = """
Phrases, and the six surest texts of each side, of up to 1,000 texts at three shares of positive
ones: how many of the phrases are in texts that are of their side more often than all are, and how
many of the texts are of their side:
"""


def page(halves: dict[str, pd.DataFrame], phrases: dict[str, pd.DataFrame]) -> str:
    """Return the page of results."""
    lines = [PAGE.format(spread=SPREAD)]
    for half, runs in halves.items():
        lines += [f"## The {half} half", "", "The 95 % interval of a group, in points:", ""]
        for kind, which in (("one kind", runs["kinds"] == 1), ("several kinds", runs["kinds"] > 1)):
            lines += [f"Groups of {kind} of text:", "", *sizes_table(runs[which]), ""]
        spreads = SPREADS if half == "choosing" else (SPREAD,)
        lines += [DIFFERENCES.strip(), "", *spreads_table(runs, spreads), ""]
        if half in phrases:
            lines += [PHRASES.strip(), "", *phrases_table(phrases[half]), ""]
    return "\n".join(lines)


def runs_of(kind: str, half: str, folder: Path) -> pd.DataFrame | None:
    """Return the runs of a kind and a half, if there are some."""
    path = folder / f"overview-{kind}-{half}.jsonl"
    return pd.read_json(path, lines=True) if path.is_file() else None


MEASURED = {"groups": measured, "phrases": phrases_of}


def main() -> None:
    """Measure a half, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--half", choices=[*HALVES])
    parser.add_argument("--of", choices=[*MEASURED], help="measure this alone")
    add_report_options(parser)
    given = parser.parse_args()
    if given.half:
        given.cache.mkdir(parents=True, exist_ok=True)
        for kind in [given.of] if given.of else [*MEASURED]:
            path = given.cache / f"overview-{kind}-{given.half}.jsonl"
            with path.open("w", encoding="utf-8") as file:
                for name in HALVES[given.half]:
                    print(kind, name, flush=True)
                    for record in MEASURED[kind](name, given.half):
                        file.write(f"{json.dumps(record)}\n")
                        file.flush()
        return
    found: dict[str, dict[str, pd.DataFrame]] = {kind: {} for kind in MEASURED}
    for kind in MEASURED:
        for half in HALVES:
            runs = runs_of(kind, half, given.cache)
            if runs is not None:
                found[kind][half] = runs
    text = page(found["groups"], found["phrases"])
    (given.out / "overview.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
