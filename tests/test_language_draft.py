"""A draft finds the stop words, the negator and the sides of words of a language made by rules."""

from __future__ import annotations

import csv
import json
from functools import cache
from itertools import product
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer.advice.drafting import Draft, draft_language
from sentiment_transfer.advice.drafting.content import bare_language, drafted_language
from sentiment_transfer.advice.drafting.evidence import FirstReading
from sentiment_transfer.advice.drafting.negators import Turning, _errors, _Side
from sentiment_transfer.advice.drafting.notes import notes_of
from sentiment_transfer.advice.drafting.pieces import BREAK, RARE, read_pieces
from sentiment_transfer.advice.drafting.stop_words import find_stop_words
from sentiment_transfer.advice.drafting.text_scores import TextScores, WordScores
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages import available_languages
from sentiment_transfer.languages.schema import LanguageFile
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.language_check import check_language

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

MADE = ["".join(pair) for pair in product(*[["ba", "do", "fi", "gu", "ke", "lo", "mi", "pa"]] * 3)]
FUNCTION, NOUNS = MADE[:20], MADE[20:80]
POSITIVE, NEGATIVE = MADE[100:125], MADE[130:155]
DEGREES = MADE[160:163]
NEGATOR = "zen"
SEEDS = (POSITIVE[:6], NEGATIVE[:6])


def made_texts(n: int, *, follows: bool, seed: int = 0) -> list[str]:
    """Texts of both sides; a fifth of the judgements says the other side with the negator.

    A judgement is a degree and a polar word, with a function word and a noun before it, and a full
    stop behind it. The negator stands before the polar word, or after it.
    """
    random = np.random.default_rng(seed)

    def judgement(side: int) -> str:
        negated = random.random() < 0.2
        words = (POSITIVE, NEGATIVE)[side ^ negated]
        polar = words[min(int(random.exponential(7)), len(words) - 1)]
        said = [polar] if not negated else [NEGATOR, polar] if follows else [polar, NEGATOR]
        degree = [DEGREES[random.integers(3)]] * int(random.random() < 0.3)
        function = FUNCTION[min(int(random.exponential(6)), len(FUNCTION) - 1)]
        joined = FUNCTION[random.integers(len(FUNCTION))]
        noun = NOUNS[random.integers(len(NOUNS))]
        return " ".join([function, noun, joined, *degree, *said]) + "."

    def text() -> str:
        side = int(random.integers(2))
        sides = np.where(random.random(6) < 0.85, side, 1 - side)
        return " ".join(judgement(int(each)) for each in sides)

    return [text() for _ in range(n)]


@cache
def draft(*, follows: bool) -> Draft:
    return draft_language(made_texts(1_500, follows=follows), "qx", SEEDS, callback=None)


