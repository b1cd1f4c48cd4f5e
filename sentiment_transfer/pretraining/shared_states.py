"""The states of a run whose weights are files: kept after each round, and resumed from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import InputError
from sentiment_transfer.pretraining.engine import History

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.shared_rounds import SharedRun, SharedStep

__all__ = ["SharedState", "States"]

KEPT = 2
"""Latest states that are kept: if the machine stops, files of the last one may not be whole."""


@dataclass(frozen=True)
class SharedState:
    """The state between two rounds: names of the weights, position of the next round, history."""

    slices: tuple[str, ...]
    position: tuple[int, int] = (0, 0)
    history: History | None = None


class States:
    """The latest states of a run, in its store.

    Files of the last one may not be whole if the machine stopped, so that before it is kept too.
    """

    def __init__(self, run: SharedRun) -> None:
        self._run = run
        self._name = f"{run.key}-state"
        self._latest: list[dict[str, Any]] = []

    def open(self) -> SharedState:
        """Return the last whole state, that at the start if there is none."""
        record = self._run.store.record(self._name) or {}
        for number, state in enumerate(record.get("states", ())):
            try:
                for name in state["slices"]:
                    self._run.store.check(name)
            except InputError:
                continue
            self._latest = record["states"][number:]
            position = state["position"][0], state["position"][1]
            return SharedState(tuple(state["slices"]), position, History(**state["history"]))
        return SharedState(self._run.start)

    def save(self, step: SharedStep, history: History) -> None:
        """Save the state after a round, and remove the weights that are not needed any more."""
        position = [step.epoch, step.round + 1]
        state = {"slices": step.slices, "position": position, "history": asdict(history)}
        states = [state, *self._latest]
        self._latest = states[:KEPT]
        self._run.store.put_record(self._name, {"states": self._latest})
        kept, old = _names(self._latest) | {*self._run.start}, _names(states[KEPT:])
        self._run.store.remove((step.replicas | old) - kept)


def _names(states: list[dict[str, Any]]) -> set[str]:
    return {name for state in states for name in state["slices"]}
