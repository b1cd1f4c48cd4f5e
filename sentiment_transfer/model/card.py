"""A model's card: what it was trained on, how good it is and how to load it, in Markdown.

The card (Mitchell et al. 2019, Model Cards for Model Reporting) begins with a block of YAML that
the Hugging Face Hub reads (https://huggingface.co/docs/hub/model-cards). It holds what is in the
model file and in a measurement, and nothing else: a card without a measurement says so.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from sentiment_transfer.errors import SettingError, shown
from sentiment_transfer.model.parameters import count_parameters
from sentiment_transfer.pretraining.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["LIBRARY", "TASK", "ModelCard", "card_of", "is_printable", "require_answers_of"]

LIBRARY = "sentiment-transfer"
TASK = "text-classification"
LOADING = "How to load it"
TAGS = ("sentiment-analysis", "word-embeddings", "few-shot-learning", "safetensors")
UNMEASURED = (
    "No accuracy was measured. With labelled texts that the model has not seen, "
    "`sentiment-transfer card MODEL --test LABELLED` measures it."
)
HEADER = ("what", "figure")
MEASURES = frozenset(
    (
        *("accuracy", "accuracy_interval", "calibration_error", "coverage", "fitted_texts"),
        *("folds", "labels", "macro_f1", "majority", "overconfidence", "texts"),
        "texts_without_known_word",
    )
)
"""Measures that a card shows, or that decide what it says of them."""
MOST_LABELS = 3
"""Labels with missed texts that a card lists, the lowest recall first."""
SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#"})
"""Characters of names and labels that Markdown would read as marks."""


@dataclass(frozen=True)
class ModelCard:
    """A model's card; ``str`` of it is the Markdown.

    Attributes
    ----------
    metadata
        What the Hub reads, by name.
    title
        Title of the page.
    sections
        Text in Markdown by heading; the first, without a heading, has the key ``""``.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> card = load("reviews-en").card(name="Reviews")
    >>> card.title, str(card).splitlines()[:2]
    ('Reviews', ['---', 'language: "en"'])
    """

    metadata: Mapping[str, Any]
    title: str
    sections: Mapping[str, str]

    def loaded_from(self, where: str) -> ModelCard:
        """Return the card of the same model at another place.

        Parameters
        ----------
        where
            What `load` takes to read the model there.
        """
        return replace(self, sections={**self.sections, LOADING: _loading(where)})

    def __str__(self) -> str:
        facts = "".join(f"{name}: {_yaml(value)}\n" for name, value in self.metadata.items())
        parts = [f"## {name}\n\n{text}" if name else text for name, text in self.sections.items()]
        return "\n\n".join([f"---\n{facts}---\n\n# {_plain(self.title)}", *parts]) + "\n"


def card_of(
    stages: FittedStages,
    *,
    name: str = "model",
    evaluation: Any = None,  # noqa: ANN401  (an Evaluation, of a folder above this one)
    test_set: str = "labelled texts",
    license: str | None = None,  # noqa: A002  (its name on the Hub)
) -> ModelCard:
    """Return the card of a model; see `SentimentClassifier.card`."""
    for setting, text in (("name", name), ("test_set", test_set), ("license", license or "none")):
        if not is_printable(text):
            raise SettingError(
                f"{setting}={shown(text)} is not allowed; give text without line breaks and "
                "control characters"
            )
    report = None if evaluation is None else _report(evaluation)
    known = _provenance(stages)
    metadata: dict[str, Any] = {"language": _code(stages)}
    if license:
        metadata["license"] = license
    metadata |= {"library_name": LIBRARY, "pipeline_tag": TASK, "tags": [*TAGS]}
    if report is not None and not report["fitted_texts"] and report["folds"] is None:
        metadata["model-index"] = [_index(name, report, test_set)]
    sections = {
        "": _summary(stages, known),
        LOADING: _loading("path/to/model.safetensors"),
        "What it was trained on": _training(stages, known),
        "How good it is": _accuracy(report, test_set, known),
        "Where it fails": _failures(report),
        "Sizes": _sizes(stages),
    }
    return ModelCard(metadata, name, {key: text for key, text in sections.items() if text})


def require_answers_of(predict: Callable[[Sequence[str]], NDArray[Any]], evaluation: Any) -> None:  # noqa: ANN401
    """Raise ``SettingError`` if an `Evaluation` has other answers than a model gives.

    Measures alone, and a cross-validation, which measures other models, are not checked.
    """
    texts = getattr(evaluation, "texts", None)
    if texts is None or evaluation.report["folds"] is not None:
        return
    n_other = int((predict(texts).astype(str) != evaluation.predicted).sum())
    if n_other:
        raise SettingError(
            f"evaluation is of another model: {n_other:,} of its {len(texts):,} answers are not "
            "those of this one; measure this model with evaluate(model, labelled)"
        )


def is_printable(text: object) -> bool:
    """Whether it is text that fits in a title: not blank, no control characters, any space."""
    return (
        isinstance(text, str)
        and bool(text.strip())
        and all(one.isprintable() or unicodedata.category(one) == "Zs" for one in text)
    )


def _report(evaluation: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return the measures of an `Evaluation`, or measures that are given themselves."""
    report = getattr(evaluation, "report", evaluation)
    missing = MEASURES - {*report} if isinstance(report, Mapping) else MEASURES
    if missing:
        raise SettingError(
            "evaluation is not what sentiment_transfer.experiments.evaluate returns; it lacks "
            f"{', '.join(sorted(missing))}"
        )
    found: Mapping[str, Any] = report
    return found