@pytest.fixture(params=[True, False], ids=["before", "after"])
def follows(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_the_negator_is_found_on_the_side_where_it_stands(follows: bool) -> None:
    content = draft(follows=follows).content
    assert content["negators"] == {NEGATOR: NEGATOR}
    assert content["scope"].get("after", []) == ([] if follows else [NEGATOR])
    assert content["scope"]["marker"] == f"{NEGATOR}_"


def test_the_evidence_of_a_negator_counts_the_texts_that_agree(follows: bool) -> None:
    [found] = draft(follows=follows).of("negators")
    assert ("before a polar word" if follows else "after a polar word") in found.evidence
    agree, n = map(
        int, found.evidence.split("agrees with it in ")[1].split(" texts")[0].split(" of ")
    )
    apart = found.evidence.split("apart, in ")[1].split(" and ")[0].replace(",", "")
    agree_apart, n_apart = map(int, apart.split(" of "))
    assert agree / n < 0.5 < agree_apart / n_apart


def test_no_word_is_proposed_on_the_wrong_side(follows: bool) -> None:
    found = draft(follows=follows)
    marker = found.content["scope"]["marker"]
    sides = {
        part: {one.word for one in found.of(part)} for part in ("seeds.positive", "seeds.negative")
    }
    assert sides["seeds.positive"] >= {*POSITIVE[6:12]}
    assert sides["seeds.negative"] >= {*NEGATIVE[6:12]}
    for part, wrong, opposite in (
        ("seeds.positive", NEGATIVE, POSITIVE),
        ("seeds.negative", POSITIVE, NEGATIVE),
    ):
        assert sides[part].isdisjoint(wrong)
        negated = {word.removeprefix(marker) for word in sides[part] if word.startswith(marker)}
        assert negated.isdisjoint(opposite)


def test_a_negated_word_is_a_seed_of_the_other_side(follows: bool) -> None:
    found = draft(follows=follows)
    marker = found.content["scope"]["marker"]
    negated = [one.word for one in found.of("seeds.negative") if one.word.startswith(marker)]
    assert negated
    assert {word.removeprefix(marker) for word in negated} <= {*POSITIVE}


def test_stop_words_are_function_words_first_and_never_polar(follows: bool) -> None:
    words = [one.word for one in draft(follows=follows).of("stop_words")]
    assert {*words[:10]} <= {*FUNCTION}
    assert {*words}.isdisjoint({*POSITIVE, *NEGATIVE, NEGATOR})
    assert {*words} >= {*FUNCTION[:10]}


def test_the_given_seeds_come_first(follows: bool) -> None:
    seeds = draft(follows=follows).content["seeds"]
    assert (seeds["positive"][:6], seeds["negative"][:6]) == SEEDS


def test_the_draft_passes_the_checks(follows: bool) -> None:
    content = draft(follows=follows).content
    assert [one for one in check_language(content) if one.is_error] == []
    assert LanguageFile.from_dict(content).language == "qx"


def test_every_proposed_word_has_evidence_and_every_word_of_the_file_was_given_or_proposed() -> (
    None
):
    found = draft(follows=True)
    assert all(one.evidence and one.n_texts > 0 and 0 < one.share <= 1 for one in found.evidence)
    content = found.content
    assert content["stop_words"] == [one.word for one in found.of("stop_words")]
    for side, own in zip(("positive", "negative"), SEEDS, strict=True):
        proposed = [one.word for one in found.of(f"seeds.{side}")]
        assert content["seeds"][side] == [*own, *proposed]


def test_what_is_less_sure_is_in_the_evidence_only() -> None:
    found = draft(follows=True)
    left = [one for one in found.evidence if not one.in_file]
    assert left
    for one in left:
        part, _, side = one.part.partition(".")
        assert one.word not in (found.content[part][side] if side else found.content[part])
        assert one not in found.of(one.part)


def test_seeds_that_are_left_out_are_named_the_surest_first() -> None:
    found = draft(follows=True)
    left = [one.word for one in found.evidence if one.part == "seeds.positive" and not one.in_file]
    [note] = [note for note in found.notes if note.startswith("left out of the positive seeds")]
    assert note.split(": ")[1].split(", ")[:3] == left[:3]


def test_capitals_and_punctuation_of_seeds_are_dropped_with_a_note() -> None:
    typed = [word.upper() for word in SEEDS[0]], [f"{SEEDS[1][0]}.", *SEEDS[1][1:]]
    found = draft_language(made_texts(150, follows=True), "qx", typed, callback=None)
    assert found.content["seeds"]["positive"][:6] == SEEDS[0]
    assert found.content["seeds"]["negative"][0] == SEEDS[1][0]
    assert f"in lower case, and without punctuation: {typed[0][0]!r}" in found.notes[0]


def test_a_frequent_polar_word_is_no_stop_word_and_is_named() -> None:
    scores = TextScores.__new__(TextScores)
    vocabulary = Vocabulary(tuple("abcdefgh"), np.full(8, 100))
    texts = [" ".join(word for j, word in enumerate("abcdefgh") if i % (j + 2)) for i in range(300)]
    scores.pieces = read_pieces(texts, Tokenizer("nl", stop_words=False), vocabulary)
    n_texts, effect = scores.pieces.n_texts_of, np.array([0, 0.4, 0, 0, -0.35, 0, 0, 0.2])
    scores.words = WordScores(np.zeros(8), effect, n_texts)  # type: ignore[misc]
    scores.polarity = SimpleNamespace(encode=lambda words, _: np.eye(300, 4))  # type: ignore[assignment]
    kept, polar = find_stop_words(scores, np.zeros((8, 3), np.float32), np.zeros(8), set())
    assert {vocabulary.words[one.word] for one in polar} <= {"b", "e"}
    assert {vocabulary.words[one.word] for one in kept}.isdisjoint({"b", "e"})
    assert polar
    first = FirstReading(scores, np.zeros(8), [], kept, [], polar)
    rows = {one.word: one for one in first.proposals()}
    assert not any(rows[word].in_file for word in first.words_of(polar))
    assert all("look whether it negates" in rows[word].evidence for word in first.words_of(polar))
    assert all(rows[word].in_file for word in first.stop_words)
    note = f"polar for stop words, left out: {', '.join(first.words_of(polar))}; some may be"
    assert any(one.startswith(note) for one in notes_of(first, []))


def turning(
    agree: tuple[int, int], n: tuple[int, int], apart: tuple[int, int], errors: tuple[float, float]
) -> Turning:
    return Turning(0, True, agree, n, apart, (1_000, 1_000), errors, ())


@pytest.mark.parametrize(
    ("found", "is_negator", "is_near"),
    [
        (turning((334, 229), (654, 558), (800, 770), (13.6, 14.5)), True, False),  # tidak
        (turning((8, 11), (26, 12), (640, 880), (5.3, 0.7)), True, False),  # geen: positive alone
        (turning((141, 24), (178, 132), (860, 460), (1.9, 7.9)), False, False),  # too
        (turning((350, 100), (500, 168), (800, 460), (6.5, -3.9)), False, False),  # I
        (turning((9, 5), (18, 14), (790, 140), (2.7, -2.1)), False, True),  # do not: few texts
        (turning((8, 0), (20, 0), (800, 0), (3.9, 0.0)), False, True),  # before one side alone
    ],
)  # fmt: skip
def test_a_negator_turns_positive_words_and_does_not_strengthen_negative_ones(
    found: Turning, is_negator: bool, is_near: bool
) -> None:
    assert (found.is_negator, found.is_near) == (is_negator, is_near)


def test_errors_of_few_texts_are_those_of_student() -> None:
    from scipy.stats import norm, t

    random = np.random.default_rng(0)
    inner, outer = random.normal(-1, 1, 12), random.normal(0.3, 1, 400)
    error = np.sqrt(inner.var() / 12 + outer.var() / 400)
    exact = norm.isf(t.sf((outer.mean() - inner.mean()) / error, df=11))
    assert _errors(_Side.of(inner), _Side.of(outer)) == pytest.approx(exact, abs=0.03)
    assert _errors(_Side.of(outer), _Side.of(inner)) == pytest.approx(-exact, abs=0.03)
    assert _errors(_Side.of(inner[:3]), _Side.of(outer)) == 0


def test_a_degree_that_is_said_in_complaints_is_no_negator() -> None:
    """As *too* is: negative texts have it before words of both sides."""
    random = np.random.default_rng(1)
    texts = []
    for text in made_texts(1_500, follows=True):
        bad = sum(text.count(word) for word in NEGATIVE) >= 3
        words = text.split()
        texts.append(" ".join(
            f"tro {word}"
            if word.strip(".") in {*POSITIVE, *NEGATIVE} and random.random() < 0.1 + 0.2 * bad
            else word
            for word in words
        ))  # fmt: skip
    found = draft_language(texts, "qx", SEEDS, callback=None)
    assert list(found.content["negators"]) == [NEGATOR]


def test_near_misses_are_named_and_kept_out_of_the_stop_words() -> None:
    found = draft_language(made_texts(150, follows=True), "qx", SEEDS, callback=None)
    rows = [one for one in found.evidence if one.part == "negators" and not one.in_file]
    assert NEGATOR in [one.word for one in rows]
    assert f"perhaps negators, left out: {NEGATOR}" in found.notes
    assert NEGATOR not in found.content["stop_words"]


def test_few_texts_give_few_seeds() -> None:
    found = draft_language(made_texts(500, follows=True), "qx", SEEDS, callback=None)
    assert "fewer seed words are proposed" in found.notes[0]
    assert all(0 < len(found.of(f"seeds.{side}")) <= 10 for side in ("positive", "negative"))
    more = draft_language(made_texts(700, follows=True), "qx", SEEDS, callback=None)
    assert "700 different texts are few: negators may be missing" in more.notes[0]
    assert len(more.of("seeds.positive")) > 10


def test_words_behind_an_apostrophe_are_hinted_at() -> None:
    texts = [text.replace(" ba", " l'ba") for text in made_texts(300, follows=True)]
    found = draft_language(texts, "qx", SEEDS, callback=None)
    assert any(note.endswith('"cuts": ["^l\'|"]') for note in found.notes)
    assert not any("cuts" in note for note in draft(follows=True).notes)


def test_endings_are_hinted_at_where_many_words_are_rare() -> None:
    random = np.random.default_rng(0)

    def ended(text: str) -> str:
        ends = random.integers(0, 26, (len(text.split()), 2)) + ord("a")
        words = zip(text.split(), ends, strict=True)
        return " ".join(w if w.strip(".") in POSITIVE + NEGATIVE else f"{w}{chr(a)}{chr(b)}"
                        for w, (a, b) in words)  # fmt: skip

    texts = [ended(text) for text in made_texts(300, follows=True)]
    found = draft_language(texts, "qx", SEEDS, callback=None)
    [note] = [note for note in found.notes if "too rare" in note]
    assert 30 < int(note.split(" %")[0]) < 90
    assert "negator_affixes" in note


def test_korean_texts_are_told_of_endings() -> None:
    named = dict(zip([*POSITIVE, *NEGATIVE], "가나다라마바사아자차카타파하거너더러머버서어저처커"
                     "터퍼허고노도로모보소오조초코토포호구누두루무부", strict=False))  # fmt: skip
    texts = made_texts(300, follows=True)
    for word, hangul in named.items():
        texts = [text.replace(word, hangul * 2) for text in texts]
    for word in [*FUNCTION, *NOUNS]:
        texts = [text.replace(word, "영화" + word[:1]) for text in texts]
    seeds = tuple([named[word] * 2 for word in side] for side in SEEDS)
    found = draft_language(texts, "qx", (seeds[0], seeds[1]), callback=None)
    assert any("negator_affixes" in note for note in found.notes)


def test_all_parts_that_a_hand_may_fill_are_in_the_file() -> None:
    content = draft(follows=True).content
    assert (content["clitics"], content["cuts"], content["negator_affixes"]) == ([], [], {})
    assert content["negator_suffix"] is None
    assert {"intensifiers", "contrast", "cancels"} <= content["scope"].keys()


def test_the_same_texts_and_seed_give_the_same_draft() -> None:
    again = draft_language(made_texts(1_500, follows=True), "qx", SEEDS, callback=None)
    assert again == draft(follows=True)


def test_repeated_and_empty_texts_change_nothing() -> None:
    texts = made_texts(1_500, follows=True)
    more = ["", " ", *texts, *texts[:700]]
    assert draft_language(more, "qx", SEEDS, callback=None) == draft(follows=True)


def test_progress_names_both_readings() -> None:
    seen: list[str] = []
    texts = made_texts(200, follows=True)
    draft_language(texts, "qx", SEEDS, callback=lambda progress: seen.append(progress.stage))
    assert list(dict.fromkeys(seen)) == ["first reading", "second reading"]


def test_an_interruption_ends_it() -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draft_language(made_texts(200, follows=True), "qx", SEEDS, callback=stop)


def test_texts_of_one_sentence_without_a_negator_propose_none() -> None:
    texts = [text.replace(f"{NEGATOR} ", "") for text in made_texts(1_000, follows=True)]
    found = draft_language(texts, "qx", SEEDS, callback=None)
    assert found.of("negators") == []
    assert found.content["scope"]["marker"] == "not_"
    assert any(
        "no negator was found" in note and "take them out of stop_words" in note
        for note in found.notes
    )


def test_few_texts_are_said_to_be_few() -> None:
    found = draft_language(made_texts(150, follows=True), "qx", SEEDS, callback=None)
    assert "150 different texts are few" in found.notes[0]


@pytest.mark.parametrize("texts", [[], ["", " "], ["the same"] * 500])
def test_too_few_texts_are_refused(texts: list[str]) -> None:
    with pytest.raises(
        InputError, match="different texts are too few for a draft, which needs 100"
    ):
        draft_language(texts, "qx", SEEDS, callback=None)


def test_seeds_that_occur_in_no_text_are_refused_or_named() -> None:
    texts = made_texts(300, follows=True)
    with pytest.raises(InputError, match=r"none of the negative seed words \('bad', 'dull'\)"):
        draft_language(texts, "qx", (SEEDS[0], ["bad", "dull"]), callback=None)
    found = draft_language(texts, "qx", (SEEDS[0], [*SEEDS[1], "dull"]), callback=None)
    assert "(perhaps misspelt): 'dull'" in found.notes[0]
    assert found.content["seeds"]["negative"][:6] == SEEDS[1]
    assert "dull" not in found.content["seeds"]["negative"]


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ((["good"], ["bad", "good"]), "as positive and as negative: 'good'"),
        ((["good"], []), "must be a pair of lists"),
        ("good", "must be a pair of lists"),
        ((["good"], "bad"), "must be a pair of lists"),
        ((["well done"], ["bad"]), r"'well done' is read as well \| done"),
        ((["not_dear"], ["bad"]), r"read as not \| dear; .*negated words are found by the draft"),
        ((["good"], ["Good"]), "as positive and as negative: 'good'"),
        ((["..."], ["bad"]), "is read as nothing"),
    ],
)
def test_seeds_that_cannot_be_used_are_named(seeds: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match=message):
        draft_language(made_texts(120, follows=True), "qx", seeds, callback=None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "หนังเรื่องนี้ดีมากและนักแสดงก็เล่นได้ยอดเยี่ยมจริงๆ",
            "in Thai.*no segmenter.*pythainlp, also in",
        ),
        ("这部电影真的非常好看演员演得也很好值得一看", "in Chinese.*segmenter='jieba'"),
        (
            "このホテルはとても良かったですまた泊まりたいと思います",
            "in Japanese.*segmenter='fugashi'",
        ),
    ],
)
def test_texts_without_spaces_need_a_segmenter(text: str, message: str) -> None:
    texts = [f"{text}{i}" for i in range(120)]
    with pytest.raises(InputError, match=message):
        draft_language(texts, "qx", (["好"], ["差"]), callback=None)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"language": "Dutch!"}, "language"), ({"segmenter": "mecab"}, "segmenter must be null or")],
)
def test_settings_that_are_not_allowed(settings: dict[str, str], message: str) -> None:
    arguments: dict[str, Any] = {"language": "qx"} | settings
    with pytest.raises(SettingError, match=message):
        draft_language(made_texts(120, follows=True), seeds=SEEDS, callback=None, **arguments)


