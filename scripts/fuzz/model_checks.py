"""What must hold for a model file that loads, and how much it may take."""

from __future__ import annotations

import json
import re
import time
import traceback
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.fuzz.model_mutants import Content, written
from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.base.schema import check as check_content
from sentiment_transfer.errors import ModelFileError, SentimentTransferError
from sentiment_transfer.model.fast_path import FastPath
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.stored import ModelFacts
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.text.indexing import SMALL_CHARACTERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Trial"]

MAX_SECONDS, MAX_BYTES = 5.0, 200_000_000
DEEP = 10
"""Of this many mutants, one is also saved, used on many texts, and fitted."""

TEXTS = [
    *["", "  ", "zzz qqq", "good", "The film was not good.", "A dull plot, badly acted!"],
    *["great great great awful", "Lovely room; the hotel was clean & quiet, but the food was bad."],
    *["I loved this phone :-)", "not bad at all", "good good film film film", "x" * 200, "!!"],
    *["这家酒店很好", "房间不好，服务很差。", "the worst film of all time, a dull and awful story"],
]
"""More than eight, so that the plain path takes them as it takes many."""

RULES = {
    r"damaged|tampered|empty|not a model file|safetensors|header has|cannot be read": "container",
    r"is missing|missing required": "something is missing",
    r"is no part of|unknown field": "an unknown name",
    r"has shape": "shape",
    r"is \w+\d+, but": "dtype",
    r"holds \S+, but values|must sum|must increase|sum of counts": "values of a tensor",
    r"words": "words",
}
"""Kinds of refusal by their message without its remedy; the others are rules of facts."""