def _provenance(stages: FittedStages) -> Provenance:
    """Return what is known of the word vectors, as far as it is true of this model.

    The accuracy of a shipped model, and how many texts each of its words stands in, are not those
    of a model that learnt more since; and labels taught only a model that has what they taught.
    """
    known, summary = Provenance.of(stages.vectors), stages.summary
    if getattr(stages.encoder, "taught_", None) is None:
        known = msgspec.structs.replace(known, teachers=[])
    if summary.n_adaptation_texts or summary.n_labels or not known.teachers:
        known = msgspec.structs.replace(known, accuracy={}, accuracy_note="", note="")
    return known


def _code(stages: FittedStages) -> str:
    return stages.vectors.tokenizer.language_data.code


def _summary(stages: FittedStages, known: Provenance) -> str:
    labels = ", ".join(_plain(label) for label in stages.order.astype(str).tolist())
    name = stages.vectors.tokenizer.language_data.name
    kind = f" Word vectors: {_plain(known.kind)}." if known.kind else ""
    return (
        f"A classifier of {name} texts that predicts {labels}. It averages pretrained word vectors "
        f"and runs on a CPU.{kind}"
    )


def _loading(where: str) -> str:
    return (
        "```python\nfrom sentiment_transfer import load\n\n"
        f"model = load({json.dumps(where, ensure_ascii=False)})\nmodel.predict(texts)\n```"
    )


def _training(stages: FittedStages, known: Provenance) -> str:
    summary = stages.summary
    rows = [
        ("unlabelled texts, word vectors", _number(summary.n_pretraining_texts)),
        ("unlabelled texts, adapted to", _number(summary.n_adaptation_texts)),
        ("word vectors of", _plain(summary.started_from or "")),
        *(
            (f"labelled {_plain(label)}", f"{n:,}")
            for label, n in (summary.label_counts or {}).items()
        ),
    ]
    text = _table(HEADER, [row for row in rows if row[1]])
    if summary.label_counts == {}:
        text += "\n\nIt was not fitted on labelled texts of its own."
    for title, sources in (
        ("Texts of the word vectors", known.sources),
        ("Labels that taught it words", known.teachers),
    ):
        if sources:
            text += f"\n\n{title} are from " + "; ".join(_source(one) for one in sources) + "."
    return text + (f"\n\n{_plain(known.note)}" if known.note else "")


def _source(source: Any) -> str:  # noqa: ANN401  (a part of Provenance)
    return _plain(f"{source.name} ({source.terms})" if source.terms else source.name)


def _accuracy(report: Mapping[str, Any] | None, test_set: str, known: Provenance) -> str:
    parts = []
    if report is not None:
        parts += [_measured_on(report, test_set), _table(HEADER, _measures(report))]
        parts.append(_by_label(report))
    if known.accuracy:
        parts += [f"Accuracy {_plain(known.accuracy_note)}:", _by_set(known.accuracy)]
    return "\n\n".join(parts) or UNMEASURED


def _measured_on(report: Mapping[str, Any], test_set: str) -> str:
    n, folds, fitted = report["texts"], report["folds"], report["fitted_texts"]
    if folds is not None:
        return f"Measured on {n:,} {_plain(test_set)} by cross-validation with {folds} folds:"
    if fitted:
        return (
            f"Measured on {n:,} {_plain(test_set)}. **The model was fitted on {fitted:,} of them, "
            "so the figures are better than on new texts.**"
        )
    return f"Measured on {n:,} {_plain(test_set)} that the model was not fitted on:"