@pytest.mark.parametrize(
    ("sides", "after", "around"),
    [((True, False), [], []), ((False, True), ["ne"], []), ((True, True), [], ["ne"])],
)
def test_the_side_of_a_negator_is_written_as_its_scope(
    sides: tuple[bool, bool], after: list[str], around: list[str]
) -> None:
    content = drafted_language(
        bare_language("qx", "Made", None),
        sources={},
        stop_words=["a"],
        negators={"no": (True, False), "ne": sides},
        seeds=(["good"], ["bad"]),
    )
    scope = content["scope"]
    assert (scope.get("after", []), scope.get("around", [])) == (after, around)
    assert ("window_back" in scope) == bool(after or around)
    assert [
        one for one in check_language(content) if one.code not in ("few-seeds", "seed-role")
    ] == []


def test_chinese_is_drafted_with_a_segmenter() -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    random = np.random.default_rng(0)
    words = ["电影", "演员", "故事", "导演", "音乐", "画面", "结局", "人物"]
    sides = [["很好", "精彩", "喜欢", "感动"], ["很差", "无聊", "失望", "难看"]]

    def text() -> str:
        side = sides[random.integers(2)]
        return "，".join(f"这个{random.choice(words)}真的{random.choice(side)}" for _ in range(6))

    given = (["精彩", "喜欢"], ["无聊", "失望"])
    found = draft_language(
        [text() for _ in range(300)], "zh", given, segmenter="jieba", callback=None
    )
    assert found.content["segmenter"] == "jieba"
    assert found.content["seeds"]["positive"][:2] == given[0]


