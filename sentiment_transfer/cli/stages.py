"""The options of ``fit`` that choose stages two and three: what they make, which contradict."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.errors import SettingError

__all__ = ["Encoder", "Head", "StageOptions"]


class Encoder(StrEnum):
    """Encoders that learn with a network behind them."""

    lstm = "lstm"
    fine_tuned = "fine-tuned"


class Head(StrEnum):
    """Classifiers on sentence vectors."""

    network = "network"
    logistic = "logistic"
    svm = "svm"


@dataclass(frozen=True)
class StageOptions:
    """Stages two and three as they were asked for; None is for the model to choose."""

    encoder: Encoder | None
    head: Head | None
    learning_rate: float | None
    ordered: str | None
    prevalence: float | None
    seeds: bool
    seed: int

    @property
    def named(self) -> bool:
        """Whether a stage is named, in place of the usual model."""
        return self.head is not None or self.encoder is not None

    def check(self, *, curves: bool, rates: bool) -> None:
        """Raise a SettingError where options contradict, pictures of learning among them."""
        encoder, head = self.encoder, self.head
        network = head is Head.network
        if encoder is not None and head is not None:
            raise SettingError(
                f"--encoder {encoder} brings a head of its own; leave out --head {head}"
            )
        if curves and not (network or encoder):
            raise SettingError(
                "--curves shows how a network learns; give --head network or --encoder"
            )
        if rates and not network:
            raise SettingError("--rates shows how a network learns; give --head network")
        if self.named and (self.ordered or self.prevalence is not None or not self.seeds):
            raise SettingError(
                "--ordered, --prevalence and --no-seeds are for the usual model; leave out --head "
                "and --encoder"
            )
        if self.learning_rate is not None and not network:
            raise SettingError("--learning-rate is that of --head network; give both, or neither")

    def parameters(self) -> dict[str, Any]:
        """Parameters of a `SentimentClassifier`."""
        parameters = self._stages() | {"prevalence": self.prevalence}
        if self.ordered is not None:
            parameters["ordered"] = [name.strip() for name in self.ordered.split(",")]
        if not self.seeds:
            parameters["seeds"] = None
        return parameters

    def _stages(self) -> dict[str, Any]:
        if self.encoder is None:
            return {"encoder": None, "head": self._head()}
        from sentiment_transfer.experiments.strategies import averages_stages, lstm_stages

        if self.encoder is Encoder.fine_tuned:
            return averages_stages(seed=self.seed)
        return lstm_stages(seed=self.seed)

    def _head(self) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
        if self.head is Head.network:
            rate = self.learning_rate
            training = Training() if rate is None else Training(learning_rate=rate)
            return HiddenLayerClassifier(seed=self.seed, training=training)
        if self.head is Head.logistic:
            from sklearn.linear_model import LogisticRegression

            return LogisticRegression(C=10)
        if self.head is Head.svm:
            from sklearn.svm import LinearSVC

            return LinearSVC(random_state=self.seed)
        return None
