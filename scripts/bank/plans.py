"""How the files of the bank are made, and the other settings that were tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts.bank.teaching import TEACHERS
from scripts.corpora import CHINESE, ENGLISH

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["PLANS", "VARIANTS", "Plan"]


@dataclass(frozen=True)
class Plan:
    """How one file of the bank is made."""

    name: str
    kind: str
    sources: tuple[str, ...]
    epochs: int
    teachers: tuple[str, ...] = ()
    domains: tuple[str, str] | None = None
    domain_share: float = 0.6
    vector_size: int = 100
    min_texts: int = 20
    max_words: int = 28_000
    dtype: Precision = "int8"

    @property
    def language(self) -> str:
        """Code of the language, from the name."""
        return self.name.rpartition("-")[2]


FILMS = ("imdb", "mr", "uci_imdb", "amazon/dvd", "amazon/books")
GOODS = ("amazon", "uci_amazon", "clothing")
PLANS = (
    Plan(
        "reviews-en",
        "reviews of films, goods and places",
        ENGLISH,
        10,
        TEACHERS["reviews-en"],
        domains=("imdb", "amazon"),
    ),
    Plan(
        "films-en",
        "reviews of films and books",
        FILMS,
        10,
        TEACHERS["reviews-en"],
        max_words=20_000,
    ),
    Plan("goods-en", "reviews of goods", GOODS, 20, TEACHERS["reviews-en"]),
    Plan("reviews-zh", "reviews of hotels, meals and goods", CHINESE, 40, TEACHERS["reviews-zh"]),
    Plan("reviews-ko", "reviews of films", ("ko_movies",), 40, TEACHERS["reviews-ko"]),
    Plan(
        "reviews-id",
        "reviews of meals, places and goods, and comments",
        ("id_smsa",),
        40,
        TEACHERS["reviews-id"],
    ),
)
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "reviews-en": (
        {"dtype": "float32", "min_texts": 1, "max_words": 10**6},
        {"dtype": "float32"},
        {"dtype": "float16"},
        {},
        {"max_words": 15_000},
        {"max_words": 5_000},
        {"domain_share": 0.0},
        {"domain_share": 0.4},
        {"domain_share": 0.8},
        {"domain_share": 1.0},
        {"vector_size": 64},
        {"vector_size": 64, "dtype": "float16"},
        {"vector_size": 200, "max_words": 17_000},
        {"epochs": 5},
        {"sources": ("imdb", "mr"), "domains": None},
        {"sources": ("amazon", "clothing"), "domains": None},
    ),
    "reviews-zh": (
        {"dtype": "float32", "min_texts": 1},
        {"dtype": "float32"},
        {"dtype": "float16"},
        {},
        {"max_words": 1_500},
        {"vector_size": 64},
        {"vector_size": 200},
        {"min_texts": 10},
        {"min_texts": 5},
        {"epochs": 10},
        {"epochs": 20},
    ),
    "reviews-ko": (
        {"epochs": 10, "dtype": "float32", "min_texts": 1, "teachers": ()},
        {"epochs": 10, "dtype": "float32", "teachers": ()},
        {"epochs": 10, "teachers": ()},
        {"epochs": 10},
        {"epochs": 10, "max_words": 3_000},
        {"epochs": 10, "min_texts": 10},
        {"epochs": 20},
        {},
    ),
    "reviews-id": (
        {"dtype": "float32", "min_texts": 1, "teachers": ()},
        {"dtype": "float32", "teachers": ()},
        {"teachers": ()},
        {},
        {"min_texts": 10},
        {"min_texts": 5},
        {"vector_size": 64},
        {"vector_size": 200},
        {"epochs": 10},
        {"epochs": 10, "teachers": ()},
        {"epochs": 20},
        {"epochs": 20, "teachers": ()},
        {"epochs": 80},
        {"epochs": 80, "teachers": ()},
    ),
}
