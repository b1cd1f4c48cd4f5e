"""The verdict of a piece of advice, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What was found, how sure that is, and what to do next.

    Attributes
    ----------
    found
        One sentence, such as ``"more text would help"``, or ``"can't tell yet"``.
    evidence
        The figures it is based on, and how sure they make it.
    next_step
        What to do; for ``"can't tell yet"``, what would tell.

    Examples
    --------
    >>> verdict = Verdict("more text would help", "0.71 with 300 texts, 0.76 with 900", "add texts")
    >>> print(verdict)
    more text would help
      evidence: 0.71 with 300 texts, 0.76 with 900
      next: add texts
    """

    found: str
    evidence: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.found}\n  evidence: {self.evidence}\n  next: {self.next_step}"
