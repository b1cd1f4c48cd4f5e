"""Small things that whatever learns in torch needs.

This module imports torch, and is imported only where something is learned.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Generator, Tensor

__all__ = ["inverted_dropout", "one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Run on one thread: our products are too small to share, and waiting costs far more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def inverted_dropout(x: Tensor, dropout: float, rng: Generator) -> Tensor:
    """Inverted dropout (Srivastava et al. 2014), drawn from ``rng`` on the CPU."""
    if dropout == 0:
        return x
    kept = torch.rand(x.shape, generator=rng) >= dropout
    return x * kept.to(x) / (1 - dropout)
