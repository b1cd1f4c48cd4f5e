"""Measure what a sentence encoder of another package adds; development texts only.

    python -m scripts.accuracy.sentence_encoder        writes results/sentence-encoder.md
    python -m scripts.accuracy.sentence_encoder --variance 3 --leave-out plain_sentence
                                                       prints tables with other settings

The model alone, the encoder with a tuned logistic regression, and both together, on the same draws
of labels. Needs the extra ``peers``; vectors of texts are kept in the cache folder, because those
of MiniLM take a quarter of an hour.
"""

from __future__ import annotations

import argparse
import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scripts.accuracy import encoders
from scripts.accuracy.text_vectors import TextVectors
from scripts.corpora import corpora_folder, read_set, sampled
from scripts.reports import add_report_options, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.experiments.baselines import fit_best_c
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.polarity import members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

BUDGETS = (8, 32, 100)
DRAWS = 10
LARGEST = 1_500
"""Number of texts of a task; labels are drawn from them, and the others are tested."""
ENCODERS = {"minilm": encoders.minilm, "wordllama": encoders.wordllama}
TITLES = {"minilm": "all-MiniLM-L6-v2", "wordllama": "WordLlama, 256 dimensions"}
NOTE = f"""# A sentence encoder as one more part

Written by `scripts/accuracy/sentence_encoder.py`: accuracy in %, mean of {DRAWS} draws of labels,
on development texts: at most {LARGEST:,} texts of a pool, of which those that are not drawn are
tested. No test text is read. *Model* is `reviews-en` adapted to the texts of the pool, *encoder*
the sentence encoder with logistic regression and `C` by cross-validation, *both* the model with
`sentence_encoder=`; in brackets its difference from the better of the two on that task.

Tasks about no sentiment: an opinion or none in tweets, and which of two sets a text is from. They
are measured with seed words, which do not fit them, and without (`seeds=None`).

Without labels, and with fewer than {8}, the model with an encoder answers as without it.
"""


class Task(NamedTuple):
    """Labelled development texts, and the texts to adapt the model to, labels unread."""

    rows: Labelled
    unlabelled: list[str]


def pool(name: str) -> Task:
    """Return texts of the pool of a set."""
    rows = read_set(name)[0]
    return Task(sampled(rows, LARGEST), rows.texts)


