"""What each word adds to the log odds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.errors import InputError, NotFittedError
from sentiment_transfer.model.explanation import Explanation
from sentiment_transfer.model.explanation_html import page_of
from sentiment_transfer.polarity.members import Features

if TYPE_CHECKING:
    from pathlib import Path

FEW = [
    ("It was great, loved it.", "positive"),
    ("It was really stupid.", "negative"),
    ("A boring film with bad acting.", "negative"),
    ("A funny and warm film.", "positive"),
    ("I highly recommend it.", "positive"),
    ("What an awful waste of time.", "negative"),
    ("The jokes were not funny at all.", "negative"),
    ("The cast is excellent.", "positive"),
]
TEXTS = [
    "The acting was not very good, but I loved the ending!",
    "good good film",
    "A waste of my time. Awful <br /> film :-(",
]


WRITTEN = [
    "Well, it's (mostly) good: 7 of 10 films!",
    "  A GREAT film — truly… it didn’t drag\n\nat  all. ",
    "Ｆｕｌｌ width, soft\u00adhyphen, ½ good ﷺ 👍🏽 ﬁlm",
    "—",
    "",
]


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    texts, labels = zip(*FEW, strict=True)
    return SentimentClassifier(vectors="reviews-en").fit(texts, labels)


@pytest.mark.parametrize("text", TEXTS)
def test_words_contribute_all_of_the_mean_log_odds_but_what_is_of_no_word(
    model: SentimentClassifier, text: str
) -> None:
    explanation = model.explain(text, "positive")
    encoded = model.encode([text]).features
    words = model.head_.words_.transform(encoded.grams)
    features = Features(encoded.score, encoded.polarity_mean, encoded.plain_mean, words)
    log_odds = of_no_word = 0.0
    polarity = model.encoder_.polarity_
    for member in model.head_.mixture_.members_:
        log_odds += member.share * member.decision(features)[0]
        slope = member.weights.get("score", [0.0])[0]
        of_no_word += member.share * (member.bias - slope * polarity.shift / polarity.spread)
    of_words = sum(share for _, share in explanation.pieces)
    assert of_words == pytest.approx(log_odds - of_no_word, abs=1e-5)


@pytest.mark.parametrize("text", TEXTS)
def test_with_the_bias_contributions_add_up_to_the_log_odds_of_the_answer(
    model: SentimentClassifier, text: str
) -> None:
    explanation = model.explain(text, "positive")
    p = model.predict_proba([text])[0, 1]
    assert len(model.head_.mixture_.members_) > 1  # their mean log odds are others
    assert explanation.probability == p
    assert explanation.log_odds == pytest.approx(np.log(p / (1 - p)))


def test_the_other_label_gets_the_opposite(model: SentimentClassifier) -> None:
    for_it, against = (model.explain(TEXTS[0], label) for label in ("positive", "negative"))
    assert against.log_odds == pytest.approx(-for_it.log_odds)
    assert [share for _, share in against.pieces] == [-share for _, share in for_it.pieces]


def test_without_a_label_it_speaks_for_the_most_probable(model: SentimentClassifier) -> None:
    assert model.explain(TEXTS[2]).label == "negative"
    assert model.explain(TEXTS[2]).top(1)[0][0] in ("waste", "Awful")


def test_as_a_str_it_is_one_line_of_the_answer_and_what_weighs_most() -> None:
    pieces = (("fine", 1.5), ("but", 0.0), ("slow", -0.5))
    explanation = Explanation("good", 0.75, pieces, ("", " ", " ", ""), 0.125)
    assert str(explanation) == "good 75.0 %: fine +1.50, slow -0.50, but +0.00, (no word) +0.12"
    assert not explanation.no_known_word


def test_repeats_are_added_up_and_the_heaviest_come_first(model: SentimentClassifier) -> None:
    top = model.explain(TEXTS[1], "positive").top()
    assert sorted(piece for piece, _ in top) == ["film", "good"]
    assert abs(top[0][1]) >= abs(top[1][1])


def test_an_unknown_label_is_named_with_the_known(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match=r"label='mixed'.*negative, positive"):
        model.explain("good", "mixed")


@pytest.mark.parametrize("text", ["qwertz", "", "the of and", "..."])
def test_a_text_without_a_known_word_is_explained_by_the_labels_in_training_alone(
    model: SentimentClassifier, text: str
) -> None:
    texts, labels = zip(*FEW, strict=True)
    skewed = SentimentClassifier(vectors="reviews-en").fit(texts[:7], labels[:7])  # 3 to 4
    for label, share in (("positive", (3 + 1) / (7 + 2)), ("negative", (4 + 1) / (7 + 2))):
        explanation = skewed.explain(text, label)
        assert explanation.probability == pytest.approx(share)
        assert explanation.bias == pytest.approx(np.log(share / (1 - share)))
        assert explanation.log_odds == explanation.bias
        assert {share for _, share in explanation.pieces} <= {0}


class Page(HTMLParser):
    """What a browser would show: text without markup, and the marks with what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.shown = ""
        self.marks: list[tuple[str, float, str]] = []
        self.feed(page)
        assert not self.tags  # all closed, in order

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "hr"):
            return
        self.tags.append(tag)
        if tag == "mark":
            found = dict(attrs)
            self.marks.append((str(found["class"]), float(str(found["style"])[4:]), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.tags:
            return
        self.shown += data
        if "mark" in self.tags:
            self.marks[-1] = (*self.marks[-1][:2], data)


def test_html_marks_words_for_and_against_and_the_strongest_most(
    model: SentimentClassifier,
) -> None:
    explanation = model.explain(TEXTS[0], "positive")
    page = Page(explanation.to_html())
    shares = dict(explanation.pieces)
    strongest = max(abs(share) for share in shares.values())
    marked = {word: (side, width) for side, width, word in page.marks if word in shares}
    assert len(marked) >= 3
    for word, (side, width) in marked.items():
        assert side == ("st-for" if shares[word] > 0 else "st-against")
        assert width == pytest.approx(0.5 * abs(shares[word]) / strongest, abs=0.006)
    assert max(width for _, width in marked.values()) == 0.5


@pytest.mark.parametrize("text", WRITTEN)
def test_html_shows_the_text_as_it_was_written(model: SentimentClassifier, text: str) -> None:
    page = model.explain(text).to_html()
    assert text in Page(page).shown
    assert "white-space:pre-wrap" in page  # or a browser would join lines and spaces


def test_html_names_what_weighs_most_for_those_without_a_mouse(
    model: SentimentClassifier,
) -> None:
    explanation = model.explain(TEXTS[2])
    shown = Page(explanation.to_html()).shown
    word, share = explanation.top(1)[0]
    assert f"{word}{share:+.2f}" in shown
    assert f"{explanation.label} {100 * explanation.probability:.1f} %" in shown


def test_html_escapes_whatever_the_text_holds(model: SentimentClassifier) -> None:
    texts = ["I <b>loved</b> it & hated it", "<script>alert(1)</script> good", '" onload="x good']
    for text in texts:
        page = model.explain(text).to_html()
        assert not {"script", "b"} & set(re.findall(r"<(\w+)", page))
        assert 'onload="x' not in page
        Page(page)
    evil = Explanation("<i>x</i>", 0.5, (("<u>", 1.0),), ("<b>", "<s>"), 0.0)
    assert set(re.findall(r"<(\w+)", evil.to_html())) == {
        *("div", "style", "p", "strong", "small", "mark", "table", "tr", "td"),
    }


def test_a_notebook_shows_the_html_and_it_needs_nothing_from_elsewhere(
    model: SentimentClassifier,
) -> None:
    explanation = model.explain(TEXTS[0])
    assert explanation._repr_html_() == explanation.to_html()
    page = page_of([explanation] * 2)
    assert page.startswith("<!doctype html>")
    assert "width=device-width" in page  # not shrunk on a phone
    assert "color-scheme" in page  # dark where the reader has it dark
    assert not re.search(r"(?:src|href|url)\b", page)
    assert Page(page.removeprefix("<!doctype html>")).shown.count(TEXTS[0]) == 2


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance, WCAG 2.1."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def test_letters_stand_out_from_every_mark_on_a_light_and_on_a_dark_page(
    model: SentimentClassifier,
) -> None:
    page = model.explain(TEXTS[0]).to_html()
    hues = re.findall(r"--hue:(\d+),(\d+),(\d+)", page)
    assert len(hues) == 2
    for hue in hues:
        for ground, letters in ((1.0, 0.0), (0.07, 1.0)):  # black on white, white on near black
            mixed = tuple(0.5 * int(c) / 255 + 0.5 * ground for c in hue)
            bright, dark = sorted((luminance(mixed), luminance((letters,) * 3)), reverse=True)
            assert (bright + 0.05) / (dark + 0.05) >= 4.5  # WCAG AA


def test_a_text_without_pieces_is_still_a_page(model: SentimentClassifier) -> None:
    explanation = model.explain("")
    page = Page(explanation.to_html())
    assert page.marks == []
    assert explanation.label in page.shown


@pytest.mark.parametrize("text", WRITTEN)
def test_pieces_and_gaps_joined_are_the_text_that_was_given(
    model: SentimentClassifier, text: str
) -> None:
    explanation = model.explain(text)
    joined = explanation.gaps[0]
    for (piece, _), gap in zip(explanation.pieces, explanation.gaps[1:], strict=True):
        joined += piece + gap
    assert joined == explanation.text == text


def test_pieces_are_written_as_in_the_text_and_weigh_what_they_did(
    model: SentimentClassifier,
) -> None:
    given = model.explain("An AWFUL—just\u00ad awful—ｆｉｌｍ, didn’t like it…", "negative")
    plain = model.explain("an awful just awful film , didn't like it ...", "negative")
    assert [piece for piece, _ in given.pieces] == [
        *("An", "AWFUL", "just", "awful", "ｆｉｌｍ", ",", "didn’t", "like", "it", "…"),
    ]
    shares = [share for _, share in plain.pieces]
    assert [share for _, share in given.pieces] == pytest.approx([*shares[:9], sum(shares[9:])])
    assert (given.bias, given.log_odds) == pytest.approx((plain.bias, plain.log_odds))
    assert max(abs(share) for share in shares) > 0.01


def test_repeats_of_another_case_are_added_up_under_the_first() -> None:
    pieces = (("Good", 1.0), ("GOOD", 0.5), ("didn’t", -1.0), ("didn't", -1.0))
    explanation = Explanation("x", 0.5, pieces, ("",) * 5, 0.0)
    assert explanation.top() == [("didn’t", -2.0), ("Good", 1.5)]


def test_other_heads_are_explained_by_leaving_pieces_out() -> None:
    texts, labels = zip(*FEW, strict=True)
    model = SentimentClassifier(vectors="reviews-en", head=LogisticRegression()).fit(texts, labels)
    explanation = model.explain("an awful film", "negative")
    p = model.predict_proba(["an awful film", "an film"])[:, 0]
    log_odds = np.log(p / (1 - p))
    assert explanation.log_odds == pytest.approx(log_odds[0])
    assert dict(explanation.pieces)["awful"] == pytest.approx(log_odds[0] - log_odds[1])


def test_polar_words_stand_in_order_and_agree_with_polarity(model: SentimentClassifier) -> None:
    words = model.polar_words(5)
    assert len(words) == 10
    assert words["polarity"].is_monotonic_decreasing
    assert model.polarity(words["word"][0]) == pytest.approx(words["polarity"][0])
    assert model.polarity("awful") < -1 < 1 < model.polarity("wonderful")


def test_a_model_without_seeds_has_no_polarity_to_tell() -> None:
    texts = [text for text, _ in FEW] * 3
    model = SentimentClassifier(seeds=None).pretrain(texts)
    with pytest.raises(NotFittedError, match="no polarity of words"):
        model.polarity("film")


def test_a_saved_model_explains_alike(model: SentimentClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again, SentimentClassifier)
    assert again.explain(TEXTS[0]).top(3) == model.explain(TEXTS[0]).top(3)


def test_polar_words_of_given_texts_are_counted_once_a_text(model: SentimentClassifier) -> None:
    texts = ["awful awful wonderful", "", "an AWFUL film", "qwertz"]
    words = model.polar_words(50, 1, texts=iter(texts)).set_index("word")["count"]
    assert words[["awful", "wonderful"]].tolist() == [2, 1]
    assert "great" not in words
    assert model.polar_words(50, 2, texts=texts)["word"].tolist() == ["awful"]
    assert model.polar_words(5, 1, texts=[]).empty
