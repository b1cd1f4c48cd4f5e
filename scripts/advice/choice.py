"""Measure how far the choice of word vectors is behind the best one in hindsight.

    python -m scripts.advice.choice          some forty minutes; writes results/advice-choice.md

A small bank is built from some sets: films (imdb), goods (five domains of amazon), and a general
model of both; in Chinese hotels and meals. It is judged on other sets, and on its own ones by the
members that did not learn from them, beside own vectors of 300 to 12,000 texts, and random ones.
"""

from __future__ import annotations

import argparse
import warnings
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.bank.teaching import read_lesson, two_classes
from scripts.corpora import CHINESE, read_set, rows_of, sampled
from scripts.reports import CACHE, RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.advice.vectors.choice import OWN, RANDOM, best_of
from sentiment_transfer.advice.vectors.evidence import Evidence
from sentiment_transfer.model.choice import choose_member

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.encoding import EncodedTexts

    Models = dict[str, SentimentClassifier]

GOODS = tuple(
    (f"amazon/{domain}", 3_000)
    for domain in ("apparel", "baby", "electronics", "health_personal_care", "toys_games")
)
BANK = {
    "general-en": (("imdb", 7_000), *((name, 1_500) for name, _ in GOODS), ("clothing", 3_000)),
    "films-en": (("imdb", 12_000),),
    "goods-en": GOODS,
    "hotels-zh": (("zh_hotel", 4_000),),
    "meals-zh": (("zh_waimai", 4_000),),
}
"""Members and the texts that they learn from; the general one first."""
TARGETS = {
    "choosing": {
        "mr": (300, 2_000, 5_000),
        "amazon/dvd": (300, 2_000),
        "uci_amazon": (500,),
        "clothing": (300, 2_000, 10_000),
        "zh_waimai": (300, 2_000, 6_000),
        "tweets3": (1_000,),
    },
    "reporting": {
        "imdb": (300, 2_000, 12_000),
        "amazon/books": (300, 2_000),
        "amazon/kitchen_housewares": (300, 2_000),
        "uci_imdb": (500,),
        "uci_yelp": (500,),
        "zh_hotel": (300, 2_000, 4_000),
    },
}
"""Sets and numbers of unlabelled texts, to choose thresholds on and to report."""
BUDGETS = {0: 1, 8: 4, 32: 4, 100: 4}
"""Draws by number of labels."""
MOST = 2_000
NOTE = f"""# The choice of word vectors

Written by `scripts/advice/choice.py`. Points of accuracy behind the best candidate in hindsight,
means over sets and numbers of unlabelled texts (300 to 12,000), and {BUDGETS[8]} draws of labels.
The candidates are two or three members of a small bank
({", ".join(BANK)}), of which none has learnt from the set, own
vectors, and random ones. **Chosen** is the rule of `choose_vectors`; its margin for own vectors is
from the first half of the sets, the second chose nothing. *General* is
always the first member, *hidden seed words* always the best of these. Below 30 labels, labels are
no evidence.

"""


@dataclass(frozen=True)
class Loss:
    """Points behind hindsight of each rule, in one case."""

    half: str
    name: str
    n_texts: int
    labels: int
    chosen: str
    lost: dict[str, float]


