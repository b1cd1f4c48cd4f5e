"""Measure where polarity scores are cut, and the estimated share of positives; no test text.

    python -m scripts.accuracy.prevalence             resumes from the cache
    python -m scripts.accuracy.prevalence --report    the page from the runs there are

The pools of 18 development sets are sampled at five shares of positive texts. Each sample is what
the model is adapted to, and what it is right or wrong about; its labels are used for nothing else.
"""

from __future__ import annotations

import argparse
import json
from functools import cache
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scripts.accuracy.prevalence_report import (
    AS_THEY_ARE,
    QUANTILE,
    SHARES,
    TO_ADAPT,
    TO_FIT,
    WAYS,
    report,
)
from scripts.corpora import CHINESE, corpora_folder, read_set
from scripts.reports import add_report_options
from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.polarity.cut import choose_cut, two_means_cut
from sentiment_transfer.polarity.learning import polarity_from_seeds
from sentiment_transfer.polarity.little_text import balance_weight
from sentiment_transfer.polarity.prevalence import (
    share_by_counting,
)
from sentiment_transfer.polarity.seeds import seed_ids
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.text.vocabulary import TokenIds

AMAZON = ("apparel", "baby", "books", "dvd", "electronics", "health_personal_care",
          "kitchen_housewares", "toys_games")  # fmt: skip
SETS = ("imdb", *(f"amazon/{domain}" for domain in AMAZON), "mr", "uci_amazon", "uci_imdb",
        "uci_yelp", "clothing", "tweets3", *CHINESE)  # fmt: skip
SAMPLES = {100: 4, 300: 2, 1_000: 2, 3_000: 1}
"""Number of samples of each number of texts."""
MOST_TEXTS = 6_000
"""Texts of each polarity that samples are drawn from."""
OWN = ("imdb", "amazon/books", "mr", "clothing", "zh_hotel", "zh_waimai")
"""Sets that vectors are learnt from."""
OWN_TEXTS = 3_000
OTHER = {"en": "imdb", "zh": "zh_hotel"}
"""Sets whose vectors are those of another domain; not for sets of films, or of hotels."""
FILMS = ("imdb", "mr", "uci_imdb", "amazon/dvd", "zh_hotel")


LABELLED = ("mr", "amazon/books", "uci_yelp", "clothing", "tweets3", "zh_waimai")
"""Sets that are judged after some labels."""
JUDGED = 200
BUDGETS = (8, 32, 100)
LABEL_SHARES = (0.5, 0.75)
LABEL_DRAWS = 2


class Pool(NamedTuple):
    """Texts of two polarities."""

    texts: list[str]
    positive: NDArray[np.bool_]


class Base(NamedTuple):
    """What adapting starts from, over the token ids of a pool."""

    ids: TokenIds
    matrix: NDArray[np.float32]
    seeds: tuple[NDArray[np.intp], NDArray[np.intp]]
    balance_weight: float
    background: Polarity | None


def language_of(name: str) -> str:
    """Return the language of a set."""
    return "zh" if name in CHINESE else "en"


@cache
def pool_of(name: str) -> Pool:
    """Read the pool of a set without middling texts, at most 6,000 of each polarity."""
    if name == "tweets3":
        import pandas as pd

        frame = pd.read_parquet(corpora_folder() / name / "train.parquet")
        texts, labels = frame["text"].tolist(), frame["label"].astype(str).tolist()
        sides = {"0": False, "2": True}
    else:
        rows = read_set(name)[0]
        texts, labels = list(rows.texts), [str(label) for label in rows.labels]
        sides = {"negative": False, "positive": True, "1": False, "2": False, "4": True, "5": True}
    positive = np.array([sides.get(label, False) for label in labels])
    polar = np.array([label in sides for label in labels])
    rng, sides = np.random.default_rng(0), (positive & polar, ~positive & polar)
    kept = [rng.permutation(np.flatnonzero(side))[:MOST_TEXTS] for side in sides]
    chosen = np.sort(np.concatenate(kept))
    return Pool([texts[i] for i in chosen], positive[chosen])


