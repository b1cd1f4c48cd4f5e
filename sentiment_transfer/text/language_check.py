"""Findings in a language file: what is wrong in it, where, and what to do.

The schema says what a file may hold (`languages.schema`); these checks say whether its words can do
what they are listed for, with the tokenizer that will read texts.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import MissingExtraError, SettingError
from sentiment_transfer.languages import (
    Language,
    language_content,
    load_signs,
    register_language,
)
from sentiment_transfer.languages.breaks import schema_breaks
from sentiment_transfer.languages.grammar import GrammarRules
from sentiment_transfer.languages.schema import LanguageFile
from sentiment_transfer.text.language_finding import Finding
from sentiment_transfer.text.negation import NEGATORS, Role
from sentiment_transfer.text.negation_check import (
    NEGATORS_FORM,
    check_negation,
    negated_otherwise,
)
from sentiment_transfer.text.normalise import normalise
from sentiment_transfer.text.tokenizer import Tokenizer
from sentiment_transfer.text.unseen_words import unseen_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Finding", "check_language"]

LEAST_SEEDS = 8
"""Seed words of a side below which the polarity of other words is a matter of luck."""

_ROLES = {
    "stop_words": frozenset({Role.STOP}),
    "negators": NEGATORS,
    "scope.intensifiers": frozenset({Role.INTENSIFIER}),
    "scope.contrast": frozenset({Role.CONTRAST}),
    "scope.cancels": frozenset({Role.CANCEL}),
}
"""Roles that the words of a list must have."""

_REMEDIES = {
    "unknown-part": "remove it, or correct its name",
    "missing-part": "add it, as in a shipped file (language show nl --format json)",
    "schema": "give it this form",
    "grammar": "correct the pattern; languages/grammar.py describes them",
}
"""What to do about a file that cannot be read, by the name of the check."""


def check_language(content: Mapping[str, Any], texts: Iterable[str] | None = None) -> list[Finding]:
    """Return what is wrong in the content of a language file, the errors first.

    A file that breaks the schema is not checked further, since its words cannot be read. With
    ``texts``, seed words and negators that none of them holds are found as well.
    """
    found = list(_schema(content))
    if not found:
        try:
            reference = register_language(content)
        except SettingError as error:
            whole = Finding("grammar", "grammar", str(error), _REMEDIES["grammar"])
            return list(_grammar(content)) or [whole]
        data = language_content(reference) or {}
        tokenizer = Tokenizer(reference)
        checker = _Checker(data, tokenizer)
        found = [finding for check in checker.checks for finding in check()]
        found += [] if texts is None else unseen_words(tokenizer, texts)
    return sorted(dict.fromkeys(found), key=lambda finding: not finding.is_error)


def _schema(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield all breaks of the schema."""
    for kind, place, reason in schema_breaks(content):
        is_negator = kind == "schema" and place.partition(".")[0] == "negators"
        yield Finding(kind, place, reason, NEGATORS_FORM if is_negator else _REMEDIES[kind])


