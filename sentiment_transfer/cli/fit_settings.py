"""What the options of ``sentiment-transfer fit`` ask for, checked, as settings of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.cli import options
from sentiment_transfer.cli.sentence_encoders import open_encoder
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments.transfer_arms import averages_stages, lstm_stages
from sentiment_transfer.polarity import PolarityClassifier

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NO_TEXTS", "FitSettings", "Given"]

NO_TEXTS = "no vectors and no texts to pretrain on; give --unlabelled or --vectors"


@dataclass(frozen=True)
class Given:
    """Which texts and vectors a command line names."""

    labelled: str | None
    vectors: Path | None
    unlabelled: list[str] | None


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """The options of the command that choose stages and what is done with them."""

    head: str | None
    encoder: str | None
    augment: int
    curves: Path | None
    rates: Path | None
    learning_rate: float | None
    ordered: str | None
    prevalence: float | None
    no_seeds: bool
    class_weight: str | None
    sentence_encoder: str | None
    folds: int
    seed: int

    def check(self, given: Given) -> None:
        """Raise ``SettingError`` for options that contradict each other.

        Raises ``MissingExtraError`` if the stages need torch and it is not installed.
        """
        for message, holds in {**self._contradictions(), **self._lacking(given)}.items():
            if holds:
                raise SettingError(message)
        if self.head == "network":
            require_torch("--head network")
        elif self.encoder is not None:
            require_torch(f"--encoder {self.encoder}")

    def _contradictions(self) -> dict[str, object]:
        """Return what may not hold of the options alone, by message."""
        network = self.head == "network"
        of_default = (
            self.ordered
            or self.prevalence is not None
            or self.no_seeds
            or self.sentence_encoder is not None
        )
        return {
            f"--encoder {self.encoder} has its own head; leave out --head {self.head}": (
                self.encoder and self.head
            ),
            "--curves needs --head network or --encoder": (
                self.curves and not (network or self.encoder)
            ),
            "--rates needs --head network": self.rates and not network,
            "--ordered, --prevalence, --no-seeds and --sentence-encoder are for the default model; "
            "leave out --head and --encoder": self.other_stages and of_default,
            "--class-weight is for the default model and --head network; leave out --head": (
                self.class_weight and (self.encoder or self.head not in (None, "network"))
            ),
            "--folds 1 is not allowed; it must be 0 or an integer from 2": self.folds == 1,
            "--learning-rate needs --head network": self.learning_rate is not None and not network,
        }

    def _lacking(self, given: Given) -> dict[str, object]:
        """Return which texts or vectors may not be missing, by message."""
        return {
            "--augment needs LABELLED and --head": (
                self.augment and not (given.labelled and self.head)
            ),
            NO_TEXTS: given.vectors is None and not given.unlabelled and given.labelled is None,
            "without LABELLED, give --unlabelled and neither --head nor --encoder": (
                given.labelled is None and (self.other_stages or not given.unlabelled)
            ),
        }

    @property
    def other_stages(self) -> bool:
        """Whether the stages are not the default ones."""
        return self.head is not None or self.encoder is not None

    @property
    def keeps_learnt(self) -> bool:
        """Whether a model in the file of vectors keeps what it learnt from unlabelled texts."""
        return self.encoder is None and not self.no_seeds

    def parameters(self) -> dict[str, Any]:
        """Return parameters of a `SentimentClassifier`."""
        parameters = self._stages()
        if self.ordered is not None:
            parameters["ordered"] = self.ordered != "no" and options.split(self.ordered)
        if self.no_seeds:
            parameters["seeds"] = None
        if self.sentence_encoder is not None:
            parameters["sentence_encoder"] = open_encoder(self.sentence_encoder)
        return parameters | {"seed": self.seed}

    def _stages(self) -> dict[str, Any]:
        """Return encoder and head; None for the default ones."""
        if self.encoder is None:
            return {"encoder": None, "head": self._head()}
        stages = averages_stages if self.encoder == "fine-tuned" else lstm_stages
        return stages(seed=self.seed)

    def _head(self) -> Any:  # noqa: ANN401  (a classifier of scikit-learn or of this package)
        weight: Any = self.class_weight
        if self.head == "network":
            rate = self.learning_rate
            training = Training() if rate is None else Training(learning_rate=rate)
            return HiddenLayerClassifier(seed=self.seed, training=training, class_weight=weight)
        if self.head == "logistic":
            from sklearn.linear_model import LogisticRegression

            return LogisticRegression(C=10)
        if self.head == "svm":
            from sklearn.svm import LinearSVC

            return LinearSVC(random_state=self.seed)
        return PolarityClassifier(class_weight=weight) if weight else None
