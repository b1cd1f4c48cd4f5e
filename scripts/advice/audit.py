"""Measure how many of the labels that `audit_labels` suspects are wrong.

    python -m scripts.advice.audit          some minutes; writes results/advice-audit.md

Of 100 labels of a pool, as many of each class, 20 are flipped: anywhere, or among the 50 texts
whose class the model without labels is least certain of, as people err. The model is a shipped one,
adapted to texts of the pool without labels.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.accuracy.taught import untaught
from scripts.corpora import read_set, sampled
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.advice import audit_labels
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer import SentimentClassifier
    from sentiment_transfer.corpus import Labelled

SETS = {
    "mr": "reviews-en",
    "uci_yelp": "reviews-en",
    "uci_amazon": "reviews-en",
    "imdb": "reviews-en",
    "amazon/dvd": "reviews-en",
    "zh_hotel": "reviews-zh",
    "zh_waimai": "reviews-zh",
}
N_LABELS, FLIPPED = 100, 20
MOST = 1_500
"""Texts of a pool that labels are drawn from."""
NOTE = f"""# Wrong labels

Written by `scripts/advice/audit.py`. Of {N_LABELS} labels {FLIPPED} are flipped: anywhere, or among
the half of the texts that the model without labels is least certain of. **Found**: how many of the
{FLIPPED} most suspect labels were flipped, in %, means ± standard deviation of {{draws}} draws;
for comparison, the same by cleanlab (confident learning, Northcutt et al. 2021; its adjusted
quality of labels), from the probabilities of left-out labels (five folds) of logistic regression
on the same word vectors and on TF-IDF. **Right suspects**: the share of flipped ones among all
labels that `audit_labels`, or cleanlab on word vectors, suspects; and how many of 100
labels it suspects when none is flipped. The labels of the pools are taken to be right;
some are not. The models are the shipped ones without what labels of other texts taught, because
these are labels of the same pools.

"""


@dataclass(frozen=True)
class Draw:
    """What was found in one draw, in %; ``alarms`` of labels without a flipped one."""

    found: float
    vectors: float
    tfidf: float
    of_suspects: float
    of_cleanlab: float
    alarms: float
    alarms_of_cleanlab: float


def measure(name: str, draws: int, *, unsure: bool) -> Iterator[Draw]:
    """Yield what is found in each draw of a set."""
    pool = sampled(read_set(name).pool, MOST)
    model = untaught(SETS[name]).adapt(pool.texts)
    p = model.predict_proba(pool.texts).max(axis=1)
    averages = AveragingEncoder(model.vectors_).fit(pool.texts)
    for draw in range(draws):
        rows = draw_labelled(pool.labels, N_LABELS, "balanced", seed=1, draw=draw)
        flipped = flipped_of(p[rows] if unsure else None, draw)
        yield _judge(model, averages, pool, rows, flipped)


def flipped_of(certainty: NDArray[np.float64] | None, seed: int) -> NDArray[np.bool_]:
    """Return which of 100 labels are flipped, of any or of the less certain half."""
    among = np.arange(N_LABELS) if certainty is None else np.argsort(certainty)[: N_LABELS // 2]
    flipped = np.zeros(N_LABELS, dtype=bool)
    flipped[np.random.default_rng(seed).choice(among, FLIPPED, replace=False)] = True
    return flipped


def _judge(
    model: SentimentClassifier,
    averages: AveragingEncoder,
    pool: Labelled,
    rows: NDArray[np.int64],
    flipped: NDArray[np.bool_],
) -> Draw:
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, right = [pool.texts[i] for i in rows], np.array(pool.labels)[rows]
    other = np.where(right == "positive", "negative", "positive")
    given = np.where(flipped, other, right)
    found = [one.row for one in audit_labels(model, texts, given).suspects]
    tokens = [" ".join(model.vectors_.tokenizer(text)) for text in texts]
    words = TfidfVectorizer(analyzer=str.split, sublinear_tf=True).fit_transform(tokens)
    X = averages.transform(texts)
    by_vectors, by_words = Confident.of(X, given), Confident.of(words, given)
    return Draw(
        100 * flipped[found[:FLIPPED]].sum() / FLIPPED,
        100 * flipped[by_vectors.order[:FLIPPED]].mean(),
        100 * flipped[by_words.order[:FLIPPED]].mean(),
        100 * float(flipped[found].mean()),
        100 * float(flipped[by_vectors.issues].mean()) if by_vectors.issues.any() else 0.0,
        100 * len(audit_labels(model, texts, right).suspects) / len(texts),
        100 * float(Confident.of(X, right).issues.mean()),
    )


@dataclass(frozen=True)
class Confident:
    """What cleanlab finds: rows, the most suspect first, and which it takes for wrong."""

    order: NDArray[np.intp]
    issues: NDArray[np.bool_]

    @classmethod
    def of(cls, X: Any, given: NDArray[np.str_]) -> Confident:  # noqa: ANN401
        """Judge labels by logistic regression on other folds."""
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import cross_val_predict

        p = cross_val_predict(LogisticRegression(C=10), X, given, cv=5, method="predict_proba")
        labels = (given == "positive").astype(int)
        quality = get_label_quality_scores(labels, p, adjust_pred_probs=True)
        return cls(np.argsort(quality), find_label_issues(labels, p))


def table(rows: dict[str, Sequence[Draw]]) -> list[str]:
    """Return lines of Markdown: means and standard deviations over draws of each set."""
    columns: dict[str, Callable[[Draw], float]] = {
        "found": lambda d: d.found,
        "cleanlab, vectors": lambda d: d.vectors,
        "cleanlab, TF-IDF": lambda d: d.tfidf,
        "right suspects": lambda d: d.of_suspects,
        "of cleanlab": lambda d: d.of_cleanlab,
        "suspects without a flip": lambda d: d.alarms,
        "of cleanlab's": lambda d: d.alarms_of_cleanlab,
    }
    lines = []
    means = []
    for name, draws in rows.items():
        figures = [np.array([get(draw) for draw in draws]) for get in columns.values()]
        lines.append([name, *(f"{f.mean():.0f} ± {f.std(ddof=1):.0f}" for f in figures)])
        means.append([f.mean() for f in figures])
    lines.append(["mean", *(f"{mean:.1f}" for mean in np.mean(means, axis=0))])
    return markdown_table(["set", *columns], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    parts = [NOTE.format(draws=options.draws)]
    for title, unsure in (("Flipped anywhere", False), ("Flipped where unsure", True)):
        rows = {}
        for name in SETS:
            rows[name] = list(measure(name, options.draws, unsure=unsure))
            print(title, name, np.mean([draw.found for draw in rows[name]]), flush=True)
        parts += [f"## {title}\n", *table(rows), ""]
    (RESULTS / "advice-audit.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