def test_pieces_keep_breaks_and_rare_words_in_their_places() -> None:
    vocabulary = Vocabulary(("good", "film"), np.array([3, 2]))
    pieces = read_pieces(["Good film, odd. good", ""], Tokenizer("en"), vocabulary)
    assert pieces.ids[0].tolist() == [0, 1, BREAK, RARE, BREAK, 0]
    assert len(pieces.ids[1]) == 0
    assert pieces.n_texts_of.tolist() == [1, 1]
    assert [words.tolist() for words in next(iter(pieces.neighbours()))] == [[1], [0]]


def test_neighbours_are_as_varied_as_their_entropy() -> None:
    vocabulary = Vocabulary(("a", "b", "c", "d"), np.array([4, 2, 2, 2]))
    texts = ["b a", "c a", "d a", "b a"]
    tokenizer = Tokenizer("en", stop_words=False)
    variety = read_pieces(texts, tokenizer, vocabulary).variety()
    shares = np.array([2, 1, 1]) / 4
    assert variety[0] == pytest.approx(-(shares * np.log(shares)).sum() / np.log(4))
    assert variety[1] == 0  # always before a


@pytest.fixture
def texts_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(made_texts(600, follows=True)), encoding="utf-8")
    return path


SIDES = ["--seeds", f"positive={','.join(SEEDS[0])}", "--seeds", f"negative={', '.join(SEEDS[1])}"]


