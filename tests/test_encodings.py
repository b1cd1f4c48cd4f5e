from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.corpus.encodings import encoding_of
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

FRENCH = "Très bon hôtel, l'équipe est charmante.", "Chambre sale, et un bruit d'enfer à côté."
CHINESE = "房间很大，早餐也不错。", "服务员的态度太差了，不会再来。"
LANGUAGES = {"cp1252": FRENCH, "gb18030": CHINESE, "utf-16-le": FRENCH, "utf-16-be": CHINESE}


def file_of(form: str, texts: tuple[str, str]) -> str:
    """Return a file of two labelled texts."""
    good, bad = texts
    return {
        "csv": f'text,label\n"{good}",good\n"{bad}",bad\n',
        "tsv": f"text\tlabel\n{good}\tgood\n{bad}\tbad\n",
        "ft": f"__label__good {good}\n__label__bad {bad}\n",
        "jsonl": f'{{"text": "{good}", "label": "good"}}\n{{"text": "{bad}", "label": "bad"}}\n',
        "json": f'[{{"text": "{good}", "label": "good"}}, {{"text": "{bad}", "label": "bad"}}]',
    }[form]


@pytest.mark.parametrize("encoding", LANGUAGES)
@pytest.mark.parametrize("form", ["csv", "tsv", "ft", "jsonl", "json"])
def test_an_encoding_is_recognised_and_named(tmp_path: Path, form: str, encoding: str) -> None:
    path = tmp_path / f"a.{form}"
    path.write_bytes(file_of(form, LANGUAGES[encoding]).encode(encoding))
    with pytest.warns(Notice, match=f"is read as {encoding}; if that is wrong, pass encoding="):
        rows = read_labelled(path)
    assert rows.texts == list(LANGUAGES[encoding])
    assert rows.labels == ["good", "bad"]
    assert read_labelled(path, encoding=encoding).texts == rows.texts  # and without a notice


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_names_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(file_of("csv", CHINESE).encode(encoding)))
    if encoding == "utf-8-sig":
        assert read_labelled(path).texts == list(CHINESE)
    else:
        with pytest.warns(Notice, match=f"is read as {encoding};"):
            assert read_labelled(path).texts == list(CHINESE)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (b"", "utf-8"),
        (b"plain", "utf-8"),
        ("很好".encode("gb18030"), "gb18030"),
        ("café".encode("cp1252"), "cp1252"),
        ("café".encode(), "utf-8"),
        ("€5, “so-so”".encode("cp1252"), "cp1252"),
        ("\u3000房间很大".encode()[:-1], "utf-8"),  # cut off within a character
        ("房间很大，不错".encode("gb18030")[:-1], "gb18030"),
        ("Отличный отель".encode("cp1251"), "utf-8"),  # not recognised, so its bytes are named
        ("とても良かった。".encode("shift-jis"), "utf-8"),
        ("정말 좋은 호텔입니다".encode("euc-kr"), "utf-8"),
        ("Świetny hotel, bardzo miła obsługa".encode("cp1250"), "utf-8"),
        (b"text\n" + bytes(10_000), "utf-8"),
        (b"a\0b", "utf-8"),
        (bytes(8), "utf-8"),
    ],
)
def test_a_few_bytes_are_enough_and_others_stay_utf8(raw: bytes, encoding: str) -> None:
    assert encoding_of(raw) == encoding


def test_utf8_with_a_broken_byte_remains_utf8_with_a_bad_row(tmp_path: Path) -> None:
    lines = [*FRENCH, *CHINESE]
    path = tmp_path / "a.txt"
    path.write_bytes("\n".join(lines).encode() + "\nà demi".encode("cp1252") + b"\nlast\n")
    texts = read_texts(path, skip_bad=True)
    assert list(texts) == [*lines, "last"]
    assert texts.n_skipped == 1
    with pytest.raises(InputError, match=r"a\.txt:5: byte 1 \(0xe0\) is not UTF-8; pass the enc"):
        list(read_texts(path))


def test_what_an_encoding_cannot_have_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("房间\n".encode("gb18030") + b"\xff\xff\ngood\n" + b"\x81")
    texts = read_texts(path, encoding="gb18030", skip_bad=True)
    assert list(texts) == ["房间", "good"]
    assert [message.partition(": ")[0] for message in texts.skipped] == [f"{path}:2", f"{path}:4"]
    assert "is not gb18030" in texts.skipped[0]


def test_a_long_file_is_recoded_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{CHINESE[0]}\n" * 200_000, "gb18030")  # 4.6 MB
    assert sum(text == CHINESE[0] for text in read_texts(path, encoding="GBK")) == 200_000


@pytest.mark.parametrize("name", ["latin-7", "base64", "", "rot13"])
def test_an_unknown_encoding_is_refused_at_once(name: str) -> None:
    with pytest.raises(SettingError, match="must be the name of an encoding, such as 'utf-8'"):
        read_texts(["a"], encoding=name)


def test_the_files_of_a_folder_have_one_encoding(tmp_path: Path) -> None:
    for number, text in enumerate([*CHINESE, "ok"]):
        (tmp_path / f"{number}.txt").write_text(text, "gb18030")
    (tmp_path / "3.txt").write_text("mit Marke: für", "utf-16")
    with pytest.warns(Notice, match="is read as gb18030") as warned:
        assert list(read_texts(tmp_path)) == [*CHINESE, "ok", "mit Marke: für"]
    assert len(warned) == 1
    with pytest.raises(InputError, match="is not UTF-8"):
        list(read_texts(tmp_path, encoding="utf-8"))


def test_a_workbook_in_a_folder_of_texts_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("good")
    (tmp_path / "b.txt").write_bytes(b"PK\x03\x04" + bytes(100))
    texts = read_texts(tmp_path, skip_bad=True)
    assert list(texts) == ["good"]
    assert "is an Excel workbook" in texts.skipped[0]
