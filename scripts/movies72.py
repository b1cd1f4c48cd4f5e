"""The demo: what the shipped model answers, and the founding experiment with its honest table.

The founding experiment has 62 unlabelled movie reviews, 8 labelled ones and 2 to test. Two test
sentences prove nothing, so the same ways to learn are compared over draws of 8 labels, tested on
reviews held out.

    python scripts/movies72.py [--language zh] [--draws 20] [--out demo]
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer import SentimentClassifier, compare, load, read_labelled, read_texts
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.corpus import Labelled, split_by_text
from sentiment_transfer.experiments.arms import ModelArm, by_name
from sentiment_transfer.model.inputs import LittleTextWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from sentiment_transfer.experiments.arms import Arm
    from sentiment_transfer.experiments.comparison import Comparison

ROOT = Path(__file__).resolve().parent.parent
CORPORA = {"en": "movies72", "zh": "movies72_zh"}
SENTENCES = {
    "en": (
        "I loved every minute of it.",
        "A waste of money, it broke after a week.",
        "The food was cold and the waiter rude.",
    ),
    "zh": ("剧情精彩，看得很开心。", "房间太小，服务也差。", "味道不错，送得也快。"),
}
TFIDF, RANDOM, OWN = "words alone (TF-IDF)", "random vectors", "vectors of these {n} reviews"
COUNTED, SHIPPED = "seed words counted", "the shipped model"


class Way(NamedTuple):
    """One way to learn, and its accuracy in %; None where it needs labels, or uses none."""

    name: str
    without_labels: float | None
    with_labels: float | None
    sd: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", choices=sorted(CORPORA), default="en")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    options = parser.parse_args()
    corpus = ROOT / "corpora" / CORPORA[options.language]

    step(1, f"The model that ships with the package, reviews-{options.language}, answers at once:")
    shipped = shipped_model(options.language)
    print_answers(shipped, SENTENCES[options.language])

    unlabelled = list(read_texts(corpus / "unlabelled.txt"))
    labelled, test = (read_labelled(corpus / f"{name}.csv") for name in ("labelled", "test"))
    step(2, f"The founding experiment: {len(labelled)} labelled sentences, {len(test)} to test,")
    print(f"   with and without pretraining on {len(unlabelled)} unlabelled reviews first:\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LittleTextWarning)  # the table below shows what it says
        model = SentimentClassifier(options.language).pretrain(unlabelled)
    print_founding(model, labelled, test, options.draws)

    pool, tested = halves(read_labelled(corpus / "held_out.csv"))
    step(3, f"So the same on {len(tested)} reviews held out, {options.draws} draws of 8 labels:")
    result = compare(
        model, pool, tested,
        budgets=[0, 8], draws=options.draws, arms=arms_of(model, shipped), callback=None,
    )  # fmt: skip
    ways = ways_of(result, OWN.format(n=len(unlabelled)))
    print(table(ways))

    step(4, "The same as a picture:")
    options.out.mkdir(exist_ok=True, parents=True)
    for suffix in ("svg", "png"):
        path = options.out / f"{corpus.name}.{suffix}"
        save_figure(draw(ways, len(tested)), path)
        print(f"   {path}")
    print(f"\n{conclusion(ways, len(tested))}")
    print(
        "\nNext, with a file of your own:\n"
        f"   {command()} predict reviews-{options.language} your.csv --text COLUMN"
    )


def command() -> Path:
    """Return the path of the command line, from the repository if it lies there."""
    path = Path(sys.executable).with_name("sentiment-transfer")
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def step(number: int, text: str) -> None:
    """Say what comes, before it is computed."""
    print(f"\n{number}. {text}", flush=True)


def shipped_model(language: str) -> SentimentClassifier:
    model = load(f"reviews-{language}")
    if not isinstance(model, SentimentClassifier):
        raise SystemExit(f"reviews-{language} is no classifier")
    return model


def print_answers(model: SentimentClassifier, sentences: Sequence[str]) -> None:
    print()
    shares = model.predict_proba(sentences).max(axis=1)
    for label, share, sentence in zip(model.predict(sentences), shares, sentences, strict=True):
        print(f"   {label:8}  {share:.2f}  {sentence}")


def print_founding(
    model: SentimentClassifier, labelled: Labelled, test: Labelled, draws: int
) -> None:
    """Print the share of the test sentences that are right, of random vectors over many seeds."""
    arms = {"labels alone, random vectors": "random", "labels alone, TF-IDF": "tfidf"}
    arms["pretraining first"] = "model"
    rows, labels = np.arange(len(labelled)), np.array(labelled.labels)
    for title, name in arms.items():
        (arm,) = by_name([name], model).values()
        arm.prepare(labelled.texts, test.texts, sorted(set(labelled.labels)))
        seeds = range(draws if name == "random" else 1)
        right = [arm.predict(rows, labels, seed) == np.array(test.labels) for seed in seeds]
        several = f", mean of {draws} random starts" if len(seeds) > 1 else ""
        print(f"   {title:28}  {100 * np.mean(right):5.1f} %{several}")
    print(f"\n   {len(test)} sentences are an example, not a measurement.")


def halves(held_out: Labelled) -> tuple[Labelled, Labelled]:
    """Return the quarter that labels are drawn from, and the rest, which is tested on."""
    parts = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    pool, tested = (
        Labelled([held_out.texts[i] for i in rows], [held_out.labels[i] for i in rows])
        for rows in parts
    )
    return pool, tested


def arms_of(model: SentimentClassifier, shipped: SentimentClassifier) -> dict[str, Arm]:
    """Return the five ways to learn; the first is the model with vectors of its own."""
    names = {OWN: "model", TFIDF: "tfidf", RANDOM: "random", COUNTED: "seeds"}
    arms = {title: next(iter(by_name([n], model).values())) for title, n in names.items()}
    return arms | {SHIPPED: ModelArm(shipped)}


def ways_of(result: Comparison, own: str) -> list[Way]:
    """Return the ways from the fewest facts known to the most; counting uses no label."""
    found = {(row.arm, row.budget): row for row in result.table.itertuples()}
    ways = []
    for arm in (TFIDF, RANDOM, OWN, COUNTED, SHIPPED):
        none, some = found.get((arm, 0)), None if arm == COUNTED else found[arm, 8]
        ways.append(
            Way(
                own if arm == OWN else arm,
                None if none is None else 100 * float(none.mean),
                None if some is None else 100 * float(some.mean),
                0.0 if some is None or np.isnan(some.std) else 100 * float(some.std),
            )
        )
    return ways


def table(ways: Sequence[Way]) -> str:
    """Return accuracy in % without labels and with 8, one line for each way."""
    lines = ["", f"   {'accuracy in %':30} {'no label':>8}   {'8 labels (mean, sd)':>19}"]
    for way in ways:
        none = "" if way.without_labels is None else f"{way.without_labels:.1f}"
        some = "" if way.with_labels is None else f"{way.with_labels:.1f} ± {way.sd:4.1f}"
        lines.append(f"   {way.name:30} {none:>8}   {some:>19}".rstrip())
    return "\n".join(lines)


def draw(ways: Sequence[Way], n_tested: int) -> Figure:
    """Draw one line for each way, with a ring for no label and a dot for 8 labels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.add_subplot()
    axes.axvline(50, color="grey", linewidth=1, linestyle=":")
    places = range(len(ways), 0, -1)
    some = [(y, way) for y, way in zip(places, ways, strict=True) if way.with_labels is not None]
    none = [(y, way) for y, way in zip(places, ways, strict=True) if way.without_labels is not None]
    axes.errorbar(
        [way.with_labels for _, way in some], [y for y, _ in some],
        xerr=[way.sd for _, way in some], fmt="o", color=COLOURS[0], label="8 labels, mean ± sd",
    )  # fmt: skip
    axes.plot(
        [way.without_labels for _, way in none], [y for y, _ in none],
        "o", markersize=11, markerfacecolor="none", color=COLOURS[1], label="no label",
    )  # fmt: skip
    axes.set_yticks([*places], [way.name for way in ways])
    axes.set(xlim=(40, 100), ylim=(0.5, len(ways) + 0.5))
    axes.set_xlabel(f"% of {n_tested} reviews right (50 % is a coin toss)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    figure.legend(loc="outside lower center", frameon=False, ncols=2)
    return figure


def conclusion(ways: Sequence[Way], n_tested: int) -> str:
    """Return what the figures say, in one sentence that holds for any figures."""
    _, alone, own, counted, shipped = ways
    return (
        f"Conclusion: with 8 labels, pretraining on so few reviews takes {alone.with_labels:.1f} % "
        f"to {own.with_labels:.1f} %; the shipped model has {shipped.without_labels:.1f} % without "
        f"any label, where counting seed words has {counted.without_labels:.1f} % (on {n_tested} "
        f"reviews, differences up to {by_chance(n_tested):.0f} points can be chance)."
    )


def by_chance(n_tested: int) -> float:
    """Return two standard errors of the difference of two shares of 70 % of so many, in points."""
    return float(200 * np.sqrt(2 * 0.7 * 0.3 / n_tested))


if __name__ == "__main__":
    main()
