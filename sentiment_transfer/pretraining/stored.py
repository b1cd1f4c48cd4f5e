"""What a file holds of word vectors, and of a run of pretraining."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np

from sentiment_transfer.base.schema import ALTERED, Facts, Index, Tensor
from sentiment_transfer.errors import ModelFileError, shown
from sentiment_transfer.languages import register_language
from sentiment_transfer.languages.schema import LanguageFile
from sentiment_transfer.pretraining.precision import MAX_VALUE
from sentiment_transfer.storage import check_strings
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["CheckpointFacts", "HistoryFacts", "TokenizerFacts", "VectorsFacts"]

Position = Annotated[int, msgspec.Meta(ge=0, le=2**31)]
Sum = Annotated[float, msgspec.Meta(ge=0, le=1e18)]


class TokenizerFacts(Facts):
    """Parameters of a `Tokenizer`, and the version of its language's data.

    A language that does not ship with the package is in the file itself, as ``language_data``; its
    name there, ``language``, holds the digest of this content.
    """

    language: str
    language_version: Index
    mark_negation: bool
    splitter: str | None
    stemmer: str | None
    stop_words: bool
    language_data: LanguageFile | None = None

    def __post_init__(self) -> None:
        if self.language_data is not None:
            reference = register_language(self.language_data)
            if reference != self.language:
                raise ModelFileError(
                    f"the language {shown(self.language)} is not the one in the file, "
                    f"{reference!r}; {ALTERED}"
                )
        tokenizer = self.tokenizer()
        version = tokenizer.language_data.version
        if self.language_version != version:
            raise ModelFileError(
                f"trained with version {self.language_version} of the language "
                f"{self.language!r}, but this release has version {version}; use the release that "
                "the model was made with, or train it again"
            )
        tokenizer("word")  # raises SettingError for an unknown splitter or stemmer

    def tokenizer(self) -> Tokenizer:
        """Build the tokenizer."""
        return Tokenizer(
            self.language,
            splitter=self.splitter,
            stemmer=self.stemmer,
            stop_words=self.stop_words,
            mark_negation=self.mark_negation,
        )


class VectorsFacts(Facts):
    """Facts of `WordVectors`: at least one word, and one dimension.

    The matrix is stored in one of three precisions, which the names and dtypes of its tensors show
    (see `precision.compress`). ``training`` is free in form.
    """

    tokenizer: TokenizerFacts
    training: dict[str, Any]

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations; an int8 matrix, and no other, has steps."""
        return {
            "vectors": Tensor("f4 f2 i1", ("n_words", "d"), -MAX_VALUE, MAX_VALUE),
            "vectors.steps": Tensor("f4", ("n_words",), 0, MAX_VALUE / 128, optional=True),
            "counts": Tensor("i4 i8", ("n_words",), 0, np.inf),
            "words.utf8": Tensor("u1", ("n_bytes",)),
            "words.offsets": Tensor("i8", ("n_words+1",), 0, np.inf),
        }

    def check(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Check that there are words, and that they are different."""
        if (tensors["vectors"].dtype == np.int8) != ("vectors.steps" in tensors):
            raise ValueError("vectors.steps belong to int8 vectors, and only to them")
        if not tensors["vectors"].size:
            raise ValueError(f"vectors has shape {tensors['vectors'].shape}, but none may be 0")
        if tensors["counts"].sum(dtype=np.float64) >= 2**63:
            raise ValueError("the sum of counts does not fit 64 bits")
        check_strings(tensors)


class HistoryFacts(Facts):
    """The fields of a `History`."""

    total: Index
    epochs: list[dict[str, int | float | None]]
    words: Index
    seconds: Sum
    epoch_words: Index
    epoch_seconds: Sum
    loss: Sum
    pairs: Sum


class CheckpointFacts(Facts):
    """Facts of a checkpoint of a run: what it depends on, its position and history."""

    run: dict[str, Any]
    position: tuple[Position, Position]
    history: HistoryFacts

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of both weights."""
        weights = Tensor("f4", ("n_words", "columns"), -np.inf, np.inf)
        return {"input": weights, "output": weights}
