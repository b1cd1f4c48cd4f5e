"""The network of `multitask`, with a softmax over the outputs of each row's own task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sentiment_transfer.classification.network_torch import Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Generator, Tensor

    from sentiment_transfer.classification.network_torch import Examples

__all__ = ["TaskNetwork"]


class TaskNetwork(Network):
    """A `Network` whose outputs belong to tasks.

    The class number of an example determines its task. Outputs of other tasks are left out of its
    softmax, so the example does not train them.

    Parameters
    ----------
    tasks
        The task of each output, ``(k,)``.
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        activation: str,
        rng: Generator,
        device: str = "cpu",
        *,
        tasks: Sequence[str],
    ) -> None:
        super().__init__(sizes, activation, rng, device)
        number = {task: i for i, task in enumerate(dict.fromkeys(tasks))}
        own = torch.tensor([number[task] for task in tasks], device=device)
        self.foreign = own[:, None] != own[None, :]

    def scores(self, examples: Examples, mask: Tensor | None = None) -> Tensor:
        """Return the scores of each example's own task, and minus infinity for other tasks."""
        return self.logits(examples.x, mask).masked_fill(self.foreign[examples.y], -torch.inf)