def test_the_command_writes_a_file_that_check_and_pretrain_take(
    run: Run, texts_file: Path, tmp_path: Path
) -> None:
    code, out, err = run("language", "draft", "qx", texts_file, *SIDES, "--name", "Made")
    assert code == 0
    assert "seeds.positive" in out
    assert "qx.json: drafted from 600 different texts; the evidence is in qx.evidence.csv" in err
    content = json.loads((tmp_path / "qx.json").read_text("utf-8"))
    assert content["name"] == "Made"
    with (tmp_path / "qx.evidence.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    words = [row["word"] for row in rows if row["part"] == "stop_words"]
    assert words == content["stop_words"]
    assert run("language", "check", "qx.json")[0] == 0
    assert run("pretrain", texts_file, "--language", "qx.json", "--epochs", 1, "-o", "m")[0] == 0


def test_the_command_prints_the_evidence_in_other_formats(run: Run, texts_file: Path) -> None:
    _, out, _ = run("language", "draft", "qx", texts_file, *SIDES, "--format", "json")
    assert {one["part"] for one in json.loads(out)} >= {"stop_words", "seeds.negative"}
    code, out, _ = run(
        "language", "draft", "qx", texts_file, *SIDES, "-o", "b.json", "--format", "csv"
    )
    assert code == 0
    assert out.startswith("part,word,n_texts,share,polarity,score,evidence,in_file\n")


@pytest.mark.parametrize("existing", ["qx.json", "qx.evidence.csv"])
def test_a_file_that_may_have_been_edited_is_kept(
    run: Run, texts_file: Path, tmp_path: Path, existing: str
) -> None:
    path = tmp_path / existing
    path.write_text("edited", encoding="utf-8")
    code, out, err = run("language", "draft", "qx", texts_file, *SIDES)
    assert (code, out) == (3, "")
    assert f"{existing} exists, and may have been edited" in err
    assert path.read_text("utf-8") == "edited"


def test_nothing_is_written_if_it_is_interrupted(
    run: Run, texts_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sentiment_transfer.cli.language_draft.draft_language", stop)
    code, _, _ = run("language", "draft", "qx", texts_file, *SIDES)
    assert code == 130
    assert sorted(path.name for path in tmp_path.iterdir()) == ["texts.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--seeds", "good,great"], 2, "--seeds good,great is not allowed; give both sides"),
        (["--seeds", "neutral=so"], 2, "--seeds neutral=so is not allowed"),
        (["--seeds", "positive=good"], 2, "--seeds has no negative word"),
        (["--seeds", "positive=", "--seeds", "negative=bad"], 2, "--seeds has no positive word"),
        ([*SIDES, "-o", "draft.txt"], 2, "-o draft.txt is not allowed; name a file that ends in"),
        ([*SIDES, "-o", "-"], 2, "-o - is not allowed"),
        ([*SIDES, "-o", "none/draft.json"], 3, "none"),
        ([*SIDES, "--segmenter", "mecab"], 2, "'mecab' is not one of 'jieba', 'fugashi'"),
    ],
)
def test_wrong_arguments_are_named(
    run: Run, texts_file: Path, arguments: list[str], code: int, message: str
) -> None:
    ended, out, err = run("language", "draft", "qx", texts_file, *arguments)
    assert (ended, out) == (code, "")
    assert message in err


