"""An LSTM that predicts the next word of unlabelled texts, before it sees a label.

Dai & Le (2015) start a classifier's LSTM from such a one; Peters et al. (2018) read both ways, each
direction predicting from its own side alone, as here. The word vectors ``v`` stay as they are, and
are tied to the output (Press & Wolf 2017), so that there is little to learn::

    score(w | h) = v_w . (P h) + log p(w)          p: the word's share of all words

For each window of a batch, words ``N`` are drawn from ``q ~ p^0.75``; of these and the true next
word, the true one is to be told (sampled softmax, Jean et al. 2015)::

    loss = -log softmax over {next} + N of (score(w | h) - log q(w))  at the next word

This module imports torch. All randomness comes from one ``torch.Generator``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import embedding, log_softmax
from torch.nn.utils import clip_grad_norm_

from sentiment_transfer.encoding.lstm_layers import LSTMLayers
from sentiment_transfer.encoding.on_torch import one_thread
from sentiment_transfer.encoding.sequences import Padded, like_lengths
from sentiment_transfer.errors import InputError
from sentiment_transfer.progress import Reporter
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.encoding.lstm import LSTMEncoder
    from sentiment_transfer.encoding.tuning import LanguageModel
    from sentiment_transfer.progress import Callback
    from sentiment_transfer.text.vocabulary import TokenIds

__all__ = ["NextWord", "pretrain", "windows"]

CLIP = 1.0


@one_thread()
def pretrain(
    encoder: LSTMEncoder,
    start: Mapping[str, NDArray[np.float32]],
    ids: TokenIds,
    settings: LanguageModel,
    callback: Callback | None = None,
) -> tuple[dict[str, NDArray[np.float32]], dict[str, list[float]]]:
    """Learn to predict words of texts.

    Returns
    -------
    tuple
        Weights in the form of `LSTMEncoder.start_`, and the mean loss of a word in each epoch, by
        direction.

    Raises
    ------
    InputError
        No text has two words.
    """
    lengths = np.minimum(np.diff(ids.offsets), encoder.max_tokens)
    if lengths.max(initial=0) < 2:
        raise InputError("no unlabelled text holds two known words; there is none to predict")
    rounds = settings.epochs * len(encoder.directions)
    n_words = int(lengths[lengths > 1].sum()) * rounds
    report = Reporter("language model", n_words, "words", () if callback is None else (callback,))
    counts = np.bincount(ids.ids, minlength=len(encoder.known_vectors))
    learnt: dict[str, NDArray[np.float32]] = {}
    history: dict[str, list[float]] = {}
    for number, name in enumerate(encoder.directions):
        rng = torch.Generator().manual_seed(2 * int(encoder.seed) + number)
        own = {key: array for key, array in start.items() if key.startswith(name)}
        model = NextWord(own, encoder.known_vectors.matrix, counts, settings, rng)
        losses = np.zeros(settings.epochs)
        for epoch, rate, rows in _batches(lengths, settings, rng):
            texts = encoder.sequences(select(ids, rows)).ids
            loss = model.read(Padded.of(texts, backward=name == "backward"), rate)
            losses[epoch] += loss * len(texts.ids)
            report.add(len(texts.ids), loss)
        learnt |= {f"{name}.{part}": array for part, array in model.arrays().items()}
        history[name] = (losses / lengths[lengths > 1].sum()).tolist()
        report.emit({"loss": history[name][-1]})
    return learnt, history


def _batches(
    lengths: NDArray[np.int64], settings: LanguageModel, rng: Generator
) -> Iterator[tuple[int, float, NDArray[np.intp]]]:
    """Epoch, learning rate and rows of each batch; rows of two words or more."""
    several = np.flatnonzero(lengths > 1)
    total, done = int(lengths[several].sum()) * settings.epochs, 0
    for epoch in range(settings.epochs):
        for batch in like_lengths(lengths[several], settings.batch_size, rng):
            yield epoch, settings.learning_rate * (1 - done / total), several[batch]
            done += int(lengths[several[batch]].sum())


class NextWord:
    """One direction in training.

    Parameters
    ----------
    weights
        Of the direction, under whatever name, in the order input, recurrent, bias.
    matrix
        Word vectors, ``(n_words, d)``.
    counts
        How often each word occurs, ``(n_words,)``.
    settings, rng
        How to learn, and where all randomness comes from.
    """

    def __init__(
        self,
        weights: Mapping[str, NDArray[np.float32]],
        matrix: NDArray[np.float32],
        counts: NDArray[np.int64],
        settings: LanguageModel,
        rng: Generator,
    ) -> None:
        gpu = settings.device == "auto" and torch.cuda.is_available()
        self.device = "cuda" if gpu else "cpu"
        named = {f"forward.{key.partition('.')[2]}": array for key, array in weights.items()}
        self.layers = LSTMLayers(named, "last", self.device)
        self.vectors = torch.tensor(matrix, device=self.device)
        self.lstm = self.layers.lstms["forward"]
        units, d = self.lstm.hidden_size, matrix.shape[1]
        self.projection = torch.zeros(units, d, device=self.device, requires_grad=True)
        seen = counts + 0.1
        share, noise = seen / seen.sum(), seen**0.75 / (seen**0.75).sum()
        self.noise = torch.tensor(noise)
        self.bias = torch.tensor(np.log(share) - np.log(noise), dtype=torch.float32)
        self.bias = self.bias.to(self.device)
        self.settings, self.rng = settings, rng
        self.parameters = [*self.layers.parameters.values(), self.projection]
        self.optimizer = torch.optim.Adam(self.parameters, lr=settings.learning_rate)

    def read(self, texts: Padded, rate: float) -> float:
        """Learn from a batch, window by window; the mean loss."""
        self.optimizer.param_groups[0]["lr"] = rate
        state, losses = None, []
        for window in windows(texts, self.settings.window):
            loss, state = self.loss(window, state)
            self.optimizer.zero_grad()
            torch.autograd.backward(loss)
            clip_grad_norm_(self.parameters, CLIP)
            self.optimizer.step()
            state = state[0].detach(), state[1].detach()
            losses.append(float(loss.detach()))
        return float(np.mean(losses))

    def loss(
        self, window: Window, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Mean loss of a window's words, and the state after it."""
        x = embedding(self._ids(window.ids), self.vectors)
        if state is not None:  # of the texts that go on; they stand first
            n = window.ids.shape[1]
            state = state[0][:, :n].contiguous(), state[1][:, :n].contiguous()
        states, after = self.lstm(x, state)
        noise = torch.multinomial(
            self.noise, self.settings.negatives, replacement=True, generator=self.rng
        ).to(self.device)
        told = torch.from_numpy(window.known).to(self.device)
        following = self._ids(window.following)
        return self._sampled(states[told], following[told], noise), after

    def _sampled(self, states: Tensor, following: Tensor, noise: Tensor) -> Tensor:
        """Sampled softmax: the true next word against the noise, itself left out of that."""
        queries = states @ self.projection
        true = (queries * self.vectors[following]).sum(1) + self.bias[following]
        others = queries @ self.vectors[noise].T + self.bias[noise]
        others = others.masked_fill(noise[None, :] == following[:, None], -torch.inf)
        return -log_softmax(torch.cat([true[:, None], others], 1), 1)[:, 0].mean()

    def _ids(self, ids: NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(ids).to(self.device)

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """``input``, ``recurrent`` and ``bias`` as they are now."""
        return {
            name.partition(".")[2]: parameter.detach().cpu().numpy().copy()
            for name, parameter in self.layers.parameters.items()
        }


@dataclass(frozen=True, eq=False)
class Window:
    """Some steps of texts, and the word that follows each: all int64 ``(n_steps, n_texts)``.

    ``known`` is False where the text has ended: there is no next word.
    """

    ids: NDArray[np.int64]
    following: NDArray[np.int64]
    known: NDArray[np.bool_]


def windows(texts: Padded, steps: int) -> Iterator[Window]:
    """Cut texts into windows of so many steps, with those alone that go on in each.

    ``[[7, 8, 9], [5, 6]]`` in windows of one step: ``7, 5 -> 8, 6``, then ``8 -> 9``.
    """
    for first in range(0, len(texts.ids) - 1, steps):
        n = int(np.count_nonzero(texts.lengths > first + 1))
        part = texts.ids[first : first + steps + 1, :n]
        known = np.arange(first + 1, first + len(part))[:, None] < texts.lengths[:n]
        yield Window(part[:-1], part[1:], known)
