"""Measure what shares cost: accuracy by their number, the rule of merging and rounds an epoch.

    python -m scripts.scale.quality --half development     what the rule is chosen by
    python -m scripts.scale.quality --half test            what is reported
    python -m scripts.scale.quality --report               the page from the runs there are

A share is one of the workers of `SkipGram`: it trains a replica of the weights on its shard of a
round, then the replicas are merged. Runs of the development half are tested on half of the labelled
texts, with labels from the other half; those of the test half on the test texts. An arm that has
its runs is not measured again.
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import numpy as np

from scripts.corpora import read_set, rows_of, sampled
from scripts.reports import add_report_options
from scripts.scale.merging import RULES, TRIED, Rule
from scripts.scale.quality_report import FORMER, write_report
from sentiment_transfer import AveragingEncoder, WordVectors
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.pretraining import rounds, schedule
from sentiment_transfer.pretraining.engine import Settings
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.indexing import index_corpus
from sentiment_transfer.text.reading import encode_texts
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Step
    from sentiment_transfer.text import TokenIds, Vocabulary

ALL = RULES | TRIED
SETS = ("imdb", "amazon")
SHARES = (1, 2, 4, 8, 16)
SEEDS = 5
DRAWS = 20
"""Draws of 100 labels with each seed."""
FEW = 100
MIN_COUNT = 5
LOSS_TEXTS = 2_000
SETTINGS = Settings(
    vector_size=100,
    window=5,
    negative=5,
    sample=1e-3,
    alpha=0.025,
    min_alpha=1e-4,
    epochs=5,
    workers=1,
    seed=0,
)


class Corpus(NamedTuple):
    """Texts to pretrain on, to label and to test on, as token ids of one vocabulary."""

    vocabulary: Vocabulary
    pretraining: TokenIds
    pool: TokenIds
    pool_labels: NDArray[np.str_]
    tested: TokenIds
    tested_labels: NDArray[np.str_]


class Arm(NamedTuple):
    """One way to pretrain: number of shares, rule of merging, rounds an epoch."""

    shares: int
    rule: str
    rounds: int


def read_corpus(name: str, half: str, most: int | None = None) -> Corpus:
    """Index a set once: all its texts but those of the test part are pretrained on.

    With ``most``, at most this number of labelled texts to learn from and to test on, no others.
    """
    pool, unlabelled, tested = read_set(name)
    if most is not None:
        pool, unlabelled, tested = sampled(pool, most), [], sampled(tested, most)
    tokenizer = Tokenizer("en")
    vocabulary, pretraining = index_corpus(
        [*unlabelled, *pool.texts], tokenizer, min_count=MIN_COUNT
    )
    if half == "development":
        parts = split_by_text(pool.texts, pool.labels, fractions=(0.5, 0.5), seed=0)
        pool, tested = (rows_of(pool, part) for part in parts)
    ids = [encode_texts(part.texts, tokenizer, vocabulary) for part in (pool, tested)]
    labels = [np.array(part.labels) for part in (pool, tested)]
    return Corpus(vocabulary, pretraining, ids[0], labels[0], ids[1], labels[1])


@contextmanager
def merged_by(rule: Rule, n: int, rates: Sequence[float]) -> Iterator[None]:
    """Let training merge by a rule, ``n`` times an epoch, at these rates of all rounds."""
    with ExitStack() as stack:
        for name, value in {"USUAL_ROUNDS": n, "FEWEST_ROUNDS": n}.items():
            stack.enter_context(patch.object(schedule, name, value))
        if rule.scale is not None:  # `train` has raised the rate of all rounds
            stack.enter_context(patch.object(schedule, "rate_factor", lambda _: 1.0))
            for name, value in _merging(rule, iter(rates)).items():
                stack.enter_context(patch.object(rounds, name, value))
        yield


def _merging(rule: Rule, rates: Iterator[float]) -> dict[str, Any]:
    """Functions in place of the package's, which computes the weights once, for the first rate."""
    known: dict[str, Any] = {}
    merge = rounds.merge_replicas

    def compute(occurrences: NDArray[np.float64], replicas: int, alpha: float) -> Any:  # noqa: ANN401
        known["scale"] = partial(rule.scale, occurrences, replicas)
        return rule.scale(occurrences, replicas, alpha / rule.rate(replicas))

    def merge_now(weights: Any, replicas: Any, _: Any, *rest: Any) -> None:  # noqa: ANN401
        merge(weights, replicas, known["scale"](next(rates)), *rest)

    return {"merge_scale": compute} | ({"merge_replicas": merge_now} if rule.now else {})


