"""A draft finds the stop words, the negator and the sides of words of a language made by rules."""

from __future__ import annotations

import csv
import json
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer.advice.drafting import Draft, draft_language
from sentiment_transfer.advice.drafting.content import bare_language, drafted_language
from sentiment_transfer.advice.drafting.pieces import BREAK, RARE, read_pieces
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


def test_less_sure_seeds_are_in_the_evidence_only() -> None:
    found = draft(follows=True)
    left = [one for one in found.evidence if not one.in_file]
    assert {one.part for one in left} <= {"seeds.positive", "seeds.negative"}
    for one in left:
        assert one.word not in found.content["seeds"][one.part.removeprefix("seeds.")]
        assert one not in found.of(one.part)


def test_the_same_texts_and_seed_give_the_same_draft() -> None:
    again = draft_language(made_texts(1_500, follows=True), "qx", SEEDS, callback=None)
    assert again == draft(follows=True)


def test_repeated_and_empty_texts_change_nothing() -> None:
    texts = made_texts(1_500, follows=True)
    more = ["", " ", *texts, *texts[:700]]
    assert draft_language(more, "qx", SEEDS, callback=None) == draft(follows=True)


def test_progress_is_reported() -> None:
    seen: list[str] = []
    texts = made_texts(200, follows=True)
    draft_language(texts, "qx", SEEDS, callback=lambda progress: seen.append(progress.stage))
    assert {*seen} == {"pretrain"}


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
    assert any("no negator" in note for note in found.notes)


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
    assert any("'dull'" in note for note in found.notes)
    assert "dull" in found.content["seeds"]["negative"]


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ((["good"], ["bad", "good"]), "as positive and as negative: 'good'"),
        ((["good"], []), "must be a pair of lists"),
        ("good", "must be a pair of lists"),
        ((["good"], "bad"), "must be a pair of lists"),
        ((["well done"], ["bad"]), r"'well done' is read as well \| done"),
        ((["Good"], ["bad"]), "'Good' is read as good"),
        ((["..."], ["bad"]), "is read as nothing"),
    ],
)
def test_seeds_that_cannot_be_used_are_named(seeds: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match=message):
        draft_language(made_texts(120, follows=True), "qx", seeds, callback=None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("หนังเรื่องนี้ดีมากและนักแสดงก็เล่นได้ยอดเยี่ยมจริงๆ", "in Thai.*no segmenter for Thai.*pythainlp"),
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
