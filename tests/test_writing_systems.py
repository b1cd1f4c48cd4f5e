"""Scripts of texts, and texts without spaces: Chinese, Japanese and Thai, not segmented ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_languages import write_language

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.errors import InputError
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.writing_systems import (
    find_unspaced,
    letters_by_script,
    require_spaces,
)

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

CHINESE = ["房间很干净，服务态度非常好，下次还会来。", "太难吃了再也不会点了"]
JAPANESE = ["部屋がとても綺麗で、スタッフの対応も良かったです。", "朝食が残念でした"]
THAI = ["โรงแรมสะอาดมากและพนักงานเป็นมิตร จะกลับมาพักอีกแน่นอน"]
KOREAN = ["방이 깨끗하고 직원들이 친절해서 좋았습니다", "음식이 별로였어요"]
ENGLISH = ["The room was clean and the staff were friendly."]


def test_letters_are_counted_by_script_whatever_their_width() -> None:
    assert letters_by_script(["ab é 1!", "ｱＡ", "ラー", "ひ漢", ""]) == {
        "LATIN": 4,
        "KATAKANA": 3,
        "HIRAGANA": 1,
        "CJK": 1,
    }
    assert letters_by_script([]) == {}


@pytest.mark.parametrize(
    ("texts", "code"), [(CHINESE, "zh"), (JAPANESE, "ja"), (THAI, "th"), (CHINESE * 3, "zh")]
)
def test_texts_without_spaces_are_found_with_their_language(texts: list[str], code: str) -> None:
    found = find_unspaced(texts)
    assert found is not None
    assert found.code == code
    assert found.share == 1.0


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["…… 123"],
        ENGLISH,
        KOREAN,
        ["好吃", "难吃"],  # too little to be sure
        ["房间 很 干净 ， 服务 态度 非常 好 ， 下次 还 会 来 。", "太 难吃 了"],  # segmented
        ["โรงแรม สะอาด มาก และ พนักงาน เป็น มิตร จะ กลับ มา พัก อีก แน่นอน"],
        [*CHINESE, *ENGLISH],  # 28 letters of 65
    ],
)
def test_spaced_segmented_mixed_and_too_few_texts_are_not(texts: list[str]) -> None:
    assert find_unspaced(texts) is None


def test_a_text_decorated_with_kana_is_still_chinese() -> None:
    found = find_unspaced(["这家の店真的非常好吃，服务态度也特别好，推荐给大家。"])
    assert found is not None
    assert found.code == "zh"


def test_a_language_that_needs_spaces_refuses_such_texts_with_a_remedy() -> None:
    english, chinese = Tokenizer("en"), Tokenizer("zh")
    with pytest.raises(InputError, match=r"in Chinese \(100 % of the letters\).*language='zh'"):
        require_spaces(CHINESE, english)
    with pytest.raises(InputError, match=r"in Thai .* no segmenter for Thai: put spaces .* pythai"):
        require_spaces(THAI, english)
    with pytest.raises(InputError, match=r"in Japanese .* which language='zh' needs"):
        require_spaces(JAPANESE, chinese)
    with pytest.raises(InputError, match="; use reviews-zh"):
        require_spaces(CHINESE, english, "use reviews-{}".format)
    require_spaces(CHINESE, chinese)
    require_spaces(ENGLISH, chinese)
    require_spaces(CHINESE, Tokenizer("en", splitter="toktok"))  # anyone who chooses one knows


@pytest.mark.filterwarnings("default")
def test_every_way_in_names_what_thai_lacks(run: Run, tmp_path: Path) -> None:
    texts, labelled = tmp_path / "th.txt", tmp_path / "th.csv"
    texts.write_text("\n".join(THAI * 30), encoding="utf-8")
    rows = [f"{text},{label}" for text in THAI * 10 for label in ("pos", "neg")]
    labelled.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    model = tmp_path / "model.safetensors"
    missing = "no segmenter for Thai: put spaces between the words first, with pythainlp"
    for arguments in (
        ("pretrain", texts, "-o", model),
        ("pretrain", texts, "--language", "ja", "-o", model),
        ("pretrain", texts, "--language", write_language(tmp_path / "th.json", language="th"),
         "-o", model),
        ("fit", labelled, "--vectors", "reviews-en", "-o", model),
        ("fit", labelled, "--unlabelled", texts, "-o", model),
        ("adapt", "reviews-en", texts, "-o", model),
        ("adapt", "auto", texts, "-o", model),
        ("prevalence", "reviews-en", texts),
        ("report", texts, "-o", tmp_path / "page.html"),
        ("advise", "choose", texts),
    ):  # fmt: skip
        code, _, err = run(*arguments)
        assert code == 3, arguments
        assert missing in err, arguments
    code, _, err = run("predict", "reviews-en", texts)
    assert code == 0
    assert "look Thai (th)" in err
    assert missing in err
    code, _, err = run("pretrain", texts, "--language", "th", "-o", model)
    assert code == 2
    assert "no file for Thai ships" in err


def test_shipped_vectors_are_advised_only_if_there_are_some() -> None:
    japanese = [
        "部屋がとても綺麗で、スタッフも親切でした。",
        "朝食が美味しくなくて残念でした。",
    ] * 10
    with pytest.raises(InputError, match="pretrain on such texts with language='ja'"):
        SentimentClassifier(vectors="reviews-en").pretrain(japanese)