@cache
def model_of(kind: str, name: str, folder: Path) -> SentimentClassifier:
    """Return the shipped model, or one that is learnt from texts of a set, or read again."""
    if kind == "shipped":
        loaded = load(f"reviews-{name}")
    else:
        path = folder / "prevalence" / f"{name.replace('/', '.')}.safetensors"
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            texts = pool_of(name).texts
            chosen = np.random.default_rng(1).permutation(len(texts))[:OWN_TEXTS]
            model = SentimentClassifier(language_of(name), skipgram=SkipGram())
            model.pretrain([texts[i] for i in chosen], callback=None).save(path)
        loaded = load(path)
    if not isinstance(loaded, SentimentClassifier):
        raise TypeError(f"{kind} {name} is no classifier")
    return loaded


def base_of(kind: str, name: str, folder: Path) -> Base:
    """Return the word vectors and the background of a kind for a set."""
    language = language_of(name)
    source = {"shipped": language, "own": name, "other": OTHER[language]}[kind]
    model = model_of(kind, source, folder)
    vectors = model.vectors_
    words = vectors.tokenizer.language_data
    return Base(
        vectors.encode(pool_of(name).texts),
        vectors.matrix,
        seed_ids(vectors.vocabulary, words.positive_seeds, words.negative_seeds),
        balance_weight(vectors),
        None if kind == "own" else model.encoder_.polarity_,
    )


def samples_of(pool: Pool, share: float) -> Iterator[tuple[int, int, NDArray[np.intp]]]:
    """Return number of texts, number of the sample, and rows; none that the pool is too small for.

    At most nine tenths of the texts of a polarity are drawn.
    """
    sides = np.flatnonzero(pool.positive), np.flatnonzero(~pool.positive)
    for n, samples in SAMPLES.items():
        wanted = round(share * n), n - round(share * n)
        if all(part <= len(side) * 0.9 for part, side in zip(wanted, sides, strict=True)):
            for sample in range(samples):
                rng = np.random.default_rng([n, sample, round(100 * share)])
                drawn = [
                    rng.choice(side, part, replace=False)
                    for side, part in zip(sides, wanted, strict=True)
                ]
                yield n, sample, np.sort(np.concatenate(drawn))


def measure_sample(
    base: Base, positive: NDArray[np.bool_], rows: NDArray[np.intp]
) -> dict[str, Any]:
    """Accuracy in % of each cut, and the counts that the share is estimated from."""
    ids, truth = select(base.ids, rows), positive[rows]
    before = base.background
    learnt = polarity_from_seeds(
        base.matrix, ids, *base.seeds, background=before, balance_weight=base.balance_weight
    )
    x, known = learnt.encode(ids, base.matrix), np.diff(ids.offsets) > 0
    scores, balance = (x @ learnt.along)[known], x[known, -1]
    groups = two_means_cut(scores)
    answers: dict[str, NDArray[np.bool_]] = {"2-means": scores > groups.cut}
    earlier = None
    if before is not None:
        answers["not adapted"] = before.score(before.encode(ids, base.matrix))[known] > 0
        earlier = share_by_counting(answers["not adapted"])
        share = (answers["not adapted"].mean() + answers["2-means"].mean()) / 2
        answers["half way"] = scores > np.quantile(scores, 1 - share)
    answers["the rule"] = scores > choose_cut(scores, balance, earlier=earlier)
    share = NormalDist(scores.mean(), scores.std() or 1.0).cdf(
        choose_cut(scores, balance, earlier=earlier)
    )
    answers[QUANTILE] = scores > np.quantile(scores, share)
    answers["share known"] = scores > np.quantile(scores, 1 - truth.mean())
    counts = {"known": int(known.sum()), "n+": int((balance > 0).sum()),
              "n-": int((balance < 0).sum()), "explained": groups.explained}  # fmt: skip
    counts |= {f"n {arm}": int(said.sum()) for arm, said in answers.items()}
    guessed = 0.5 * float((~known).mean())
    right = {arm: (said == truth[known]).sum() / len(truth) for arm, said in answers.items()}
    return counts | {arm: 100 * (float(share) + guessed) for arm, share in right.items()}


