"""What the readable tokenizer makes of texts, written down by hand."""

from __future__ import annotations

import copy
import pickle
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer.errors import InputError, MissingExtraError, SettingError
from sentiment_transfer.text import Tokenizer, normalise, tokenizer
from sentiment_transfer.text.normalise import normalised_spans
from sentiment_transfer.text.plugins import nltk_splitter, nltk_stemmer, segmenter
from sentiment_transfer.text.tokenizer import MAX_WORD, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

SPLITTERS = ["TweetTokenizer", "WordPunctTokenizer", "ToktokTokenizer", "TreebankWordTokenizer"]


def tokens(text: str, **parameters: Any) -> str:  # noqa: ANN401  (of several types)
    return " ".join(Tokenizer(**parameters)(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great plot", "great plot"),
        ("a good-looking film", "good looking film"),
        ("snake_case and 1.5 of 10/10", "snake case 1 5 10 10"),
        ("rock'n'roll 'quoted' o''clock dogs'", "rock'n'roll quoted o'clock dogs"),
        ("plot\u00a0twist\ttwice", "plot twist twice"),
        ("", ""),
        (" \t\n\0", ""),
    ],
)
def test_words_are_runs_of_letters_and_digits_with_inner_apostrophes(
    text: str, expected: str
) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("apostrophe", ["'", "’", "‘", "\u02bc", "´", "\uff07"])
def test_an_apostrophe_is_an_apostrophe_however_it_is_typed(apostrophe: str) -> None:
    assert tokens(f"It wasn{apostrophe}t the movie{apostrophe}s plot") == "not not_movie plot"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("movie's", "movie"),
        ("We're, they've, you'll, he'd, I'm", ""),
        ("actors've left", "actors left"),
        ("o'brien", "o'brien"),
        ("nothing's good", "nothing not_good"),
        ("couldn't've liked", "not not_liked"),
    ],
)
def test_clitics_are_cut(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    "negator", ["don't", "Don’t", "DONT", "cannot", "can't", "won't", "ain't", "aint", "needn't"]
)
def test_contracted_negators_become_not(negator: str) -> None:
    assert tokens(f"{negator} recommend") == "not not_recommend"


@pytest.mark.parametrize("negator", ["no", "never", "without", "neither", "nobody", "hardly"])
def test_other_negators_stay_as_they_are(negator: str) -> None:
    assert tokens(f"{negator} good") == f"{negator} not_good"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sooo gooood", "soo good"),
        ("YESSSSS", "yess"),
        ("coool cool", "cool cool"),
        ("2000 0000", "2000 0000"),  # digits are not drawn out
    ],
)
def test_letters_drawn_out_are_cut_to_two(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good :-) bad :( so ;) =)", "good :) bad :( so ;) =)"),
        ("Loved it.:)", "loved :)"),
        ("::)", ":)"),
        (":.) : )", ""),
        ("wow!!! really?! huh??", "wow ! really ? huh ?"),
        ("ja！ nein？", "ja ! nein ?"),
        ("👍 good👍👍", "👍 good 👍 👍"),
        ("👍🏽 ☺️", "👍 ☺"),
        ("👩\u200d🚀", "👩 🚀"),
        ("© 2020 Ltd ®, 20°", "2020 ltd 20"),
        ("wow <br /><br>good<BR/>", "wow good"),
    ],
)
def test_marks_emoticons_and_emoji(text: str, expected: str) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not good", "not not_good"),
        ("not a good film", "not not_good film"),
        ("not very good", "not very not_good"),
        ("not the so very good", "not so very not_good"),  # good is the 4th word: the last reached
        ("not the so very really good", "not so very really good"),  # and here the 5th
        ("not bad", "not not_bad"),
        ("not only good", "not only good"),
        ("not just a good film", "not just good film"),
        ("no doubt good", "no doubt good"),
        ("not but good", "not but good"),
        ("not, good", "not good"),
        ("not (good)", "not good"),
        ("not <br /> good", "not good"),
        ("not! good", "not ! good"),
        ("not 👍 good", "not 👍 good"),
        ("not :) good", "not :) good"),
        ("not “good” - and", "not not_good"),
        ("neither good nor bad", "neither not_good nor not_bad"),
        ("not never good", "not never not_good"),
        ("good, not", "good not"),
        ("not " + "xy" * MAX_WORD + " good", "not good"),
    ],
)
def test_a_negator_reaches_the_next_plain_word_and_no_farther(text: str, expected: str) -> None:
    assert tokens(text) == expected


