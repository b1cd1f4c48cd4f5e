"""Chinese is cut the same way whatever else the process or the machine does with jieba."""

from __future__ import annotations

import marshal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.text import plugins
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
