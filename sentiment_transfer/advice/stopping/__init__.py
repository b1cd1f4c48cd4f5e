"""When to stop pretraining."""

from sentiment_transfer.advice.stopping.snapshots import Snapshot
from sentiment_transfer.advice.stopping.stopping import StoppedPretraining, pretrain_until

__all__ = ["Snapshot", "StoppedPretraining", "pretrain_until"]