def either(first: str, second: str) -> Task:
    """Return which of two sets a text is from, equally many of each."""
    sides = [sampled(read_set(name)[0], LARGEST // 2) for name in (first, second)]
    n = min(map(len, sides))
    texts = [text for side in sides for text in side.texts[:n]]
    return Task(Labelled(texts, [first] * n + [second] * n), texts)


def tweets(names: Sequence[str | None]) -> Task:
    """Return tweets with the names of the classes negative, neutral and positive; None for none."""
    frame = pd.read_parquet(corpora_folder() / "tweets3" / "train.parquet")
    labels = [names[label] for label in frame["label"]]
    kept = [(text, label) for text, label in zip(frame["text"], labels, strict=True) if label]
    texts, known = zip(*kept, strict=True)
    return Task(sampled(Labelled(list(texts), list(known)), LARGEST), frame["text"].tolist())


TASKS: dict[str, Callable[[], Task]] = {
    **{name: partial(pool, name) for name in ("imdb", "amazon/books", "mr")},
    **{name: partial(pool, name) for name in ("uci_amazon", "uci_yelp")},
    "tweets3": partial(tweets, ("negative", None, "positive")),
    "tweets3: opinion or none": partial(tweets, ("opinion", "none", "opinion")),
    "mr or uci_amazon": partial(either, "mr", "uci_amazon"),
    "books or dvd": partial(either, "amazon/books", "amazon/dvd"),
}
NOT_SENTIMENT = tuple(TASKS)[-3:]


class Known:
    """Vectors of texts that were encoded before, as a sentence encoder."""

    def __init__(self, name: str, texts: Sequence[str], folder: Path) -> None:
        self.name = name
        kept = TextVectors(folder / "features" / f"{name}.sqlite", ENCODERS[name])
        vectors = kept.encode(texts)
        self._vectors = dict(zip(texts, vectors, strict=True))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Look the vectors up."""
        return np.stack([self._vectors[text] for text in texts])


def new_model(task: Task, *, seeds: bool) -> SentimentClassifier:
    """Return the shipped model adapted to the texts, or one of its vectors without seed words."""
    model = load("reviews-en")
    if not isinstance(model, SentimentClassifier):
        raise TypeError("reviews-en is no classifier")
    if seeds:
        return model.adapt(task.unlabelled)
    return SentimentClassifier(vectors=model.vectors_, seeds=None).pretrain(task.unlabelled)


def draws(labels: Sequence[str], budget: int) -> Iterator[tuple[Rows, Rows]]:
    """Yield rows to label and rows to test."""
    for draw in range(DRAWS):
        rows = draw_labelled(labels, budget, "balanced", seed=1, draw=draw)
        yield rows, np.setdiff1d(np.arange(len(labels)), rows)


def measure(
    task: Task, model: SentimentClassifier, encoder: Known, budget: int
) -> NDArray[np.float64]:
    """Return the mean accuracy in % of the model, of the encoder and of both, ``(3,)``."""
    from sklearn.linear_model import LogisticRegression

    texts, labels = task.rows.texts, np.array(task.rows.labels)
    vectors, found = encoder.encode(texts), []
    encoded = model.set_params(sentence_encoder=encoder).encode(texts)
    for draw, (rows, rest) in enumerate(draws(labels.tolist(), budget)):
        answers = []
        for given in (None, encoder):
            fitted = model.set_params(sentence_encoder=given)
            fitted = fitted.fit_encoded(encoded[rows], labels[rows])
            answers.append(fitted.predict_encoded(encoded[rest]))
        peer = LogisticRegression(max_iter=1_000)
        peer = fit_best_c(vectors[rows], labels[rows], draw, classifier=peer)
        answers.insert(1, peer.predict(vectors[rest]))
        found.append([float((answer == labels[rest]).mean()) for answer in answers])
    means: NDArray[np.float64] = 100 * np.array(found).mean(axis=0)
    return means


def measure_all(folder: Path) -> pd.DataFrame:
    """Measure every encoder on every task; one row each, a column of each budget and arm."""
    rows = []
    for name, read in TASKS.items():
        task = read()
        for seeds in (True, False) if name in NOT_SENTIMENT else (True,):
            model = new_model(task, seeds=seeds)
            for encoder in ENCODERS:
                known = Known(encoder, task.rows.texts, folder)
                figures = [measure(task, model, known, budget) for budget in BUDGETS]
                title = name if seeds else f"{name}, no seeds"
                rows.append((encoder, title, *np.concatenate(figures)))
                print(encoder, title, *(f"{x:.1f}" for x in np.concatenate(figures)), flush=True)
    columns = [f"{b} {arm}" for b in BUDGETS for arm in ("model", "encoder", "both")]
    return pd.DataFrame(rows, columns=["encoder", "task", *columns])


def page(found: pd.DataFrame) -> str:
    """Return the tables of each encoder, with the mean of the tasks and the largest loss."""
    header = ["task, by number of labels"] + [
        f"{b}: {arm}" if arm == "model" else arm
        for b in BUDGETS
        for arm in ("model", "encoder", "both")
    ]
    text = NOTE
    for name, title in TITLES.items():
        own = found[found["encoder"] == name].drop(columns="encoder").set_index("task")
        for b in BUDGETS:
            better = own[[f"{b} model", f"{b} encoder"]].max(axis=1)
            own[f"{b} gain"] = own[f"{b} both"] - better
        own.loc["mean"] = own.mean()
        rows = [(task, *_cells(row)) for task, row in own.iterrows()]
        table = "\n".join(markdown_table(header, rows))
        losses = ", ".join(f"{own[f'{b} gain'].min():+.1f} with {b}" for b in BUDGETS)
        text += f"\n## {title}\n\n{table}\n\n"
        measured = own.drop(index="mean")
        other = measured.index.str.startswith(tuple(NOT_SENTIMENT))
        for kind, tasks in (
            ("tasks about sentiment", measured[~other]),
            ("the others", measured[other]),
        ):
            if len(tasks):
                gains = _gains(tasks)
                text += f"Both less the model alone, in the mean of {kind}: {gains} labels.\n"
        text += f"Both less the better of the two, in the worst task: {losses}.\n"
    return text


def _gains(tasks: pd.DataFrame) -> str:
    """Return what the encoder adds to the model by number of labels, in the mean of tasks."""
    means = tasks.mean()
    return ", ".join(f"{means[f'{b} both'] - means[f'{b} model']:+.1f} with {b}" for b in BUDGETS)


def _cells(row: pd.Series[float]) -> Iterator[str]:
    for b in BUDGETS:
        yield from (f"{row[f'{b} {arm}']:.1f}" for arm in ("model", "encoder"))
        yield f"{row[f'{b} both']:.1f} ({row[f'{b} gain']:+.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--variance", type=float, help="prior variance of the encoder's weights")
    parser.add_argument("--leave-out", nargs="+", default=[], choices=members.MEMBERS)
    add_report_options(parser)
    options = parser.parse_args()
    chosen = options.variance is None and not options.leave_out
    members.SENTENCE_VARIANCE = options.variance or members.SENTENCE_VARIANCE
    for name in options.leave_out:
        del members.MEMBERS[name]
    warnings.simplefilter("ignore")  # labels that are not about sentiment contradict the seed words
    path = options.cache / "sentence-encoder.csv"
    if not options.report:
        found = measure_all(options.cache)
        if chosen:
            found.to_csv(path, index=False)
    if options.report or chosen:
        (options.out / "sentence-encoder.md").write_text(page(pd.read_csv(path)), encoding="utf-8")
    else:
        print(page(found))


if __name__ == "__main__":
    main()
