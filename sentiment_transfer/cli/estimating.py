"""``pretrain --estimate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.cli.inputs import Reader
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["print_estimate"]


def print_estimate(
    model: SentimentClassifier,
    read: Reader,
    texts: Sequence[str],
    output: Path,
    *,
    checkpoint: str | None,
    shares: int | None,
) -> None:
    """Print what pretraining will take, with ``shares`` on a cluster of as many workers.

    Raises ``SettingError`` after that if it cannot fit, and before it for standard input.
    """
    from sentiment_transfer.model.estimate import estimate_pretraining
    from sentiment_transfer.pretraining.capacity_checks import require_fits
    from sentiment_transfer.pretraining.estimate_table import estimate_table

    if "-" in texts:
        raise SettingError(
            "--estimate reads some of the texts, and standard input can be read only once; save "
            "it to a file and give that"
        )
    folder = None if checkpoint is None or "://" in checkpoint else checkpoint
    estimate = estimate_pretraining(model, read.counted(texts), checkpoint=folder, shares=shares)
    sys.stdout.write(estimate_table(estimate))
    sys.stdout.flush()
    require_fits(estimate, output, None if folder is None else Path(folder))