def train(corpus: Corpus, arm: Arm, seed: int) -> Step:
    """Pretrain and return the last step."""
    rule = ALL[arm.rule]
    rate = rule.rate(arm.shares)
    settings = Settings(
        **{
            **vars(SETTINGS),
            "alpha": SETTINGS.alpha * rate,
            "min_alpha": SETTINGS.min_alpha * rate,
            "workers": arm.shares,
            "seed": seed,
        }
    )
    ends = np.linspace(SETTINGS.alpha, SETTINGS.min_alpha, SETTINGS.epochs * arm.rounds + 1)
    with merged_by(rule, arm.rounds, (ends[:-1] + ends[1:]) / 2):
        *_, last = rounds.train_with_numba(corpus.pretraining, corpus.vocabulary.counts, settings)
    return last


def measure(corpus: Corpus, arm: Arm, seed: int) -> dict[str, Any]:
    """Pretrain and return accuracies in %, the loss and CPU seconds; NaN if it diverged."""
    start = time.process_time()
    step = train(corpus, arm, seed)
    seconds = time.process_time() - start
    run = {**arm._asdict(), "seed": seed, "seconds": round(seconds, 1)}
    if not np.isfinite(step.matrix).all() or np.abs(step.matrix).max() > 1e4:
        return run | {"few": float("nan"), "all": float("nan"), "loss": float("nan")}
    return run | accuracies(corpus, step.matrix, seed) | {"loss": loss_of(corpus, step)}


def accuracies(corpus: Corpus, matrix: NDArray[np.float32], seed: int) -> dict[str, float]:
    """Accuracy in % of averaged vectors and logistic regression: 100 labels, all labels."""
    from sklearn.linear_model import LogisticRegression

    vectors = WordVectors(corpus.vocabulary, matrix.copy(), Tokenizer("en"))
    encoder = AveragingEncoder(vectors).fit(corpus.pool)
    X, tested = encoder.transform(corpus.pool), encoder.transform(corpus.tested)
    labels = corpus.pool_labels

    def accuracy(rows: NDArray[np.intp] | slice) -> float:
        head = LogisticRegression(C=10, max_iter=1_000).fit(X[rows], labels[rows])
        return float(100 * (head.predict(tested) == corpus.tested_labels).mean())

    draws = [
        accuracy(draw_labelled(labels.tolist(), FEW, "balanced", seed=seed, draw=draw))
        for draw in range(DRAWS)
    ]
    return {"few": float(np.mean(draws)), "all": accuracy(slice(None))}


def loss_of(corpus: Corpus, step: Step) -> float:
    """Mean loss per pair of the merged weights on tested texts, the same for every arm."""
    n = min(LOSS_TEXTS, len(corpus.tested))
    texts = select(corpus.tested, np.arange(n) * (len(corpus.tested) // n))
    return float(rounds.loss_on(texts, corpus.vocabulary.counts, SETTINGS)(step) or np.nan)


def read_measured(path: Path) -> list[dict[str, Any]]:
    """Runs of a file of JSON lines; none where there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]


def runs_path(folder: Path, name: str, half: str) -> Path:
    """Where the runs of a set are kept."""
    return folder / "scale-quality" / f"{name}-{half}.jsonl"


def measure_all(
    names: Iterable[str], half: str, arms: list[Arm], seeds: range, folder: Path
) -> None:
    """Measure the arms that are missing, and add their runs to the files."""
    for name in names:
        path = runs_path(folder, name, half)
        path.parent.mkdir(parents=True, exist_ok=True)
        done = {(*_arm(run), run["seed"]) for run in read_measured(path)}
        missing = [(arm, seed) for seed in seeds for arm in arms if (*arm, seed) not in done]
        if not missing:
            continue
        corpus = read_corpus(name, half)
        for arm, seed in missing:
            run = measure(corpus, arm, seed)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(run) + "\n")
            print(name, half, run, flush=True)


def _arm(run: dict[str, Any]) -> Arm:
    return Arm(run["shares"], run["rule"], run["rounds"])


def read_runs(folder: Path) -> pd.DataFrame:
    """Return all runs there are, with their set and half; a run measured twice counts once."""
    import pandas as pd

    runs = pd.DataFrame(
        [
            {"set": name, "half": half, **run}
            for name in SETS
            for half in ("development", "test")
            for run in read_measured(runs_path(folder, name, half))
        ]
    )
    return runs.drop_duplicates(["set", "half", "seed", *Arm._fields], ignore_index=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_report_options(parser)
    parser.add_argument("--half", choices=["development", "test"], default="development")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--shares", nargs="+", type=int, default=SHARES)
    parser.add_argument("--rules", nargs="+", choices=ALL, default=[*RULES], metavar="RULE")
    parser.add_argument("--rounds", nargs="+", type=int, default=[20])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    if not options.report:
        arms = [Arm(1, FORMER, 20)] * (1 in options.shares)
        arms += [
            Arm(shares, rule, n)
            for n in options.rounds
            for rule in options.rules
            for shares in options.shares
            if shares > 1
        ]
        measure_all(options.sets, options.half, arms, range(options.seeds), options.cache)
    write_report(read_runs(options.cache), options.out)