def measure_labelled(name: str) -> Iterator[dict[str, Any]]:
    """Fit labels of one share, judge texts of another: accuracy in %, and the estimated share."""
    pool = pool_of(name)
    sides = np.flatnonzero(pool.positive), np.flatnonzero(~pool.positive)
    for share in SHARES:
        asked, rest = _divided(sides, share, JUDGED, np.random.default_rng([round(100 * share)]))
        texts, truth = [pool.texts[i] for i in asked], pool.positive[asked]
        models = {way: _adapted(name, texts, share if way == TO_ADAPT else None) for way in WAYS}
        encoded = {way: model.encode(texts) for way, model in models.items()}
        for of_labels, budget in product(LABEL_SHARES, BUDGETS):
            for draw in range(LABEL_DRAWS):
                rng = np.random.default_rng([draw, budget])
                rows, _ = _divided(rest, of_labels, budget, rng)
                few, labels = [pool.texts[i] for i in rows], pool.positive[rows]
                run: dict[str, Any] = {"set": name, "share": share, "labels": budget, "draw": draw}
                run["of labels"] = of_labels
                for way, model in models.items():
                    known = share if way == TO_FIT else None
                    model.fit(few, np.where(labels, "positive", "negative"), prevalence=known)
                    said = model.predict_encoded(encoded[way]) == "positive"
                    run[way] = 100 * float((said == truth).mean())
                found = models[AS_THEY_ARE].estimate_prevalence(texts)
                yield run | {"low": found.low, "high": found.high, "found": found.share}


def _adapted(name: str, texts: list[str], prevalence: float | None) -> SentimentClassifier:
    model = load(f"reviews-{language_of(name)}")
    if not isinstance(model, SentimentClassifier):
        raise TypeError(f"the shipped model for {name} is no classifier")
    return model.adapt(texts, prevalence=prevalence)


def _divided(
    sides: tuple[NDArray[np.intp], NDArray[np.intp]], share: float, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Draw ``n`` rows, this share of them from the first side; also return the rest of each."""
    counts = round(share * n), n - round(share * n)
    mixed = [rng.permutation(side) for side in sides]
    drawn = np.concatenate([side[:k] for side, k in zip(mixed, counts, strict=True)])
    return drawn, (mixed[0][counts[0] :], mixed[1][counts[1] :])


def measure(folder: Path) -> None:
    """Measure what is missing, one file of runs for each set and kind of vectors."""
    for name in SETS:
        kinds = ["shipped", *(["own"] if name in OWN else ())]
        kinds += [] if name in FILMS else ["other"]
        for kind in kinds:
            path = folder / "prevalence" / f"{kind}-{name.replace('/', '.')}.jsonl"
            if path.is_file():
                continue
            base, pool, lines = base_of(kind, name, folder), pool_of(name), []
            for share in SHARES:
                for n, sample, rows in samples_of(pool, share):
                    facts = {"set": name, "kind": kind, "share": share, "n": n, "sample": sample}
                    lines.append(json.dumps(facts | measure_sample(base, pool.positive, rows)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(kind, name, len(lines), flush=True)
    for name in LABELLED:
        path = folder / "prevalence" / f"labels-{name.replace('/', '.')}.jsonl"
        if not path.is_file():
            path.write_text("".join(f"{json.dumps(run)}\n" for run in measure_labelled(name)))
            print("labels", name, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_report_options(parser)
    options = parser.parse_args()
    if not options.report:
        measure(options.cache)
    report(options.cache, options.out)