def _grammar(content: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the patterns of a grammar that cannot be read; else what is wrong with all of it."""
    grammar = LanguageFile.from_dict(content).as_dict()["grammar"]
    for i, pattern in enumerate(grammar["patterns"]):
        try:
            GrammarRules.from_dict(grammar | {"patterns": [pattern]}, load_signs())
        except SettingError as error:
            yield Finding("grammar", f"grammar.patterns[{i}]", str(error), _REMEDIES["grammar"])
        except KeyError:
            break


class _Checker:
    """The checks of the words of a file that fits the schema."""

    def __init__(self, content: Mapping[str, Any], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: Language = tokenizer.language_data
        scope, seeds, names = content["scope"], content["seeds"], content["label_names"]
        grammar = content["grammar"]
        self._roles: dict[str, list[str]] = {
            "stop_words": content["stop_words"],
            "negators": [*content["negators"]],
            **{f"scope.{name}": scope[name] for name in ("intensifiers", "contrast", "cancels")},
        }
        self._seeds = {f"seeds.{side}": seeds[side] for side in ("positive", "negative")}
        self._reaching = {f"scope.{name}": scope[name] for name in ("after", "around")}
        self._labels = {
            **{f"label_names.{name}": names[name] for name in ("positive", "negative", "stars")},
            **{f"label_names.ordered[{i}]": one for i, one in enumerate(names["ordered"])},
        }
        self._others: dict[str, list[str]] = {
            "clitics": content["clitics"],
            "negator_endings": content["negator_endings"],
            "negators (tokens)": [*content["negators"].values()],
            "scope.marker": [scope["marker"]],
            **{f"grammar.classes.{name}": words for name, words in grammar["classes"].items()},
            **{f"grammar.values.{name}": words for name, words in grammar["values"].items()},
        }
        self.checks = (
            self._duplicates, self._changed, self._two_roles, self._other_role, self._reach,
            self._negation, self._stop_seeds, self._negating_seeds, self._both_sides,
            self._few_seeds, self._clashes, self._segmenter, self._split,
        )  # fmt: skip

    def _base(self, seed: str) -> str:
        return seed.removeprefix(self._known.marker)

    def _duplicates(self) -> Iterator[Finding]:
        lists = self._roles | self._seeds | self._reaching | self._labels | self._others
        del lists["negators (tokens)"]
        for place, words in lists.items():
            counts: Counter[str] = Counter(words)
            for word, n in counts.items():
                if n > 1:
                    yield Finding("twice", place, f"{word!r} is listed {n} times", "keep it once")

    def _changed(self) -> Iterator[Finding]:
        """Find words that texts never hold, since these are normalised first."""
        lists = self._roles | self._seeds | self._reaching | self._labels | self._others
        for place, words in lists.items():
            for word in words:
                if (plain := normalise(word)) != word:
                    message = f"{word!r} is {plain!r} once a text is normalised"
                    yield Finding("changed", place, message, f"write {plain!r}")
                elif word != word.strip() or not word.strip():
                    message = f"{word!r} begins or ends with a space"
                    yield Finding("changed", place, message, "remove the space")

    def _two_roles(self) -> Iterator[Finding]:
        for (one, words), (other, others) in combinations(self._roles.items(), 2):
            for word in sorted({*words} & {*others}):
                message = f"{word!r} is in {other} as well, and a word has one role"
                yield Finding("two-roles", one, message, "remove it from one of them")

    def _other_role(self) -> Iterator[Finding]:
        """Find words that the tokenizer reads in another role than that of their list."""
        for place, words in self._roles.items():
            for word in words:
                if normalise(word) != word or " " in word:
                    continue
                role = self._tokenizer.entry(word).role
                shared = any(
                    word in others for name, others in self._roles.items() if name != place
                )
                if role not in _ROLES[place] and not shared:
                    message = f"{word!r} is read as {role.name.lower().replace('_', ' ')}"
                    remedy = "leave it out, or change what makes it one (negator_suffix, clitics)"
                    yield Finding("other-role", place, message, remedy)

    def _reach(self) -> Iterator[Finding]:
        tokens = {*self._known.negators.values()}
        tokens |= {token for _, token in self._known.negator_affixes if token is not None}
        for place, words in self._reaching.items():
            for word in words:
                if word not in tokens:
                    message = f"{word!r} is the token of no negator"
                    remedy = "name a token, which is the value of an entry of negators"
                    yield Finding("no-negator", place, message, remedy)
        for word in sorted(self._known.after & self._known.around):
            message = f"{word!r} is in scope.around as well"
            yield Finding("two-reaches", "scope.after", message, "keep one of them")

    def _negation(self) -> Iterator[Finding]:
        yield from check_negation(self._known, self._seeds)

    def _stop_seeds(self) -> Iterator[Finding]:
        for place, seeds in self._seeds.items():
            for seed in seeds:
                base = self._base(seed)
                if base in self._known.stop_words:
                    word = f"{seed!r}" if base == seed else f"{base!r}, of {seed!r},"
                    message = f"{word} is a stop word, which is dropped from texts"
                    yield Finding("stop-seed", place, message, "remove it from stop_words or here")

    def _negating_seeds(self) -> Iterator[Finding]:
        """Find seeds that negate, and negated ones that no text can have."""
        for place, seeds in self._seeds.items():
            for seed in seeds:
                base = self._base(seed)
                if not base:
                    message = f"{seed!r} is the marker without a word"
                    yield Finding("negating-seed", place, message, "write the word behind it")
                    continue
                role = self._tokenizer.entry(base).role
                if role in NEGATORS:
                    message = f"{seed!r} is a negator, so it stands beside words of both sides"
                    yield Finding("negating-seed", place, message, "remove it here")
                elif role in (Role.INTENSIFIER, Role.CANCEL, Role.CONTRAST) and base.isalpha():
                    message = f"{seed!r} is a word of {role.name.lower()}, which has no side"
                    remedy = "remove it from one of the lists, unless it helps"
                    yield Finding("seed-role", place, message, remedy, is_error=False)
                elif seed != base and base in seeds:
                    message = f"{seed!r} and {base!r} are on the same side"
                    remedy = "move one of them, unless texts say both"
                    yield Finding("negated-same-side", place, message, remedy, is_error=False)

    def _both_sides(self) -> Iterator[Finding]:
        positive, negative = self._seeds.values()
        for seed in sorted({*positive} & {*negative}):
            message = f"{seed!r} is a seed word of the other side as well"
            yield Finding("both-sides", "seeds.positive", message, "remove it from one side")

    def _few_seeds(self) -> Iterator[Finding]:
        for place, seeds in self._seeds.items():
            if len(seeds) < LEAST_SEEDS:
                message = f"has {len(seeds)} words; from 8 on, some are in most texts"
                yield Finding("few-seeds", place, message, "add frequent words; 60 are usual")

    def _clashes(self) -> Iterator[Finding]:
        for name in sorted(self._known.positive_labels & self._known.negative_labels):
            message = f"{name!r} is a name of the negative label as well"
            yield Finding("label-clash", "label_names.positive", message, "remove it from one")
        for i, names in enumerate(self._known.ordered_labels):
            place = f"label_names.ordered[{i}]"
            if len(names) < 3:
                message = f"has {len(names)} names; an order is of three or more labels"
                yield Finding("label-order", place, message, "add the others, or remove the list")
            ends = (
                (self._known.positive_labels, names[:1]),
                (self._known.negative_labels, names[-1:]),
            )
            for labels, end in ends:
                for name in sorted(labels.intersection(end)):
                    message = f"{name!r} is at the end of the other side"
                    remedy = "list names from the most negative to the most positive"
                    yield Finding("label-order", place, message, remedy)

    def _segmenter(self) -> Iterator[Finding]:
        try:
            self._tokenizer.prepare("字")
        except MissingExtraError as error:
            message = f"{error.package} is not installed, so words are not checked with it"
            yield Finding("no-segmenter", "segmenter", message, str(error), is_error=False)

    def _split(self) -> Iterator[Finding]:
        """Find words that the tokenizer splits; with a segmenter, that depends on the context.

        A stem with a cut behind it is one word before an ending, so it is read with one here.
        """
        if any(self._segmenter()):
            return
        cut = bool(self._known.segmenter)
        lists = self._seeds if cut else self._roles | self._seeds
        for place, words in lists.items():
            for word in words:
                base = self._base(word) if place in self._seeds else word
                ending = "1" if f"^{base}|" in self._known.cuts else ""
                prepared = self._tokenizer.prepare(base + ending)
                pieces = self._tokenizer.pieces(prepared)[: 1 if ending else None]
                other = place in self._seeds and negated_otherwise(self._known, word)
                if normalise(word) == word and base and pieces != [base] and not other:
                    parts = " | ".join(pieces) or "nothing"
                    message = f"{word!r} is read as {parts}"
                    if cut:
                        remedy = "keep it if it is one word where it stands in texts"
                    else:
                        remedy = "write one word as texts have it, or leave it out"
                    yield Finding("split", place, message, remedy, is_error=not cut)
