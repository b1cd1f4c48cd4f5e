"""The founding experiment: 62 unlabelled movie reviews, 8 labelled, 2 to test.

Two test sentences prove nothing, so under it stand the same arms over many draws of 8 labels,
tested on the rest of 220 reviews held out.

    python scripts/movies72.py [--corpus corpora/movies72_zh --language zh]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sentiment_transfer import SentimentClassifier, compare, read_labelled, read_texts
from sentiment_transfer.corpus import split_by_text

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=ROOT / "corpora" / "movies72")
    parser.add_argument("--language", default="en")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--out", type=Path, default=ROOT / "demo")
    options = parser.parse_args()

    model = SentimentClassifier(options.language).pretrain(
        read_texts(options.corpus / "unlabelled.txt")
    )
    labelled = read_labelled(options.corpus / "labelled.csv")
    test = read_labelled(options.corpus / "test.csv")
    print(
        f"The founding experiment: 62 unlabelled, {len(labelled)} labelled, {len(test)} to test\n"
    )
    print(compare(model, labelled, test, budgets=[len(labelled)], draws=1))

    held_out = read_labelled(options.corpus / "held_out.csv")
    pool, tested = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    result = compare(
        model,
        _rows(held_out.texts, held_out.labels, pool),
        _rows(held_out.texts, held_out.labels, tested),
        budgets=[2, 8, 20],
        draws=options.draws,
    )
    print(
        f"\nThe same arms, {options.draws} draws of labels, {len(tested)} held-out reviews to test\n"
    )
    print(result)
    options.out.mkdir(exist_ok=True)
    path = options.out / f"{options.corpus.name}.svg"
    result.plot(path)
    result.plot(path.with_suffix(".png"))
    print(f"\nplot: {path} and .png")


def _rows(texts: list[str], labels: list[str], rows: np.ndarray) -> tuple[list[str], list[str]]:
    return [texts[i] for i in rows], [labels[i] for i in rows]


if __name__ == "__main__":
    main()