class Trial:
    """Tries mutants in this process."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "m.safetensors"
        self._again = folder / "again.safetensors"
        self._tried = 0

    def warm_up(self, paths: list[Path]) -> None:
        """Load files and take both paths once, so that no mutant waits for a compiler.

        Warnings are ignored from here on.
        """
        warnings.simplefilter("ignore")
        for path in paths:
            try:
                check(load(path), self._again, deep=path.stem == "default-8")
            except ModelFileError:
                continue

    def outcome(self, content: Content) -> str:
        """Return what became of a mutant: refused, equal or failed, and why."""
        data, deep = written(content), self._tried % DEEP == 0
        self._tried += 1
        self._path.write_bytes(data)
        before, began = _reset_peak(), time.process_time()
        result = self._outcome(deep)
        seconds, grown = time.process_time() - began, _peak() - before
        if result.startswith("failed"):
            return result
        if seconds > MAX_SECONDS:
            return f"failed: took too long ({seconds:.1f} s; {result})"
        if grown > MAX_BYTES + len(data):
            return f"failed: took too much memory ({grown / 1e6:.0f} MB; {result})"
        return result

    def _outcome(self, deep: bool) -> str:
        try:
            model = load(self._path)
        except ModelFileError as error:
            return self._refusal(error)
        except Exception as error:
            return f"failed: loading raised {type(error).__name__} ({_last(error)})"
        try:
            problem = check(model, self._again, deep=deep)
        except Exception as error:
            return f"failed: using it raised {type(error).__name__} ({_last(error)})"
        return f"failed: {problem}" if problem else "loaded, and equal on both paths"

    def _refusal(self, error: ModelFileError) -> str:
        if error.path != str(self._path) or ";" not in error.message or "Error" in error.message:
            return f"failed: a refusal without path or remedy ({error})"
        reason = re.sub(r"; [^;]*the file is damaged or was altered; .*", "", error.message)
        for pattern, kind in RULES.items():
            if re.search(pattern, reason):
                return f"refused: {kind}"
        return "refused: facts"


def check(
    model: SentimentClassifier | WordVectors, again: Path, *, deep: bool = False
) -> str | None:
    """Return what is wrong with a loaded model, or None; ``deep`` also asks many texts and fits."""
    if isinstance(model, WordVectors):
        return _check_vectors(model, again)
    stages = model.stages_
    tolerance = 1e-6 * rounding(stages)
    encoded = stages.encoder.encode(TEXTS)
    plain = stages.predict_proba_encoded(encoded)
    if plain.shape != (len(TEXTS), len(stages.classes)) or not _are_probabilities(plain):
        return f"the plain path gives no probabilities ({plain})"
    if not ((encoded.coverage >= 0) & (encoded.coverage <= 1)).all():
        return f"coverage is outside 0 to 1 ({encoded.coverage})"
    alone = np.concatenate([stages.answer([text]).probabilities for text in TEXTS[3:7]])
    if not np.allclose(alone, plain[3:7], rtol=0, atol=tolerance):
        return f"one text is answered differently alone ({alone}, {plain[3:7]})"
    problem = _check_compiled(stages, plain, encoded.coverage, tolerance)
    problem = problem or _check_explanations(model) or _check_state(stages, plain)
    return problem or (_check_deeply(model, again, plain, tolerance) if deep else None)


def rounding(stages: FittedStages) -> float:
    """Return a bound of the log odds, at least 1: rounding errors grow with it."""
    d = stages.vectors.vector_size
    longest = 1.0
    if not getattr(stages.encoder, "normalize", True):
        mean = np.abs(getattr(stages.encoder, "mean_", np.zeros(1))).max()
        longest = (np.abs(stages.vectors.matrix).max() + mean) * d**0.5
    head: Any = stages.head
    if not isinstance(head, PolarityClassifier):
        total = longest
        for array in head.state()[1].values():
            total *= max(1.0, float(np.linalg.norm(array.astype(np.float64))))
        return max(1.0, total)
    slope = 1.0
    polarity = getattr(stages.encoder, "polarity_", None)
    if polarity is not None:
        parts = np.abs(polarity.along).sum() + abs(polarity.cut)
        if stages.encoder.taught_ is not None:  # a text has at most some hundred known grams
            largest = 10 * np.abs(stages.encoder.taught_.weights.astype(float)).max(initial=0.0)
            parts += polarity.taught_weight * (abs(polarity.taught_mean) + largest)
        slope = parts / polarity.spread
    weights = [
        np.linalg.norm(array) * (slope if part == "score" else 1.0)
        for member in head.members
        for part, array in member.weights.items()
    ]
    return float(max(1.0, *weights, *(abs(member.bias) for member in head.members)))


def _check_compiled(
    stages: FittedStages, plain: NDArray[Any], coverage: NDArray[Any], tolerance: float
) -> str | None:
    path = FastPath.of(stages.encoder, stages.head)
    if path is None:
        return None
    probabilities, covered = path.answer(TEXTS)
    probabilities[covered == 0] = stages.prior
    if not _are_probabilities(probabilities):
        return f"the compiled path gives no probabilities ({probabilities})"
    if not np.array_equal(covered, coverage):
        return f"the paths differ in coverage ({covered}, {coverage})"
    if not np.allclose(probabilities, plain, rtol=0, atol=tolerance):
        return f"the paths differ (by more than {tolerance:.2g}: {probabilities - plain})"
    return None


def _check_explanations(model: SentimentClassifier) -> str | None:
    for text in ("not a good film", "房间不好"):
        explanation = model.explain(text)
        shares = [share for _, share in explanation.pieces]
        if not np.isfinite([*shares, explanation.bias, explanation.probability]).all():
            return f"an explanation is not finite ({explanation})"
    encoder = model.encoder_
    if isinstance(encoder, PolarityEncoder) and encoder.polarity_ is not None:
        word = model.vectors_.words[0]
        if word and not np.isfinite(model.polarity(word)):
            return f"the polarity of {word!r} is not finite"
    return None


def _check_state(stages: FittedStages, plain: NDArray[Any]) -> str | None:
    """Rebuild a model from what it would save, and compare their answers."""
    manifest, tensors = stages.state("float32")
    facts = check_content(ModelFacts, json.loads(json.dumps(manifest)), tensors)
    found = FittedStages.from_state(facts, tensors)
    if found.classes.tolist() != stages.classes.tolist():
        return f"rebuilt, its classes differ ({found.classes})"
    repeated = found.predict_proba_encoded(found.encoder.encode(TEXTS))
    if not np.array_equal(repeated, plain):
        return f"rebuilt, it answers differently ({repeated - plain})"
    return None


def _check_deeply(
    model: SentimentClassifier, again: Path, plain: NDArray[Any], tolerance: float
) -> str | None:
    """Save and load; answer many texts; fit the default stages to eight labels."""
    model.save(again)
    reloaded = load(again)
    if not isinstance(reloaded, SentimentClassifier):
        return "saved and loaded, it is no classifier"
    if not np.array_equal(reloaded.predict_proba(TEXTS), model.predict_proba(TEXTS)):
        return "saved and loaded, it answers differently"
    times = 1 + SMALL_CHARACTERS // sum(map(len, TEXTS))
    many = model.predict_proba(TEXTS * times)
    if not np.allclose(many, np.tile(plain, (times, 1)), rtol=0, atol=tolerance):
        return "many texts are answered differently"
    if isinstance(model.head_, PolarityClassifier):
        labels = model.head_.order_.tolist()
        try:
            model.fit(TEXTS[4:12], (labels * 8)[:8])
        except SentimentTransferError:  # class weights of other labels, for one
            return None
        if not _are_probabilities(model.predict_proba(TEXTS)):
            return "fitted again, it gives no probabilities"
    return None


def _check_vectors(vectors: WordVectors, again: Path) -> str | None:
    near = vectors.nearest(vectors.words[0])
    if not np.isfinite([cosine for _, cosine in near]).all():
        return f"a cosine is not finite ({near})"
    if not np.isfinite(vectors.coverage(TEXTS)).all():
        return "coverage is not finite"
    vectors.save(again)
    if not np.array_equal(WordVectors.load(again).matrix, vectors.matrix):
        return "saved and loaded, the vectors differ"
    return None


def _are_probabilities(p: NDArray[Any]) -> bool:
    inside = bool(((p >= 0) & (p <= 1)).all())  # NaN is neither
    return inside and bool(np.allclose(p.sum(axis=1), 1, rtol=0, atol=1e-5))


def _last(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-2:]
    places = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
    return f"{str(error)[:300]}; {places}"


def _reset_peak() -> int:
    """Forget the peak of resident memory, where the system can; return the present one."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _peak()
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(name: str) -> int:
    """Return a figure of this process in bytes; 0 on systems without ``/proc``."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return 1024 * int(found[1]) if found else 0
