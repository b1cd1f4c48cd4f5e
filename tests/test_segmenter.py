"""Chinese and Japanese are cut the same way whatever else the process or the machine does."""

from __future__ import annotations

import marshal
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_languages import write_language

from sentiment_transfer.errors import MissingExtraError
from sentiment_transfer.text import Tokenizer, plugins
from sentiment_transfer.text.plugins import segmenter

if TYPE_CHECKING:
    from types import ModuleType

TEXT = "房间很干净，非常满意，服务员态度好得没话说，下次还会入住这家酒店。今天天气真好啊"


@pytest.fixture
def jieba() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jieba: ModuleType = pytest.importorskip("jieba", reason="the extra zh is not installed")
        return jieba


def test_words_are_those_of_jieba(jieba: ModuleType) -> None:
    jieba.setLogLevel("WARNING")
    parts = TEXT.split("，")
    expected = [" ".join(jieba.Tokenizer().lcut(part)) for part in parts]
    assert [" ".join(segmenter("jieba")(part).split()) for part in parts] == [
        " ".join(words.replace("。", " 。 ").split()) for words in expected
    ]


def test_the_dictionary_has_the_counts_that_jieba_computes(jieba: ModuleType) -> None:
    path = Path(jieba.__file__).with_name("dict.txt")
    with path.open("rb") as file:
        expected = jieba.Tokenizer.gen_pfdict(file)
    assert plugins._frequencies(path.read_text("utf-8")) == expected


def test_words_that_other_code_adds_or_deletes_change_nothing(jieba: ModuleType) -> None:
    before = segmenter("jieba")(TEXT)
    own = jieba.dt
    jieba.dt = jieba.Tokenizer()
    try:
        jieba.add_word("非常满意", 10**9)
        for word in set(before.split()):
            jieba.finalseg.add_force_split(word)  # as jieba.del_word does
        segmenter.cache_clear()
        assert segmenter("jieba")(TEXT) == before
    finally:
        jieba.dt = own
        jieba.finalseg.Force_Split_Words.clear()


def test_a_cache_file_of_another_user_is_neither_read_nor_written(
    jieba: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = segmenter("jieba")(TEXT)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache = tmp_path / "jieba.cache"
    content = marshal.dumps(({"房": 1, "房间很干净": 10**9}, 10**9))
    cache.write_bytes(content)
    segmenter.cache_clear()
    assert segmenter("jieba")(TEXT) == before
    assert cache.read_bytes() == content
    assert list(tmp_path.iterdir()) == [cache]


def test_chinese_leaves_jieba_as_other_code_has_it() -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    program = (
        "import sys, logging; from sentiment_transfer.text.plugins import segmenter\n"
        "print(segmenter('jieba')('很好吃').split(), 'jieba' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603  (our own interpreter and code)
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("['很', '好吃'] False\n", "")


JAPANESE = "料理は美味しくなかったです。部屋が良くない！また利用したい"


@pytest.mark.needs_extra("ja")
def test_japanese_words_are_those_of_its_dictionary() -> None:
    words = segmenter("fugashi")(JAPANESE).split()
    expected = "料理 は 美味しく なかっ た です 。 部屋 が 良く ない ！ また 利用 し たい"
    assert words == expected.split()
    # other scripts stay as they are
    assert segmenter("fugashi")("wi-fi 2泊 ok").split() == ["wi-fi", "2", "泊", "ok"]
    assert segmenter("fugashi")("") == ""


@pytest.mark.needs_extra("ja")
def test_elongated_japanese_is_shortened_and_its_place_is_kept(tmp_path: Path) -> None:
    text = "すごーーーーい！最高っっっっ、Ｗｉｆｉも速い。"
    tokenizer = Tokenizer(str(write_language(tmp_path / "ja.json", segmenter="fugashi")))
    pieces = tokenizer.pieces(tokenizer.prepare(text))
    spans = tokenizer.spans(text)
    shown = [text[start:end] for start, end in spans]
    assert len(pieces) == len(shown)
    assert "".join(shown) == text
    assert "wifi" in pieces
    assert "Ｗｉｆｉ" in shown


@pytest.mark.needs_extra("ja")
def test_a_megabyte_without_a_space_is_cut_in_parts() -> None:
    text = "部屋が良くない" * 50_000
    assert segmenter("fugashi")(text).replace(" ", "") == text


@pytest.mark.needs_extra("ja")
def test_threads_cut_as_one_does() -> None:
    texts = [JAPANESE[i:] + JAPANESE[:i] for i in range(len(JAPANESE))] * 20
    expected = [segmenter("fugashi")(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(segmenter("fugashi"), texts)) == expected


@pytest.mark.needs_extra("ja")
def test_settings_of_mecab_on_the_machine_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = segmenter("fugashi")(JAPANESE)
    settings = tmp_path / "mecabrc"
    settings.write_text("dicdir = /nowhere\noutput-format-type = chasen\n")
    monkeypatch.setenv("MECABRC", str(settings))
    segmenter.cache_clear()
    assert segmenter("fugashi")(JAPANESE) == before
    segmenter.cache_clear()


def test_without_its_dictionary_japanese_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    segmenter.cache_clear()
    monkeypatch.setitem(sys.modules, "unidic_lite", None)
    with pytest.raises(MissingExtraError, match=r"needs fugashi and unidic-lite.*transfer\[ja\]"):
        segmenter("fugashi")
    segmenter.cache_clear()