def test_a_language_that_ships_can_be_drafted_and_keeps_its_name(
    run: Run, texts_file: Path, tmp_path: Path
) -> None:
    assert "nl" in available_languages()
    code, _, err = run("language", "draft", "nl", texts_file, *SIDES)
    assert code == 0
    assert "nl ships with the package" in err
    assert json.loads((tmp_path / "nl.json").read_text("utf-8"))["name"] == "Dutch"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"texts": ["a text"] * 200 + [None]}, InputError, "text 200 is None"),
        ({"seeds": None}, SettingError, "seeds=None is not allowed"),
        ({"seeds": ([1], [2])}, SettingError, "a pair of lists of words"),
        ({"seeds": ("good", "bad")}, SettingError, "a pair of lists of words"),
        ({"seed": -1}, SettingError, "seed=-1 is not allowed"),
        ({"seed": "a"}, SettingError, "seed='a' is not allowed"),
    ],
)
def test_what_a_draft_cannot_be_made_from_is_named(
    given: dict[str, Any], error: type[Exception], says: str
) -> None:
    usual: dict[str, Any] = {"texts": made_texts(200, follows=False), "seeds": SEEDS, "seed": 0}
    with pytest.raises(error, match=says):
        draft_language(language="zz", callback=None, **(usual | given))


def test_seeds_may_be_any_iterables_of_words() -> None:
    sides = [np.array(SEEDS[0]), (word for word in SEEDS[1])]
    texts = made_texts(300, follows=False)
    made = draft_language(texts, "zz", sides, callback=None)  # type: ignore[arg-type]
    assert made == draft_language(texts, "zz", SEEDS, callback=None)
    with pytest.raises(SettingError, match="part='negator' is not allowed"):
        made.of("negator")