def bank(language: str) -> dict[str, Path]:
    """Build the members of a language, or find those built before."""
    found = {}
    for name, sources in BANK.items():
        if name.endswith(language):
            found[name] = path = CACHE / "advice-choice" / f"{name}.safetensors"
            if not path.is_file():
                print(f"building {name}", flush=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                texts = [text for source, n in sources for text in unlabelled(source, n, 1)]
                SentimentClassifier(language).pretrain(texts, callback=None).save(path)
    return found


def unlabelled(name: str, n: int, seed: int) -> list[str]:
    """Return different texts of the pool of a set, chosen at random."""
    if name == "tweets3":
        texts = read_lesson(name)[0].texts
        texts = texts[: len(texts) // 2]
    else:
        pool, more, _ = read_set(name)
        texts = pool.texts + more
    different = list(dict.fromkeys(texts))
    return [different[i] for i in np.random.default_rng(seed).permutation(len(different))[:n]]


def judged_texts(name: str) -> Labelled:
    """Return the labelled texts that are judged, and that labels are drawn from, shuffled."""
    if name == "tweets3":
        pool, _ = read_lesson(name)
        held = rows_of(pool, np.arange(len(pool) // 2, len(pool)))
    else:
        held = sampled(two_classes(read_set(name).test), MOST)
    return rows_of(held, np.random.default_rng(0).permutation(len(held)))


def candidates(name: str, texts: list[str]) -> Models:
    """Return models over the vectors of each candidate, fitted to texts without labels."""
    language = "zh" if name in CHINESE else "en"
    models: Models = {}
    for member, path in bank(language).items():
        if name not in {source for source, _ in BANK[member]}:
            model: Any = load(path)
            models[str(path)] = model.adapt(texts)
    models[OWN] = SentimentClassifier(language).pretrain(texts, callback=None)
    models[RANDOM] = models[OWN].with_random_vectors()
    return models


def measure(half: str, name: str, n_texts: int) -> Iterator[Loss]:
    """Yield what is lost with each number of labels."""
    texts, held = unlabelled(name, n_texts, 0), judged_texts(name)
    n = min(2_000, len(texts) // 3)
    full, part = candidates(name, texts), candidates(name, texts[n:])
    labels = np.array(held.labels)
    encoded = {each: model.encode(held.texts) for each, model in full.items()}
    drawn_from = min(500, len(held) // 2)
    rest = np.arange(drawn_from, len(held))
    for budget, draws in BUDGETS.items():
        if budget > drawn_from:
            continue
        accuracies, choices = [], []
        for draw in range(draws):
            rows = np.random.default_rng([budget, draw]).permutation(drawn_from)[:budget]
            if budget and len(np.unique(labels[rows])) < 2:
                continue
            accuracies.append(
                {each: _accuracy(full[each], encoded[each], labels, rows, rest) for each in full}
            )
            drawn = ([held.texts[i] for i in rows], labels[rows]) if budget else None
            choices.append(_choose(part, texts, texts[:n], drawn))
        means = {each: float(np.mean([one[each] for one in accuracies])) for each in full}
        best = max(means.values())
        lost = {
            rule: 100 * float(np.mean([best - means[choice[rule]] for choice in choices]))
            for rule in choices[0]
        }
        chosen = max({c["chosen"] for c in choices}, key=[c["chosen"] for c in choices].count)
        yield Loss(half, name, len(texts), budget, chosen.rpartition("/")[2], lost)


def _accuracy(
    model: SentimentClassifier,
    encoded: EncodedTexts,
    labels: NDArray[np.str_],
    rows: NDArray[np.intp],
    rest: NDArray[np.intp],
) -> float:
    fitted = copy(model).fit_encoded(encoded[rows], labels[rows]) if len(rows) else model
    return float(np.mean(fitted.predict_encoded(encoded[rest]) == labels[rest]))


def _choose(
    models: Models, texts: list[str], judged: list[str], drawn: tuple[list[str], Any] | None
) -> dict[str, str]:
    """Return the candidate that each rule takes."""
    evidence = Evidence.of(models, judged, drawn, 0)
    names = [each for each in models if each not in (OWN, RANDOM)]
    language = next(iter(models.values())).language
    usual = choose_member(language, texts, drawn, names=names).name
    real = [each for each in models if each != RANDOM]
    by_words = max(real, key=lambda each: evidence.agreement.get(each, 0.0))
    by_logme = max(real, key=lambda each: evidence.logme[each]) if evidence.n_labels else usual
    return {
        "chosen": best_of(models, names, evidence, usual),
        "general": names[0],
        "own": OWN,
        "hidden seed words": by_words if evidence.n_seed_texts else usual,
        "LogME": by_logme,
    }


def table(losses: Sequence[Loss]) -> list[str]:
    """Return lines of Markdown: means by half and number of labels."""
    rules = [*losses[0].lost]
    lines = []
    for half in TARGETS:
        for budget in BUDGETS:
            of = [one for one in losses if (one.half, one.labels) == (half, budget)]
            if of:
                cells = [f"{np.mean([one.lost[rule] for one in of]):.2f}" for rule in rules]
                lines.append([half, budget or "none", len(of), *cells])
    return markdown_table(["sets", "labels", "cases", *rules], lines)


def each_case(losses: Sequence[Loss]) -> list[str]:
    """Return lines of Markdown: what is chosen without labels and with 100, and what that loses."""
    lines = []
    for one in losses:
        if one.labels in (0, 100):
            cells = [one.chosen.removesuffix(".safetensors"), f"{one.lost['chosen']:.1f}"]
            lines.append([one.name, f"{one.n_texts:,}", one.labels, *cells])
    return markdown_table(["set", "texts", "labels", "most often chosen", "lost"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    losses = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of little text, and of few known words
        for half, targets in TARGETS.items():
            for name, sizes in targets.items():
                for n_texts in sizes:
                    for loss in measure(half, name, n_texts):
                        print(loss, flush=True)
                        losses.append(loss)
    parts = [NOTE, *table(losses), "", *each_case(losses), ""]
    (RESULTS / "advice-choice.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
