"""Word vectors: words, matrix, counts, metadata; reading and writing other programs' formats."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.base.schema import by_part, check, convert, require_readable
from sentiment_transfer.errors import (
    InputError,
    ModelFileError,
    SettingError,
    UnknownWordError,
    shown,
)
from sentiment_transfer.pretraining.precision import MAX_VALUE, Precision, compress, restore
from sentiment_transfer.pretraining.stored import VectorsFacts
from sentiment_transfer.storage import load_file, pack_strings, save_file, unpack_strings
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import unit_rows
from sentiment_transfer.text.grammar import Grammar
from sentiment_transfer.text.reading import encode_texts, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gensim.models import KeyedVectors
    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.formats import VectorFormat
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["WordVectors"]


@dataclass(frozen=True, eq=False)
class WordVectors:
    """A vocabulary with one vector per word, and the tokenizer that produced its words.

    Attributes
    ----------
    vocabulary
        Words, most frequent first, with their counts.
    matrix
        float32, shape ``(n_words, vector_size)``, C-contiguous; row ``i`` belongs to word ``i``.
    tokenizer
        Splits texts into words of this vocabulary.
    metadata
        How it was trained and on what, as JSON values.

    Raises
    ------
    InputError
        The shape of the matrix does not fit the words, or a value is not finite.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> vectors = load("reviews-en").vectors_
    >>> vectors["dull"].shape
    (100,)
    >>> "tedious" in [word for word, _ in vectors.nearest("dull", 10)]
    True
    >>> vectors.coverage(["a dull plot", "qwertz"]).tolist()
    [1.0, 0.0]
    """

    stored: ClassVar = VectorsFacts

    vocabulary: Vocabulary
    matrix: NDArray[np.float32]
    tokenizer: Tokenizer
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or len(self.matrix) != len(self.vocabulary):
            raise InputError(
                f"a matrix of shape {self.matrix.shape} does not fit {len(self.vocabulary)} words; "
                "it must have one row per word"
            )
        matrix = np.ascontiguousarray(self.matrix, dtype=np.float32)
        largest = max(matrix.max(initial=0), -matrix.min(initial=0))
        if not largest <= MAX_VALUE:  # NaN is above everything
            row = int(np.argmin((np.abs(matrix) <= MAX_VALUE).all(axis=1)))
            raise InputError(
                f"the vector of {self.words[row]!r} holds {np.abs(matrix[row]).max():g}; all "
                f"values must be finite and at most {MAX_VALUE:g}, so that their squares can be "
                "summed: scale the vectors down"
            )
        object.__setattr__(self, "matrix", matrix)

    @property
    def words(self) -> tuple[str, ...]:
        """The words, most frequent first."""
        return self.vocabulary.words

    @property
    def counts(self) -> NDArray[np.int64]:
        """int64, shape ``(n_words,)``."""
        return self.vocabulary.counts

    @property
    def vector_size(self) -> int:
        """Length of a vector."""
        return int(self.matrix.shape[1])

    @cached_property
    def unit_matrix(self) -> NDArray[np.float32]:
        """The rows scaled to unit length; a zero row stays zero."""
        return unit_rows(self.matrix)

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __deepcopy__(self, memo: dict[int, Any]) -> WordVectors:
        return self  # never changed, and too large for a copy in every fold of a grid search

    def __contains__(self, word: object) -> bool:
        return word in self.vocabulary

    def __getitem__(self, word: str) -> NDArray[np.float32]:
        """Return the vector of a word; raises ``UnknownWordError`` for an unknown one."""
        row: NDArray[np.float32] = self.matrix[self.id_of(word)]
        return row

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self):,} words, {self.vector_size} dimensions>"

    def id_of(self, word: str) -> int:
        """Return the row of a word.

        Parameters
        ----------
        word
            As a token: in lower case.

        Returns
        -------
        int
            Of ``matrix``.

        Raises
        ------
        UnknownWordError
            The word has no vector; ``near`` of the error lists similar ones that do.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> vectors = load("reviews-en").vectors_
        >>> vectors.words[vectors.id_of("dull")]
        'dull'
        """
        if word not in self:
            # NumPy asks an object for its item 0, and takes it as a scalar after a KeyError
            words = self.words[:20_000] if isinstance(word, str) else ()
            near = difflib.get_close_matches(str(word), words, n=3)
            raise UnknownWordError(word, near)
        return self.vocabulary.index[word]

    def nearest(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """Return the ``n`` words with the highest cosine to a word, without the word itself.

        Words with a count of 0, whose vectors are not learnt from texts, are left out.

        Parameters
        ----------
        word
            A word of the vocabulary.
        n
            Number of words.

        Returns
        -------
        list of (str, float)
            The words with their cosines, the highest first.

        Raises
        ------
        UnknownWordError
            The word has no vector.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> [word for word, _ in load("reviews-en").vectors_.nearest("dull", 3)]
        ['boring', 'tedious', 'uninteresting']
        """
        target = self.id_of(word)
        cosines = self.unit_matrix @ self.unit_matrix[target]
        others = self.counts > 0
        others[target] = False
        cosines[~others] = -np.inf
        best = np.argsort(-cosines, kind="stable")[: max(0, min(n, np.count_nonzero(others)))]
        return [(self.words[i], float(cosines[i])) for i in best]

    def encode(self, texts: Iterable[str]) -> TokenIds:
        """Return the token ids of texts, without unknown words.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        TokenIds
            Rows of ``matrix``, for each text.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> ids = load("reviews-en").vectors_.encode(["a dull plot", "qwertz"])
        >>> len(ids), len(ids[0]), len(ids[1])
        (2, 2, 0)
        """
        return encode_texts(texts, self.tokenizer, self.vocabulary)

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the share of each text's tokens that have a vector, ``(n_texts,)``; 0 if empty.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts,)``, between 0 and 1.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").vectors_.coverage(["dull qwertz", ""]).tolist()
        [0.5, 0.0]
        """
        return self.read_texts(texts, words=False).coverage

    @cached_property
    def grammar(self) -> Grammar:
        """The grammar of the tokenizer's language over these words."""
        return Grammar(self.tokenizer.language_data.grammar, self.tokenizer, self.vocabulary)

    def read_texts(
        self, texts: Iterable[str], *, words: bool = True, grammar: Grammar | None = None
    ) -> ReadTexts:
        """Read texts once: their token ids, coverage, and with ``words`` their word pairs.

        A ``grammar`` changes tokens before they are looked up.

        Parameters
        ----------
        texts
            Any number of texts.
        words
            Whether word pairs are read as well.
        grammar
            What changes tokens before they are looked up.

        Returns
        -------
        ReadTexts
            With ``n_texts`` rows.
        """
        return read_texts(texts, self.tokenizer, self.vocabulary, words=words, grammar=grammar)

    def randomised(self, seed: int) -> WordVectors:
        """Return random vectors of the same shape and spread, for the arm without pretraining.

        Parameters
        ----------
        seed
            Of the vectors.

        Returns
        -------
        WordVectors
            With the same words and counts.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> vectors = load("reviews-en").vectors_
        >>> vectors.randomised(0).matrix.shape == vectors.matrix.shape
        True
        """
        generator = np.random.default_rng(seed)
        noise = generator.standard_normal(self.matrix.shape, dtype=np.float32)
        return WordVectors(
            self.vocabulary, noise * self.matrix.std(), self.tokenizer, {"random": True}
        )

    def pruned(self, n_words: int) -> WordVectors:
        """Return vectors of the ``n_words`` most frequent words, with the same metadata.

        Parameters
        ----------
        n_words
            At least 1; all words are kept if there are not more.

        Returns
        -------
        WordVectors
            With ``n_words`` rows.

        Raises
        ------
        SettingError
            ``n_words`` is below 1.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").vectors_.pruned(1_000).matrix.shape
        (1000, 100)
        """
        if n_words < 1:
            raise SettingError(f"n_words={n_words} is not allowed; it must be at least 1")
        vocabulary = Vocabulary(self.words[:n_words], self.counts[:n_words].copy())
        return WordVectors(vocabulary, self.matrix[:n_words].copy(), self.tokenizer, self.metadata)

    def state(self, dtype: Precision = "float32") -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return manifest and tensors for a model file; ``dtype`` is that of the stored matrix."""
        manifest = {"tokenizer": self.tokenizer.describe(), "training": to_json(self.metadata)}
        tensors = compress(self.matrix, dtype) | {"counts": _compact(self.counts)}
        return manifest, tensors | pack_strings(self.words)

    @classmethod
    def from_state(
        cls, facts: VectorsFacts | Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> WordVectors:
        """Build from what ``state`` returned."""
        given = convert(cls.stored, facts)
        counts = tensors["counts"].astype(np.int64)
        vocabulary = Vocabulary(tuple(unpack_strings(tensors)), counts)
        return cls(vocabulary, restore(tensors), given.tokenizer.tokenizer(), given.training)

    def save(self, path: str | Path, dtype: Precision = "float32") -> None:
        """Write one ``.safetensors`` file, atomically; it is loaded as float32.

        ``"float16"`` takes half the space, ``"int8"`` a quarter (see `compress`).

        Parameters
        ----------
        path
            Of the file.
        dtype
            Of the stored matrix.

        Raises
        ------
        InputError
            The file cannot be written there.
        SettingError
            ``dtype`` is not allowed.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").vectors_.pruned(1_000).save("vectors.safetensors", "float16")
        >>> WordVectors.load("vectors.safetensors").matrix.dtype
        dtype('float32')
        """
        content = self.state(dtype)
        require_readable(self.stored, *content, str(path))
        save_file(path, "word_vectors", *content)

    @classmethod
    def load(cls, path: str | Path) -> WordVectors:
        """Read a file that ``save`` wrote, or the word vectors in the file of a classifier.

        Parameters
        ----------
        path
            Of the file.

        Returns
        -------
        WordVectors
            With a float32 matrix.

        Raises
        ------
        ModelFileError
            The file is missing, damaged or another file.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").save("reviews.safetensors")
        >>> WordVectors.load("reviews.safetensors").vector_size
        100
        """
        stored = load_file(path)
        manifest, tensors = stored.manifest, stored.tensors
        if stored.kind == "classifier":  # of its parts, only this one is checked
            manifest, tensors = manifest.get("vectors", {}), by_part(tensors)["vectors"]
        elif stored.kind != "word_vectors":
            raise ModelFileError(
                f"holds {shown(stored.kind)}, which has no word vectors; give a file of word "
                "vectors or of a classifier",
                path=str(path),
            )
        return cls.from_state(check(cls.stored, manifest, tensors, str(path)), tensors)

    def to_keyed_vectors(self) -> KeyedVectors:
        """Return gensim's ``KeyedVectors`` with the same words, rows and counts.

        Returns
        -------
        gensim.models.KeyedVectors
            With a matrix ``(n_words, d)``.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> keyed = load("reviews-en").vectors_.to_keyed_vectors()
        >>> keyed.vector_size, "dull" in keyed
        (100, True)
        """
        from gensim.models import KeyedVectors

        keyed = KeyedVectors(self.vector_size)
        keyed.add_vectors(list(self.words), self.matrix)
        keyed.expandos["count"] = self.counts.copy()
        return keyed

    @classmethod
    def from_keyed_vectors(
        cls, keyed: KeyedVectors, tokenizer: Tokenizer | None = None
    ) -> WordVectors:
        """Convert gensim vectors; the default tokenizer does not mark negation.

        Vectors of other programs have no ``not_good``, so words are looked up unmarked. Without
        counts in ``keyed``, all counts are 1.

        Parameters
        ----------
        keyed
            Vectors of gensim, ``(n_words, d)``.
        tokenizer
            What cuts texts into words; by default that of English, which does not mark negation.

        Returns
        -------
        WordVectors
            With the same rows.

        Raises
        ------
        InputError
            A key is not a ``str``, or a value is not finite.

        Examples
        --------
        >>> from gensim.models import KeyedVectors
        >>> keyed = KeyedVectors(2)
        >>> keyed.add_vectors(["fine", "dull"], [[1.0, 0.0], [-1.0, 0.5]])
        >>> WordVectors.from_keyed_vectors(keyed).words
        ('fine', 'dull')
        """
        from sentiment_transfer.pretraining.word_rows import check_rows

        n = len(keyed.key_to_index)  # where a file held a word twice, gensim pads its lists
        words, matrix = tuple(keyed.index_to_key[:n]), keyed.vectors[:n]
        for word in words:
            if not isinstance(word, str):
                raise InputError(f"the key {word!r} is not a str; all keys must be words")
        wrong = check_rows(matrix)
        if wrong is not None:
            raise InputError(f"the vector of {words[wrong[0]][:40]!r} {wrong[1]}")
        has_counts = "count" in keyed.expandos
        counts = [int(keyed.get_vecattr(word, "count")) if has_counts else 1 for word in words]
        vocabulary = Vocabulary(words, np.array(counts, dtype=np.int64))
        return cls(vocabulary, matrix, tokenizer or Tokenizer(mark_negation=False))

    @classmethod
    def read(
        cls,
        path: str | Path,
        format: VectorFormat,  # noqa: A002  (the field's name)
        tokenizer: Tokenizer | None = None,
        *,
        limit: int | None = None,
    ) -> WordVectors:
        r"""Read a file of word2vec (text or binary), GloVe or fastText, or a model2vec folder.

        Words that are repeated, empty or not UTF-8 are skipped, with a warning. See `read_vectors`.

        Parameters
        ----------
        path
            Of the file or folder.
        format
            ``"word2vec"``, ``"word2vec-binary"``, ``"glove"``, ``"fasttext"`` or ``"model2vec"``.
        tokenizer
            What cuts texts into words, as of `from_keyed_vectors`.
        limit
            Number of words to read, by default all.

        Returns
        -------
        WordVectors
            With a float32 matrix ``(n_words, d)``.

        Raises
        ------
        InputError
            The file is missing, cut short, or in another format or encoding, or it holds NaN.
        SettingError
            ``format`` or ``limit`` is not allowed.

        Examples
        --------
        >>> from pathlib import Path
        >>> _ = Path("glove.txt").write_text("fine 1.0 0.0\ndull -1.0 0.5\n")
        >>> WordVectors.read("glove.txt", "glove").matrix.tolist()
        [[1.0, 0.0], [-1.0, 0.5]]
        """
        from sentiment_transfer.pretraining.formats import read_vectors

        words, matrix, counts = read_vectors(str(path), format, limit)
        return cls(Vocabulary(words, counts), matrix, tokenizer or Tokenizer(mark_negation=False))

    def write(self, path: str | Path, format: VectorFormat = "word2vec") -> None:  # noqa: A002
        """Write a file for other programs, atomically (fastText's ``.vec`` is word2vec text).

        Parameters
        ----------
        path
            Of the file.
        format
            As of `read`.

        Raises
        ------
        InputError
            The file cannot be written there.
        SettingError
            ``format`` is not one that can be written.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> load("reviews-en").vectors_.pruned(1_000).write("vectors.txt", "glove")
        >>> WordVectors.read("vectors.txt", "glove", limit=10).matrix.shape
        (10, 100)
        """
        from sentiment_transfer.pretraining.formats import write_keyed_vectors

        write_keyed_vectors(self.to_keyed_vectors(), path, format)


def _compact(counts: NDArray[np.int64]) -> NDArray[np.signedinteger]:
    """Return counts as int32 if they fit."""
    return counts if counts.max(initial=0) > np.iinfo(np.int32).max else counts.astype(np.int32)