def test_the_example_of_the_documentation() -> None:
    text = "I didn't like it, but the ending was not very good!"
    assert tokens(text) == "not not_like but ending not very not_good !"


def test_negation_and_stop_words_can_be_switched_off() -> None:
    text = "this is not the good one"
    assert tokens(text) == "not not_good one"
    assert tokens(text, mark_negation=False) == "not good one"
    assert tokens(text, stop_words=False) == "this is not the not_good one"
    assert tokens(text, stop_words=False, mark_negation=False) == text


def test_a_word_may_have_fifty_letters_after_its_clitic_is_cut() -> None:
    longest = "ab" * 25
    assert (len(longest), MAX_WORD) == (50, 50)
    assert tokens(f"{longest}'s") == longest
    assert tokens(f"{longest}c") == ""
    assert tokens("b" + "a" * 1000 + "d") == "baad"


def test_a_text_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "MAX_CHARACTERS", 5)
    assert tokens("12345") == "12345"
    with pytest.raises(InputError, match=r"a text has 6 characters; at most 5 are allowed \(split"):
        Tokenizer()("123456")


@pytest.mark.parametrize(
    ("piece", "role", "token"),
    [
        ("plot", Role.WORD, "plot"),
        ("the", Role.STOP, "the"),
        ("isn't", Role.NEGATOR, "not"),
        ("very", Role.INTENSIFIER, "very"),
        ("only", Role.CANCEL, "only"),
        ("but", Role.CONTRAST, "but"),
        ("?!", Role.CONTRAST, "?"),
        (";-(", Role.CONTRAST, ";("),
        ("👍", Role.CONTRAST, "👍"),
        ("。", Role.BREAK, ""),
        ("<br />", Role.BREAK, ""),
    ],
)
def test_the_entry_of_a_piece(piece: str, role: Role, token: str) -> None:
    assert Tokenizer().entry(piece) == (role, token, token)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ｄｉｄｎ’t work\u00adshop", "didn't workshop"),
        ("ﬁne №1 ½", "fine no1 1⁄2"),
        ("e\u0301 J\u030c", "é ǰ"),
        ("a\u200db\ufeffc\ud800d\ufe0f", "abcd"),
        ("ΟΔΟΣ İ ẞ", "οδος i̇ ß"),
        ("\u00b4 \u2032 \uff40 ` \uff07 \x92 \u02bc \u2033", "' ' ' ' ' ' ' ''"),
        ("not\u200bgood\u00a0film \x96 \x85", "not good film – ..."),
        ("didn\ufffdt gar\ufffdon \ufffd", "didn't gar on  "),
    ],
)
def test_normal_forms(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text(st.characters(exclude_categories=())))
@settings(max_examples=500, deadline=None)
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


MARKS = "\u0301\u0323"  # an acute accent above and a dot below, in falling canonical classes


def test_of_many_marks_in_a_row_thirty_are_kept_as_in_stream_safe_text() -> None:
    assert normalise("x" + 14 * MARKS + " y") == "x" + 14 * "\u0323" + 14 * "\u0301" + " y"
    text = "x" + 15 * MARKS + "y"
    assert normalise(text) == "x" + 15 * "\u0323" + 15 * "\u0301" + "y"
    for longer in ("x" + 99 * MARKS + "y", "x" + 99 * "\u0301\u200d\u0323" + "y"):
        assert normalise(longer) == normalise(text)
        spans = normalised_spans(longer)
        assert len(spans) == len(normalise(longer))
        assert spans[-1] == (len(longer) - 1, len(longer))


def test_a_megabyte_of_marks_is_normalised_at_once() -> None:
    begun = time.process_time()
    assert len(normalise("x" + 250_000 * MARKS)) == 31
    assert time.process_time() - begun < 1


def test_every_character_is_normal_after_one_pass() -> None:
    planes = [*range(0x20000), *range(0xE0000, 0xE0200)]  # the others hold Han or nothing
    unstable = [c for c in map(chr, planes) if normalise(normalise(c)) != normalise(c)]
    assert unstable == []


