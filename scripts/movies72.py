"""The founding experiment: 62 unlabelled movie reviews, 8 labelled, 2 to test.

Two test sentences prove nothing, so the same arms and the model that ships with the package are
also compared over many draws of labels, tested on the rest of 220 reviews held out.

    python scripts/movies72.py [--language zh] [--draws 20] [--out demo]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer import SentimentClassifier, compare, load, read_labelled, read_texts
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.experiments.arms import ModelArm, default_arms

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
CORPORA = {"en": "movies72", "zh": "movies72_zh"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", choices=sorted(CORPORA), default="en")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    options = parser.parse_args()
    corpus = ROOT / "corpora" / CORPORA[options.language]

    unlabelled = list(read_texts(corpus / "unlabelled.txt"))
    model = SentimentClassifier(options.language).pretrain(unlabelled)
    labelled = read_labelled(corpus / "labelled.csv")
    test = read_labelled(corpus / "test.csv")
    print(
        f"The founding experiment: {len(unlabelled)} unlabelled reviews, {len(labelled)} labelled, "
        f"{len(test)} to test\n"
    )
    print(compare(model, labelled, test, budgets=[len(labelled)], draws=1))

    held_out = read_labelled(corpus / "held_out.csv")
    halves = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    pool, tested = (rows_of(held_out.texts, held_out.labels, rows.tolist()) for rows in halves)
    arms = default_arms(model)[0] | {
        "shipped model, not these 62": ModelArm(shipped(options.language))
    }
    result = compare(model, pool, tested, budgets=[0, 8], draws=options.draws, arms=arms)
    print(f"\nThe same arms over {options.draws} draws of 8 labels, on reviews held out\n")
    print(result)
    options.out.mkdir(exist_ok=True)
    plots = [options.out / f"{corpus.name}.{suffix}" for suffix in ("svg", "png")]
    for path in plots:
        result.plot(path)
    print(f"\nplots: {plots[0]} and {plots[1]}")


def shipped(language: str) -> SentimentClassifier:
    model = load(f"reviews-{language}")
    if not isinstance(model, SentimentClassifier):
        raise SystemExit(f"reviews-{language} is no classifier")
    return model


def rows_of(
    texts: Sequence[str], labels: Sequence[str], rows: Sequence[int]
) -> tuple[list[str], list[str]]:
    return [texts[i] for i in rows], [labels[i] for i in rows]


if __name__ == "__main__":
    main()