def _measures(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    low, high = (_percent(bound) for bound in report["accuracy_interval"])
    excess = _percent(report["overconfidence"])
    side = "below" if report["overconfidence"] < 0 else "above"
    return [
        ("accuracy", f"{_percent(report['accuracy'])} %, 95 % interval {low} to {high}"),
        ("always the most frequent label", f"{_percent(report['majority']['accuracy'])} %"),
        ("macro-F1", f"{_percent(report['macro_f1'])} %"),
        ("calibration error", f"{_percent(report['calibration_error'])} %"),
        ("mean confidence", f"{excess.removeprefix('-')} points {side} the accuracy"),
        ("coverage", f"{_percent(report['coverage'])} % of the words have a vector"),
    ]


def _by_label(report: Mapping[str, Any]) -> str:
    rows = [
        (_plain(row["label"]), _percent(row["precision"]), _percent(row["recall"]), row["texts"])
        for row in report["labels"]
    ]
    return _table(("label", "precision %", "recall %", "texts"), rows)


def _by_set(accuracy: Mapping[str, Mapping[str, float]]) -> str:
    keys = ("development_texts", "no_label", "8_labels", "8_labels_sd", "8_labels_worst")
    rows = [
        (_plain(name), *(f"{row[key]:g}" if key in row else "" for key in keys))
        for name, row in accuracy.items()
    ]
    return _table(("set", "texts", "no label", "8 labels", "sd", "worst draw"), rows)


def _failures(report: Mapping[str, Any] | None) -> str:
    """Return what the measurement shows: labels that are missed, texts without a known word."""
    if report is None:
        return ""
    lines = []
    if n_unknown := report["texts_without_known_word"]:
        have, their = ("has", "its") if n_unknown == 1 else ("have", "their")
        lines.append(
            f"{n_unknown:,} of the {report['texts']:,} texts {have} no known word; {their} label "
            "is a guess."
        )
    missed = [row for row in report["labels"] if row["texts"] and _n_missed(row)]
    lines += [
        f"{_n_missed(row):,} of {row['texts']:,} texts of the label {_plain(row['label'])} got "
        "another one."
        for row in sorted(missed, key=lambda row: row["recall"])[:MOST_LABELS]
    ]
    if (n_more := len(missed) - MOST_LABELS) > 0:
        lines.append(f"Some texts of {n_more:,} more label{'s' * (n_more > 1)} got another one.")
    return "\n".join(f"- {line}" for line in lines)


def _n_missed(row: Mapping[str, Any]) -> int:
    n_missed: int = round(row["texts"] * (1 - row["recall"]))
    return n_missed


def _sizes(stages: FittedStages) -> str:
    parameters, vectors = count_parameters(stages), stages.vectors
    rows = [
        ("words", f"{len(vectors):,}"),
        ("dimensions of a word vector", f"{vectors.vector_size:,}"),
        (
            "parameters",
            f"{parameters.total:,}, of which {parameters.trained:,} learnt from labels of its own",
        ),
        ("encoder", type(stages.encoder).__name__),
        ("head", type(stages.head).__name__),
    ]
    return _table(HEADER, rows)


def _index(name: str, report: Mapping[str, Any], test_set: str) -> dict[str, Any]:
    """Return the entry of ``model-index``, whose figures are shares."""
    figures = {"accuracy": report["accuracy"], "f1": report["macro_f1"]}
    titles = {"accuracy": "Accuracy", "f1": "Macro-F1"}
    metrics = [
        {"type": kind, "name": titles[kind], "value": round(value, 4)}
        for kind, value in figures.items()
    ]
    result = {
        "task": {"type": TASK, "name": "Text Classification"},
        "dataset": {"type": "local", "name": test_set},
        "metrics": metrics,
    }
    return {"name": name, "results": [result]}


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _yaml(value: object) -> str:
    """Return a value as JSON, which YAML 1.2 contains; inner lines are indented as it demands."""
    is_nested = isinstance(value, list) and any(isinstance(one, dict) for one in value)
    text = json.dumps(value, ensure_ascii=False, indent=2 if is_nested else None)
    return text.replace("\n", "\n  ")


def _plain(text: object) -> str:
    return " ".join(str(text).translate(SPECIAL).split())


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _number(count: int | None) -> str:
    return f"{count:,}" if count else ""
