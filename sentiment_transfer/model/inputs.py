"""Checks of the texts that a model is given."""

from __future__ import annotations

import difflib
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.encoding.sentence_encoder import is_sentence_encoder
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.languages import load_language
from sentiment_transfer.model.coverage import sample_of
from sentiment_transfer.pretraining.bank import bank_names, general_name
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.writing_systems import require_spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.corpus.sampling import Reservoir
    from sentiment_transfer.text import Tokenizer

__all__ = [
    "LittleTextWarning",
    "as_texts",
    "require_sentence_encoder",
    "sampled_with_spaces",
    "unfitted_copy",
    "warn_of_doubtful_labels",
    "warn_of_found_order",
    "warn_of_little_text",
]

ENOUGH_TEXTS = 1_000
"""With vectors of 300 reviews, accuracy is 1 to 16 points below that of the shipped ones."""

MIN_TEXTS_TO_WARN = 8
"""Of fewer texts, a label of one text alone is no sign of a mistake."""


class LittleTextWarning(UserWarning):
    """Word vectors are learnt from few texts."""


def unfitted_copy(estimator: Any) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
    """Return an unfitted copy of an estimator, with the same parameters."""
    if isinstance(estimator, Estimator):
        return type(estimator)(**estimator.get_params(deep=False))
    from sklearn.base import clone

    return clone(estimator)


def warn_of_little_text(n_texts: int, language: str) -> None:
    """Warn if word vectors are learnt from fewer than 1,000 texts."""
    if n_texts < ENOUGH_TEXTS:
        name = general_name(load_language(language).code)
        shipped = f", or fit on shipped vectors with vectors={name!r}" * (name in bank_names())
        warnings.warn(
            f"word vectors learnt from {n_texts:,} texts are unreliable; give {ENOUGH_TEXTS:,} "
            f"texts or more{shipped}",
            LittleTextWarning,
            stacklevel=4,  # the caller of SentimentClassifier.pretrain
        )


def sampled_with_spaces(
    texts: Iterable[str], sampled: Reservoir, tokenizer: Tokenizer, *remedy: Callable[[str], str]
) -> Iterator[str]:
    """Yield texts, sampling them, and raise ``InputError`` at their end if they lack spaces.

    A reader that has read all texts raises it before anything is learnt (see `require_spaces`).
    """
    yield from sampled.through(as_iterable_of_texts(texts))
    require_spaces(sample_of(sampled.texts), tokenizer, *remedy)


def warn_of_doubtful_labels(texts: Sequence[str], labels: NDArray[Any]) -> None:
    """Warn of equal texts with different labels, and of a label that only one text has."""
    label_of: dict[bytes, Any] = {}
    doubtful = [
        text
        for text, label in zip(texts, labels.tolist(), strict=True)
        if text.strip() and label_of.setdefault(text_key(text), label) != label
    ]
    if doubtful:
        warnings.warn(
            f"{len(doubtful):,} of {len(texts):,} texts have two labels, such as "
            f"{shown(doubtful[0])}; correct the labels, or leave these texts out",
            stacklevel=3,
        )
    classes, counts = np.unique(labels, return_counts=True)
    alone = classes[counts == 1].tolist()
    if alone and len(labels) >= MIN_TEXTS_TO_WARN and len(alone) < len(classes):
        others = [str(label) for label in classes[counts > 1].tolist()]
        near = difflib.get_close_matches(str(alone[0]), others, n=1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        warnings.warn(
            f"only one text has the label {', '.join(map(shown, alone[:5]))}{meant}; give more "
            "examples, or merge it with another label",
            stacklevel=3,
        )


def warn_of_found_order(head: Any) -> None:  # noqa: ANN401  (any classifier)
    """Say which order of more than two classes was found, if none was given."""
    if getattr(head, "ordered_", False) and head.ordered is None:
        listed = " < ".join(map(str, head.order_.tolist()))
        warnings.warn(
            f"the labels are ordered {listed}; pass ordered=[...] for another order, or "
            "ordered=False for none",
            Notice,
            stacklevel=3,
        )


def require_sentence_encoder(encoder: Any) -> None:  # noqa: ANN401
    """Raise ``SettingError`` for what is no sentence encoder."""
    if not is_sentence_encoder(encoder):
        raise SettingError(
            f"sentence_encoder={shown(encoder)} is not allowed; it must be an object with encode "
            "or embed, such as a SentenceTransformer, a function from a list of texts to (n, d) "
            "numbers, or None"
        )


def as_texts(texts: Iterable[str]) -> list[str]:
    """Return texts as a list; raises ``InputError`` with the index of one that is not a str."""
    listed = list(as_iterable_of_texts(texts))
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(f"text {i} is {text!r}, not a str; leave such rows out")
    return listed