@given(st.text(st.characters(exclude_categories=()), max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_token_is_empty_or_holds_a_space_or_a_capital(text: str) -> None:
    for token in Tokenizer()(text):
        assert token
        assert token == token.lower()
        assert not any(character.isspace() for character in token)


@pytest.fixture
def no_network_no_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Sockets raise, and NLTK has no folder to find data in."""
    nltk = pytest.importorskip("nltk")

    def refuse(*_: object, **__: object) -> NoReturn:
        pytest.fail("a download was attempted")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(nltk, "download", refuse)
    nltk_splitter.cache_clear()
    nltk_stemmer.cache_clear()
    yield
    nltk_splitter.cache_clear()
    nltk_stemmer.cache_clear()


@pytest.mark.usefixtures("no_network_no_data")
@pytest.mark.parametrize(
    ("splitter", "expected"),
    [
        ("TweetTokenizer", "not not_like not very not_good movie ! !"),
        ("TreebankWordTokenizer", "not not_like not very not_good movie ! !"),
        ("WordPunctTokenizer", "not not_like not very not_good movie !"),
        ("ToktokTokenizer", "not not_like not very not_good movie ! !"),
    ],
)
def test_splitters_of_nltk_work_without_data(splitter: str, expected: str) -> None:
    text = "I didn’t like it, not very good movie's!!"
    assert tokens(text, splitter=f"nltk:{splitter}") == expected


@pytest.mark.usefixtures("no_network_no_data")
@pytest.mark.parametrize(
    ("stemmer", "expected"),
    [
        ("porter", "not not_like bore movi"),
        ("lancaster", "not not_lik bor movy"),
        ("snowball", "not not_like bore movi"),
    ],
)
def test_stemmers_of_nltk_work_without_data_and_stem_plain_words_only(
    stemmer: str, expected: str
) -> None:
    assert tokens("didn't like boring movies", stemmer=f"nltk:{stemmer}") == expected


@pytest.mark.parametrize("splitter", SPLITTERS)
@given(text=st.text(st.characters(exclude_categories=()), max_size=30))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_a_splitter_of_nltk(splitter: str, text: str) -> None:
    assert all(Tokenizer(splitter=f"nltk:{splitter}")(text))


def test_a_long_run_of_digits_does_not_stop_the_tweet_tokenizer() -> None:
    # the tokenizer itself takes time quadratic in the run: minutes for this one
    assert tokens("good " + "7" * 100_000 + " plot", splitter="nltk:TweetTokenizer") == "good plot"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"language": "xx"}, r"language='xx' is not allowed; .* en, .* zh"),
        ({"splitter": "nltk:Nope"}, r"splitter='nltk:Nope' is not allowed.*'nltk:TweetTokenizer'"),
        ({"splitter": "spacy"}, r"splitter='spacy' is not allowed"),
        ({"stemmer": "nltk:nope"}, r"stemmer='nltk:nope' is not allowed.*'nltk:porter'"),
        ({"stemmer": "nltk:snowball", "language": "zh"}, r"does not support Chinese.*use None"),
    ],
)
def test_unknown_names_are_refused_and_the_known_ones_listed(
    parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        Tokenizer(**parameters)("plain text")


def test_an_unknown_segmenter_is_refused() -> None:
    with pytest.raises(
        SettingError, match=r"segmenter='nope' is not allowed; it must be 'jieba' or 'fugashi'"
    ):
        segmenter("nope")


def test_without_jieba_chinese_text_names_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    segmenter.cache_clear()
    with pytest.raises(MissingExtraError, match=r"needs jieba.*sentiment-transfer\[zh\]") as caught:
        Tokenizer("zh")("很好")
    assert caught.value.extra == "zh"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这家酒店不是很好，但是房间很干净！", "这家 酒店 不是 很 不_好 但是 房间 很 干净 !"),
        ("没有早餐，不推荐", "没有 不_早餐 不 不_推荐"),
        ("不仅好吃", "不仅 好吃"),
        ("ＯＫ，很好", "ok 很 好"),
        ("not good 好", "not good 好"),  # English is not the language here
    ],
)
def test_chinese(text: str, expected: str) -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    assert tokens(text, language="zh") == expected


def test_han_characters_drawn_out_are_cut_to_two_before_segmenting() -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    assert "".join(Tokenizer("zh")("好好好好好吃")) == "好好吃"


def test_a_used_tokenizer_can_be_copied_and_pickled() -> None:
    used = Tokenizer(splitter="nltk:TweetTokenizer", stemmer="nltk:porter")
    expected = used("not boring")
    for again in (copy.deepcopy(used), pickle.loads(pickle.dumps(used))):  # noqa: S301
        assert again("not boring") == expected


def test_parameters_can_be_changed_after_use() -> None:
    changed = Tokenizer()
    assert changed("the movies") == ["movies"]
    changed.set_params(stemmer="nltk:porter", stop_words=False)
    assert changed("the movies") == ["the", "movi"]
    changed.set_params(splitter="nltk:WordPunctTokenizer", stemmer=None)
    assert changed("the snake_case") == ["the", "snake_case"]


# spans in the text as it was given

TRICKY = [
    *["Great", "DIDN’T", "ﬁlm", "ＧＲＥＡＴ", "½", "…", "‼", "ﷺ", "!!", "?", ":-)", "<br />"],
    *["e\u0301", "J\u030c", "\u00ad", "\u200d", "İ", "ΣΑΣ", "\u0301", "👍🏽", "㈜", "각", "각"],
    *["ㅋㅋ", "ﾡￂ", "ｶﾞ", "—", "-", " ", "\n", "'", "=", "\0", "\ud800", "soooo", "0" * 40],
    *["好好好好吃", "这家酒店", "<em>", "</p>", "&#39;", "&amp;", "\x92", "\n\n", "didn t", "``"],
]
ANY_TEXT = st.lists(st.sampled_from(TRICKY) | st.text(max_size=4), max_size=12).map("".join)


def spans_of(tokenizer: Tokenizer, text: str) -> list[tuple[str, int, int]]:
    """Pieces with their spans, of which the order is checked."""
    spans = tokenizer.spans(text)
    places = [0, *(place for span in spans for place in span), len(text)]
    assert places == sorted(places)
    pieces = tokenizer.pieces(tokenizer.prepare(text))
    return [(piece, *span) for piece, span in zip(pieces, spans, strict=True)]


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT, st.sampled_from(["en", "zh"]))
def test_spans_hold_all_that_pieces_came_from(text: str, language: str) -> None:
    tokenizer = Tokenizer(language)
    end = 0
    for _, start, following in [*spans_of(tokenizer, text), ("", len(text), len(text))]:
        assert tokenizer.pieces(tokenizer.prepare(text[end:start])) == []
        end = following


@settings(max_examples=500, deadline=None)
@given(ANY_TEXT)
def test_a_span_alone_gives_its_piece(text: str) -> None:
    # of characters that stand for several, such as an ellipsis, two pieces may have a share
    text = "".join(c for c in text if len(normalise(c)) <= 1)
    tokenizer = Tokenizer()
    for piece, start, end in spans_of(tokenizer, text):
        alone = tokenizer.pieces(tokenizer.prepare(text[start:end]))
        assert [p.replace("ς", "σ") for p in alone] == [piece.replace("ς", "σ")]


def test_every_character_that_changes_has_its_span_alone_and_among_letters() -> None:
    characters = [chr(code) for code in range(0x20000) if normalise(chr(code)) != chr(code)]
    assert len(characters) > 5000
    for character in characters:
        for text in (character, f"a{character}b"):
            assert len(normalised_spans(text)) == len(normalise(text))
            spans_of(Tokenizer(), text)


@pytest.mark.parametrize("name", SPLITTERS)
@settings(max_examples=50, deadline=None)
@given(text=ANY_TEXT)
def test_spans_of_other_splitters_rise_within_the_text(name: str, text: str) -> None:
    spans_of(Tokenizer(splitter=f"nltk:{name}"), text)


def test_a_quote_that_a_splitter_rewrites_keeps_its_place() -> None:
    text = 'She said "cannot".'
    spans = Tokenizer(splitter="nltk:TreebankWordTokenizer").spans(text)
    assert [text[start:end] for start, end in spans] == [
        *("She", "said", '"', "can", "not", '"', "."),
    ]


def test_chinese_words_are_spans_of_the_text_without_spaces() -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    text = "这家酒店好好好好吃，ＯＫ！"
    spans = Tokenizer("zh").spans(text)
    assert "".join(text[start:end] for start, end in spans) == text
    assert (0, 2) in spans
