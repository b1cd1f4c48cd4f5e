"""Negators before, after and around a word, endings that negate, and cuts within words.

The three forms of the rules, readable, compiled and in JavaScript, agree to the token.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_languages import made_language, write_language

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.export import script_of, tables_of
from sentiment_transfer.export.conformance_texts import conformance_texts
from sentiment_transfer.languages import load_language
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.negation import Role, negated_behind
from sentiment_transfer.text.scanner import ReadableScanner, prepare_signs
from sentiment_transfer.text.tokenizer import through

if TYPE_CHECKING:
    from pathlib import Path

NODE = shutil.which("node")


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return Tokenizer(str(write_language(tmp_path / "qx.json"))).with_own_language()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        # before: the first plain word within 3
        ("no good film", "no no_good film"),
        ("no the very good", "no very no_good"),
        ("no the very a good", "no very good"),
        # after: the nearest plain word within 2, over stop words and intensifiers
        ("film good ne", "film no_good ne"),
        ("good is ne film", "no_good ne film"),
        ("good is very ne", "good very ne"),
        ("good, ne", "good ne"),
        ("good but ne", "good but ne"),
        ("good only ne", "good only ne"),  # a word that cancels
        ("ne good", "ne good"),
        ("ne", "ne"),
        ("no good ne", "no no_good ne"),  # a word is marked once
        ("good ne ne", "no_good ne ne"),
        # around: ahead if there is a plain word, else back
        ("film non good", "film non no_good"),
        ("film non.", "no_film non"),
        ("film non", "no_film non"),
        ("film non but good", "no_film non but good"),
        ("film non the very a good", "no_film non very good"),
        ("film non non good", "no_film non non no_good"),
        # beginnings and endings of words, the longest first; a list of words has priority
        ("good anfoo", "no_good ne"),
        ("sugarsiz film", "no no_film"),
        ("antifoo film", "antifoo film"),
        # cuts
        ("goodjian film", "no_goodji ne film"),
        ("l'histoire", "histoire"),
        ("xl'histoire", "xl'histoire"),
        # cuts on both sides, wherever they stand; of two the longest
        ("filmzutter", "film zutter"),
        ("zut zutzutfilm", "zut zut zut film"),
        ("zuttefilm zu'zut", "zut tefilm zu'zut"),
        ("no superzut", "no no_super zut"),
        ("", ""),
    ],
)
def test_a_negator_reaches_the_side_that_the_file_names(
    tokenizer: Tokenizer, text: str, tokens: str
) -> None:
    assert tokenizer(text) == tokens.split()


def test_places_of_pieces_point_into_the_text_as_given(tokenizer: Tokenizer) -> None:
    text = "L’HISTOIRE goodjian…"
    pieces = [text[start:end] for start, end in tokenizer.spans(text)]
    assert pieces == ["L", "HISTOIRE", "goodji", "an", "…", "", ""]


def test_without_marking_the_negator_itself_stays(tmp_path: Path) -> None:
    path = write_language(tmp_path / "qx.json")
    assert Tokenizer(str(path), mark_negation=False)("good ne") == ["good", "ne"]


def test_the_reach_back_is_that_ahead_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    scope = made_language()["scope"]
    del scope["window_back"]
    path = write_language(tmp_path / "qx.json", scope=scope)
    assert load_language(path).window_back == 3
    assert Tokenizer(str(path))("good is very ne") == ["no_good", "very", "ne"]


def test_the_marks_of_random_roles_are_those_of_a_search_by_hand() -> None:
    rng = np.random.default_rng(0)
    offsets = np.array([0, 0, 7, 40, 400, 3000])
    roles = rng.integers(0, 9, offsets[-1]).astype(np.uint8)
    negated = np.zeros(len(roles), np.bool_)
    negated_behind(roles, offsets, 3, 2, negated)

    def reached(role_names: list[Role], reach: int) -> int | None:
        for i, role in enumerate(role_names[:reach]):
            if role == Role.WORD:
                return i
            if role not in (Role.STOP, Role.INTENSIFIER):
                return None
        return None

    expected = np.zeros(len(roles), np.bool_)
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        own = [Role(role) for role in roles[begin:end].tolist()]
        for at, role in enumerate(own):
            back = role == Role.NEGATOR_AFTER
            back |= role == Role.NEGATOR_AROUND and reached(own[at + 1 :], 3) is None
            found = reached(own[:at][::-1], 2) if back else None
            if found is not None:
                expected[begin + at - 1 - found] = True
    np.testing.assert_array_equal(negated, expected)
    assert 20 < negated.sum() < 1000


WORDS = [
    *("good", "bad", "film", "the", "is", "very", "no", "ne", "non", "only", "but", ",", ".", "!"),
    *("goodjian", "jian", "l'histoire", "anfoo", "antifoo", "foosiz", "Good", "한국", "é", "L’é"),
    *("zut", "xzuty", "zutzutter"),
]


def mixed_texts(n: int) -> list[str]:
    rng = random.Random(0)
    return ["", *(" ".join(rng.choices(WORDS, k=rng.randint(0, 12))) for _ in range(n))]


def test_the_compiled_form_agrees_to_the_token(tokenizer: Tokenizer) -> None:
    scanner = pytest.importorskip("sentiment_transfer.text.scanner_numba").Scanner(tokenizer)
    readable, texts = ReadableScanner(tokenizer), mixed_texts(2000)
    ours, theirs = (s.scan(texts, words=True, pieces=True) for s in (scanner, readable))
    assert scanner.tokens_from(0) == readable.tokens_from(0)
    np.testing.assert_array_equal(ours.tokens.ids, theirs.tokens.ids)
    np.testing.assert_array_equal(ours.tokens.offsets, theirs.tokens.offsets)
    np.testing.assert_array_equal(ours.places, theirs.places)
    named = [[s.pieces_from(0)[i] for i in scan.pieces.ids]
             for s, scan in ((scanner, ours), (readable, theirs))]  # fmt: skip
    assert named[0] == named[1]


@pytest.mark.skipif(NODE is None, reason="needs Node")
@pytest.mark.filterwarnings("ignore")  # few texts
def test_the_port_to_javascript_agrees_to_the_token(tmp_path: Path) -> None:
    assert NODE is not None
    path = write_language(tmp_path / "qx.json")
    model = SentimentClassifier(str(path), seed=0).pretrain(mixed_texts(400))
    made = [text for _, text in conformance_texts(load_language(path), model.vectors_.words)]
    texts = [*mixed_texts(400), *made]
    (tmp_path / "model.cjs").write_text(script_of(tables_of(model.stages_)), encoding="utf-8")
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    program = (
        'const texts = JSON.parse(require("fs").readFileSync("texts.json"));'
        'process.stdout.write(JSON.stringify(require("./model.cjs").read(texts)));'
    )
    done = subprocess.run(  # noqa: S603  (this program)
        [NODE, "-e", program], cwd=tmp_path, capture_output=True, check=True, encoding="utf-8"
    )
    tokenizer = model.vectors_.tokenizer
    n_negated = 0
    for text, read in zip(texts, json.loads(done.stdout), strict=True):
        prepared = prepare_signs(tokenizer, text)
        entries = [tokenizer.entry(piece) for piece in tokenizer.pieces(prepared)]
        assert read["normalised"] == prepared
        assert read["words"] == [entry.word for entry in entries if entry.word]
        n_negated += sum(token.startswith("no_") for token in read["tokens"])
    known = model.vectors_.vocabulary.index
    for text, read in zip(texts[:400], json.loads(done.stdout), strict=False):
        assert read["tokens"] == tokenizer(text)
        assert read["ids"] == [known.get(token, -1) for token in tokenizer(text)]
    assert n_negated > 100


def test_through_of_nothing_is_empty() -> None:
    assert through((3, 3), [(0, 1)], least=2) == (2, 2)
