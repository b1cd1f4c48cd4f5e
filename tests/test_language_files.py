"""Every shipped language file passes the checks, and each check finds what it is named for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from made_languages import made_language, write_language

from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import available_languages, load_language
from sentiment_transfer.languages.files import language_file
from sentiment_transfer.languages.schema import LanguageFile
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.language_check import Finding, check_language
from sentiment_transfer.text.negation import NEGATORS, Role
from sentiment_transfer.text.plugins import segmenter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

LANGUAGES = available_languages()
EXTRAS = {"jieba": "zh", "fugashi": "ja"}


@pytest.fixture(params=LANGUAGES)
def code(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    name = load_language(code).segmenter
    if name is not None:
        pytest.importorskip(name, reason=f"the extra {EXTRAS[name]} is not installed")
    return code


def test_a_shipped_file_has_no_errors(code: str) -> None:
    assert [finding for finding in check_language(language_file(code)) if finding.is_error] == []


def test_a_shipped_file_names_itself_and_where_its_words_are_from(code: str) -> None:
    content = language_file(code)
    assert content["language"] == code
    assert {"stop_words", "seeds"} <= content["sources"].keys()
    assert LanguageFile.from_dict(content).version >= 1


def test_a_negated_word_is_marked_on_the_side_where_the_negator_stands(code: str) -> None:
    """Words of the file itself, cut by its own tokenizer, negated by each of its negators."""
    tokenizer = Tokenizer(code)
    known = tokenizer.language_data
    word = next(
        seed
        for seed in known.positive_seeds
        if "_" not in seed and tokenizer.entry(seed).role == Role.WORD
    )
    for negator in known.negators:
        entry = tokenizer.entry(negator)
        assert entry.role in NEGATORS
        pair = [tokenizer.entry(word), entry]
        if entry.role == Role.NEGATOR:
            pair.reverse()
        assert set(tokenizer.tokens(pair)) == {known.marker + word, known.negators[negator]}


def test_a_shipped_language_agrees_in_both_tokenizers(code: str) -> None:
    from sentiment_transfer.text.scanner import ReadableScanner
    from sentiment_transfer.text.scanner_numba import Scanner

    tokenizer = Tokenizer(code)
    known = tokenizer.language_data
    words = [*known.negators, *known.positive_seeds, *known.negative_seeds, *known.intensifiers]
    words += [*sorted(known.stop_words)[:50], *known.contrast, *known.cancels, ",", ".", "!"]
    texts = [" ".join(words[i::7]) for i in range(7)] + ["".join(words[i::11]) for i in range(11)]
    ours, theirs = Scanner(tokenizer), ReadableScanner(tokenizer)
    assert ours.scan(texts).tokens.ids.tolist() == theirs.scan(texts).tokens.ids.tolist()
    assert ours.tokens_from(0) == theirs.tokens_from(0)


@pytest.mark.parametrize("code_given", LANGUAGES)
def test_every_segmenter_of_a_file_is_known(code_given: str) -> None:
    name = load_language(code_given).segmenter
    assert name is None or name in EXTRAS


def test_the_made_file_has_no_errors() -> None:
    assert [f for f in check_language(made_language()) if f.is_error] == []


def scope(**parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return made_language()["scope"] | parts


def seeds(positive: list[str] | None = None, negative: list[str] | None = None) -> dict[str, Any]:
    own = made_language()["seeds"]
    return {
        "positive": own["positive"] + (positive or []),
        "negative": own["negative"] + (negative or []),
    }


STOP = ["the", "a", "is", "l"]
PLANTED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "missing": ({"seeds": ...}, "missing-part", "seeds", "is missing"),
    "unknown": ({"stopwords": []}, "unknown-part", "stopwords", "is no part"),
    "form": ({"stop_words": ["a", 1]}, "schema", "stop_words[1]", "expected `str`"),
    "segmenter": ({"segmenter": "x"}, "schema", "segmenter", "must be null or one of"),
    "pattern": (
        {"grammar": {"patterns": [{"match": "<x>"}]}}, "grammar", "grammar.patterns[0]", "'<x>'"
    ),
    "double": ({"stop_words": [*STOP, "a"]}, "twice", "stop_words", "'a' is listed 2 times"),
    "case": ({"stop_words": [*STOP, "The"]}, "changed", "stop_words", "'the'"),
    "apostrophe": ({"seeds": seeds(["it’s"])}, "changed", "seeds.positive", '"it\'s"'),
    "wide": ({"seeds": seeds(["ｆine"])}, "changed", "seeds.positive", "'fine'"),
    "roles": ({"stop_words": [*STOP, "very"]}, "two-roles", "stop_words", "scope.intensifiers"),
    "suffix": (
        {"negator_suffix": "ix", "stop_words": [*STOP, "fix"]},
        "other-role",
        "stop_words",
        "read as negator",
    ),
    "stop word": ({"seeds": seeds(["the"])}, "stop-seed", "seeds.positive", "'the'"),
    "negated stop word": ({"seeds": seeds(["no_the"])}, "stop-seed", "seeds.positive", "'no_the'"),
    "part of a negated word": (
        {"seeds": seeds(["no_the"])}, "stop-seed", "seeds.positive", "'the', of 'no_the', is a stop"
    ),
    "no negator": (
        {"negators": {}, "negator_affixes": {}, "scope": scope(after=[], around=[])},
        "no-negators",
        "negators",
        "is empty",
    ),
    "token": (
        {"negators": {"no": "no", "ne": "ne", "non": "non", "nay": "zzz"}},
        "odd-token",
        "negators",
        "'nay' becomes 'zzz'",
    ),
    "marker of another": (
        {"seeds": seeds(["ne_bad", "ne_dull"])},
        "other-marker",
        "seeds.positive",
        "the marker is 'no_', and not that of 'ne_bad' and 1 more",
    ),
    "negated by a space": (
        {"seeds": seeds([], ["no nice"])}, "other-marker", "seeds.negative", "'no nice'"
    ),
    "negator": ({"seeds": seeds([], ["ne"])}, "negating-seed", "seeds.negative", "is a negator"),
    "affix": ({"seeds": seeds([], ["anna"])}, "negating-seed", "seeds.negative", "is a negator"),
    "marker": ({"seeds": seeds(["no_"])}, "negating-seed", "seeds.positive", "without a word"),
    "intensifier": ({"seeds": seeds(["very"])}, "seed-role", "seeds.positive", "intensifier"),
    "same side": (
        {"seeds": seeds(["no_good"])}, "negated-same-side", "seeds.positive", "'no_good'"
    ),
    "both": ({"seeds": seeds(["bad"])}, "both-sides", "seeds.positive", "'bad'"),
    "few": (
        {"seeds": {"positive": ["a"], "negative": []}}, "few-seeds", "seeds.negative", "has 0"
    ),
    "reach": ({"scope": scope(after=["nei"])}, "no-negator", "scope.after", "'nei'"),
    "reaches": ({"scope": scope(around=["ne"])}, "two-reaches", "scope.after", "'ne'"),
    "labels": (
        {"label_names": {"positive": ["x"], "negative": ["x"]}},
        "label-clash",
        "label_names.positive",
        "'x'",
    ),
    "order": (
        {"label_names": {"ordered": [["pos", "neu", "neg"]]}},
        "label-order",
        "label_names.ordered[0]",
        "'pos'",
    ),
    "split": ({"seeds": seeds(["very-nice"])}, "split", "seeds.positive", "very | nice"),
    "cut": ({"seeds": seeds(["bijian"])}, "split", "seeds.positive", "biji | an"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found_with_its_place_and_a_remedy(kind: str) -> None:
    parts, check, place, said = PLANTED[kind]
    content = {name: value for name, value in made_language(**parts).items() if value is not ...}
    found = check_language(content)
    (own,) = (
        f for f in found if (f.code, f.place.strip("'")) == (check, place) and said in f.message
    )
    assert own.remedy
    assert found == sorted(found, key=lambda finding: not finding.is_error)


def test_a_seed_with_another_marker_is_found_once_with_both_remedies() -> None:
    wrong = seeds(["ne_bad", "ne_dull", "nay_poor"], ["no good"])
    found = [f for f in check_language(made_language(seeds=wrong)) if f.is_error]
    assert [f.code for f in found] == ["other-marker"] * 3
    assert [f.remedy for f in found] == [
        "write 'no_bad', or set scope.marker to 'ne_'",
        "write 'no_poor', or set scope.marker to 'nay_', and list 'nay' in negators",
        "write 'no_good'",
    ]


@pytest.mark.parametrize("negators", [["no"], {"no": 1}, {"no": ""}])
def test_negators_of_another_form_are_shown_the_right_one(negators: object) -> None:
    (found,) = (f for f in check_language(made_language(negators=negators)) if f.is_error)
    assert '{"tidak": "tidak", "gak": "tidak"}' in found.remedy


def test_a_missing_part_names_a_command_that_shows_one(run: Run) -> None:
    content = made_language()
    del content["scope"]
    (found,) = check_language(content)
    assert "language show nl --format json" in found.remedy
    assert "scope" in json.loads(run("language", "show", "nl", "--format", "json")[1])


def test_words_that_no_text_holds_are_noted(run: Run, tmp_path: Path) -> None:
    path = write_language(tmp_path / "qx.json")
    texts = tmp_path / "texts.txt"
    texts.write_text("A good, great, FINE film\nno bad day, awful\n\n", encoding="utf-8")
    code, out, err = run("language", "check", path, texts, "--format", "json")
    assert code == 0
    assert "3 to look at" in err
    found = {one["place"]: one for one in json.loads(out)}
    assert {one["code"] for one in found.values()} == {"unseen"}
    assert found["negators"]["message"] == "2 of 3 are in no text: ne, non"
    assert found["seeds.positive"]["message"].endswith("enjoyed, lovely, nice, superb")
    assert "bad" not in found["seeds.negative"]["message"].split(": ")[1].split(", ")
    assert not any(one["is_error"] for one in found.values())
    texts.write_text("good great fine nice lovely superb enjoyed no bad ne non awful dull poor "
                     "nasty horrid boring no good", encoding="utf-8")  # fmt: skip
    assert run("language", "check", path, texts)[1] == ""


def test_many_words_that_no_text_holds_are_one_note() -> None:
    words = [f"w{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(80)]
    found = check_language(made_language(seeds=seeds(words)), ["a text"])
    (own,) = (f for f in found if f.code == "unseen" and f.place == "seeds.positive")
    assert own.message.startswith("88 of 88 are in no text: ")
    assert own.message.endswith(", …")


def test_a_code_is_told_from_a_file_of_its_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = tmp_path / "texts.txt"
    texts.write_text("een goede film\neen saaie film\n" * 600, encoding="utf-8")
    options = texts, "-o", tmp_path / "model.safetensors", "--language", "nl"
    assert "nl.json" not in run("pretrain", *options)[2]
    write_language(tmp_path / "nl.json")
    assert (
        "note: nl is the language that ships; for the file here, give nl.json"
        in run("pretrain", *options)[2]
    )


def test_several_faults_of_form_are_found_at_once() -> None:
    content = made_language(stop_words=1, negators=[], version="1")
    assert [finding.place for finding in check_language(content)] == [
        "version", "stop_words", "negators"
    ]  # fmt: skip


def test_every_entry_that_breaks_the_form_is_found() -> None:
    content = made_language(
        language="Dutch",
        stop_words=["a", 1, "b", ""],
        cuts=["a|b", "ab"],
        negator_affixes={"un": "no", "an-": 3},
        scope=scope(marker="no", window=0, windows=1),
        seeds={"positive": ["good", None]},
        segmenter="x",
    )
    found = {finding.place: finding.message for finding in check_language(content)}
    assert list(found) == [
        "language", "stop_words[1]", "stop_words[3]",
        "negator_affixes.un", "negator_affixes.an-", "cuts[1]",
        "scope.windows", "scope.marker", "scope.window",
        "seeds.negative", "seeds.positive[1]", "segmenter",
    ]  # fmt: skip
    assert found["language"] == "must be a code of two or three small letters, such as nl or pt-BR"
    assert found["stop_words[1]"] == "expected `str`, got `int`"
    assert found["seeds.negative"] == "is missing"
    assert not any("regex" in message for message in found.values())


@pytest.mark.parametrize("end", ["\n", "\r\n", " "])
def test_a_line_break_or_a_space_at_the_end_is_refused_as_any_other_character(end: str) -> None:
    content = made_language(
        language=f"nl{end}",
        cuts=[f"a|b{end}", f"a|{end}", f"|a|{end}"],
        negator_affixes={f"-siz{end}": "no", f"{end}un-": "no", f"an-{end}": "no"},
        scope=scope(marker=f"niet_{end}"),
    )
    messages = [finding.message for finding in check_language(content)]
    assert len([message for message in messages if message.startswith("must be ")]) == 8
    for part in ("language", "cuts", "negator_affixes", "scope"):
        with pytest.raises(SettingError, match="must be "):
            LanguageFile.from_dict(made_language() | {part: content[part]})
    LanguageFile.from_dict(made_language(language="pt-BR"))


def test_many_breaks_of_a_part_are_counted() -> None:
    found = check_language(made_language(stop_words=[*range(80)], negators={"no": 1}))
    assert len(found) == 50 + 1 + 1
    assert [f.message for f in found if f.place == "stop_words"] == ["has 30 more that are wrong"]
    found = check_language(made_language(stop_words=[*range(60_000)]))
    assert [f.message for f in found if f.place == "stop_words"] == [
        "has 59,950 more that are wrong"
    ]


def test_every_pattern_that_cannot_be_read_is_found() -> None:
    patterns = [{"match": "<x>"}, {"match": "good"}, {"match": "<z> bad"}]
    found = check_language(made_language(grammar={"patterns": patterns}))
    assert [f.place for f in found] == ["grammar.patterns[0]", "grammar.patterns[2]"]


def test_a_name_of_control_characters_is_shown_escaped() -> None:
    (found,) = check_language(made_language(**{"\x1b[2J": 1}))
    assert found.place == repr("\x1b[2J")


def test_a_missing_segmenter_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    segmenter.cache_clear()
    monkeypatch.setitem(sys.modules, "unidic_lite", None)
    found = check_language(made_language(segmenter="fugashi", cuts=[]))
    segmenter.cache_clear()
    assert [(f.code, f.is_error) for f in found] == [("no-segmenter", False)]
    assert "sentiment-transfer[ja]" in found[0].remedy


def test_the_command_lists_findings_and_ends_with_their_code(run: Run, tmp_path: Path) -> None:
    path = write_language(tmp_path / "qx.json")
    code, out, err = run("language", "check", path)
    assert (code, out) == (0, "")
    assert "qx.json: no errors" in err
    write_language(path, seeds=seeds(["the", "very"]))
    code, out, err = run("language", "check", path)
    assert code == 3
    assert "stop-seed" in out
    assert "note" in out
    assert "1 error; correct the file" in err
    code, out, _ = run("language", "check", path, "--format", "json")
    assert Finding(**json.loads(out)[0]).code == "stop-seed"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "a", "name": "b"}', "\0"])
def test_the_command_names_the_line_of_broken_json(run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "qx.json"
    path.write_text(content, encoding="utf-8")
    code, out, err = run("language", "check", path)
    assert (code, out) == (3, "")
    assert "qx.json" in err


def test_a_missing_file_is_named_with_the_codes(run: Run, tmp_path: Path) -> None:
    code, _, err = run("language", "check", tmp_path / "no.json")
    assert code == 3
    assert "no.json' is not there" in err
    assert err.startswith("error: FILE '")
    assert "--language" not in err
    assert "one of: de, en, " in err
    code, _, err = run("language", "show", "xx")
    assert code == 2
    assert err.startswith("error: LANGUAGE 'xx' is not there")


def test_without_a_language_all_are_listed(run: Run) -> None:
    code, out, _ = run("language", "show")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == list(LANGUAGES)
    (japanese,) = (line for line in out.splitlines() if line.startswith("ja"))
    assert "fugashi (sentiment-transfer[ja])" in japanese
    _, out, _ = run("language", "show", "--format", "json")
    listed = {one["code"]: one for one in json.loads(out)}
    dutch = language_file("nl")
    assert listed["nl"]["stop words"] == len(dutch["stop_words"])
    assert listed["nl"]["negative seeds"] == len(dutch["seeds"]["negative"])
    assert listed["nl"]["shipped models"] == []
    assert "reviews-en" in listed["en"]["shipped models"]


def test_a_file_with_errors_is_warned_of_where_it_is_used(run: Run, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("a good film\na dull film\n" * 600, encoding="utf-8")
    path = write_language(tmp_path / "qx.json", seeds=seeds(["the", "ne"]))
    options = texts, "-o", tmp_path / "model.safetensors", "--language"
    code, _, err = run("pretrain", *options, path)
    assert code == 0
    assert "qx.json has 2 errors, so some of its words do nothing" in err
    assert f"`sentiment-transfer language check {path}` lists them" in err
    assert run("language", "check", path)[0] == 3
    write_language(path)
    assert "qx.json" not in run("pretrain", *options, path)[2]
    write_language(path, stop_words=1)  # what cannot be read is an error of the command alone
    code, _, err = run("pretrain", *options, path)
    assert code == 2
    assert err.count("qx.json") == 1


def test_a_code_is_not_checked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sentiment_transfer.text import language_check

    monkeypatch.delattr(language_check, "check_language")
    texts = tmp_path / "texts.txt"
    texts.write_text("een goede film\neen saaie film\n" * 600, encoding="utf-8")
    model = tmp_path / "model.safetensors"
    assert run("pretrain", texts, "-o", model, "--language", "nl")[0] == 0


@pytest.mark.parametrize(
    "command", ["pretrain", "fit", "compare", "bank judge", "advise corpus", "advise choose",
                "advise stopping", "advise report"]
)  # fmt: skip
def test_help_says_that_a_path_is_a_language(run: Run, command: str) -> None:
    out = " ".join(run(*command.split(), "--help")[1].split())
    assert "path of a language file" in out
    assert "language show" in out


def test_what_a_file_holds_is_shown_and_copied(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("language", "show", "en")
    assert code == 0
    for part in ("English", "stop_words", "scope.marker", "seeds.positive", "patterns"):
        assert part in out
    copy = tmp_path / "mine.json"
    assert run("language", "show", "en", "-o", copy)[0] == 0
    assert json.loads(copy.read_text(encoding="utf-8")) == language_file("en")
