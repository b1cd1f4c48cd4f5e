"""The encodings of files: which it is, and what cannot be decoded."""

from __future__ import annotations

import codecs
import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "OLD_EXCEL",
    "OLE",
    "SAMPLE",
    "as_utf8",
    "check_encoding",
    "check_is_text",
    "decoded",
    "encoding_for",
    "encoding_of",
    "marked",
]

SAMPLE = 1 << 20
"""Bytes at the start of a source from which its encoding is recognised."""

ENCODINGS = (
    "pass the encoding that the file has as encoding=... (often cp1252, for Chinese gb18030)"
)
"""latin1 is not advised: it turns every byte into some character, so it is never found wrong."""

ARCHIVE = (
    "is an Excel workbook or another zip archive, not text; if it is a workbook, give it a name "
    "that ends in .xlsx"
)
OLD_EXCEL = (
    "is an old Excel workbook (.xls) or an encrypted one, not text; open it in Excel and save it "
    "as .xlsx, without a password"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = {b"PK\x03\x04": ARCHIVE, OLE: OLD_EXCEL}

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
"""A well-formed character of several bytes of UTF-8 (RFC 3629)."""

_CUT_OFF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
"""The first bytes of a character of UTF-8 at the end."""

_ASCII = bytes(range(128))
_NOT_ASCII = re.compile("[^\x00-\x7f]+")

FREQUENT = frozenset(
    "的不了是一有好很我还送没个到点店这就也间时房吃在都酒餐人来小上大太错服要以说多可务么次道住下"
    "度过比能味后们家子本但看给里差感快面和去会得电觉天为菜价常饭用前外然员较出真地非中对话方分只"
    "肉打书他慢实那样心而再两果最意才早客生入定单少理什如开订想自别般等你便装经水发知晚其星评行让"
    "速半且台所当问着现特量全难于第态之些楼买无门设格总位高车口因通接机几东啊费饼热事西提吧三程已"
    "级结挺直作又情年日钟望算做包超卖内品配完凉候体网明种宾成己回怎干起满馆性进动二床月施喜更谢该"
    "携手元近置老放合气同欢加应系新份您钱法带收米从题相环重离鸡整值辣像豆换安正工把十头边标境路商"
    "卷准音关百拿走硬找海四儿质厅足见每长被根够套贵此"
    "，。！？、；：“”‘’（）《》…—～　"
)
"""The 300 most frequent characters of Chinese reviews, 76 % of those in use, and punctuation."""

WESTERN = frozenset(
    "àáâãäåæçèéêëìíîïñòóôõöøùúûüýœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝŒŸšžŠŽ’‘“”„‚–—…€£«»¡¿°´·•™®©½\xa0"
)
"""Characters of Western European texts that cp1252 writes as one byte."""

SURELY_UTF8, MAYBE_UTF8 = 0.9, 0.5
"""Shares of well-formed sequences from which bytes are UTF-8 with errors; below the first one only
if they are no GB18030, of which a short text can have some such sequences."""
CHINESE_SHARE = 0.4
WESTERN_SHARE = 0.75
WIDE_SHARE = 0.6
MANY_NUL, FEW_NUL = 0.6, 0.2
"""Shares of NUL in the places where UTF-16 of mostly ASCII has them, and where it has none."""


def encoding_of(head: bytes) -> str:
    """Return the name of the encoding of a source by its first bytes, the end perhaps cut off.

    ``"utf-8"``, unless the bytes are those of UTF-16, UTF-32, GB18030 or cp1252 with a text that is
    plausible in them: frequent characters of Chinese, letters between those of ASCII. UTF-8 with
    some invalid bytes remains UTF-8.
    """
    if named := marked(head):
        return named
    wide = _wide(head)
    if wide is not None or head.isascii():
        return wide or "utf-8"
    rest, n_valid = _SEQUENCE.subn(b"", _CUT_OFF.sub(b"", head))
    n_invalid = len(rest.translate(None, _ASCII))
    share = n_valid / max(n_valid + n_invalid, 1)
    if share >= SURELY_UTF8:
        return "utf-8"
    if _plausible(head, "gb18030", FREQUENT) >= CHINESE_SHARE:
        return "gb18030"
    if share >= MAYBE_UTF8:
        return "utf-8"
    return _wide_chinese(head) or ("cp1252" if _western(head) >= WESTERN_SHARE else "utf-8")


def marked(head: bytes) -> str | None:
    """Return the encoding that a byte order mark names, if there is one."""
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)


def _wide(head: bytes) -> str | None:
    """Return the name of UTF-16 or UTF-32 of mostly ASCII, which has NUL in fixed places."""
    quarter = len(head) // 4
    if not quarter or head.count(0) <= len(head) / 3:
        return None
    shares = [head[place::4].count(0) / quarter for place in range(4)]
    full = [share >= MANY_NUL for share in shares]
    few = [share <= FEW_NUL for share in shares]
    for name, zero in (
        ("utf-32-le", (1, 2, 3)),
        ("utf-32-be", (0, 1, 2)),
        ("utf-16-le", (1, 3)),
        ("utf-16-be", (0, 2)),
    ):
        if all(full[place] if place in zero else few[place] for place in range(4)):
            return name
    return None


def _wide_chinese(head: bytes) -> str | None:
    """Return the name of UTF-16 of Chinese without a mark."""
    expected = FREQUENT | set(map(chr, range(32, 127))) | set("\n\r\t")
    shares = {name: _plausible(head, name, expected) for name in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] >= WIDE_SHARE else None


def _plausible(head: bytes, encoding: str, expected: Collection[str]) -> float:
    """Return the share of expected characters, of ASCII only in UTF-16; 0 if decoding fails."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return 0.0
    if not encoding.startswith("utf-16"):
        text = "".join(_NOT_ASCII.findall(text))
    return sum(character in expected for character in text) / max(len(text), 1)


def _western(head: bytes) -> float:
    """Return the share of characters beyond ASCII that cp1252 would have in a Western text.

    At most two letters follow one another: in Cyrillic or Greek whole words would.
    """
    runs = _NOT_ASCII.findall(head.decode("cp1252", errors="replace"))
    good = sum(
        len(run)
        for run in runs
        if set(run) <= WESTERN and sum(character.isalpha() for character in run) <= 2
    )
    return good / max(sum(map(len, runs)), 1)


def encoding_for(head: bytes, name: str, given: str | None) -> str:
    """Return the encoding of a source: ``given``, or as recognised, which a notice says.

    Raises ``InputError`` for what is no text but a workbook.
    """
    check_is_text(head, name)
    if given is not None:
        return given
    encoding = encoding_of(head)
    if encoding != "utf-8":
        message = f"{name} is read as {encoding}; if that is wrong, pass encoding=..."
        warnings.warn(message, Notice, stacklevel=level_of_caller())
    return encoding


def check_is_text(head: bytes, name: str) -> None:
    """Raise ``InputError`` for the first bytes of a workbook."""
    for start, message in _BINARY.items():
        if head.startswith(start):
            raise InputError(message, path=name)


def as_utf8(stream: io.BufferedReader, encoding: str) -> io.BufferedReader:
    """Return a stream of the same text in UTF-8; what cannot be decoded becomes an invalid byte."""
    if encoding == "utf-8":
        return stream
    return io.BufferedReader(_Recoded(stream, encoding), SAMPLE)


def _to_invalid_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error("sentiment_transfer.invalid", _to_invalid_byte)


class _Recoded(io.RawIOBase):
    """Stream that turns another encoding into UTF-8."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("sentiment_transfer.invalid")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  (a writable buffer)
        while not (self._ready or self._ended):
            chunk = self._stream.read1(SAMPLE)
            self._ended = not chunk
            text = self._decoder.decode(chunk, final=self._ended)
            self._ready = text.encode("utf-8", "surrogateescape")
        part, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def check_encoding(start: bytes, name: str) -> int:
    """Return the length of the byte order mark, 3 or 0; raises for UTF-16 and UTF-32.

    ``start`` is the first line of a file that has to be UTF-8.
    """
    wide = encoding_of(start[:1000])
    if wide.startswith(("utf-16", "utf-32")):
        raise InputError("is UTF-16 or UTF-32, not UTF-8; save it as UTF-8", path=name)
    return len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0


def decoded(
    raw: bytes, name: str, line: int | None = None, encoding: str = "utf-8"
) -> str | InputError:
    """Decode UTF-8 of one line or one small file, or return an error that names the invalid byte.

    ``encoding`` is what it was before `as_utf8`.
    """
    if len(raw) > LONGEST_ROW:
        return InputError(
            f"longer than {LONGEST_ROW:,} bytes; split it into several texts, {OR_SKIP}",
            path=name,
            line=line,
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} ({raw[error.start]:#04x}) is not UTF-8"
        if encoding != "utf-8":
            what = f"what follows byte {error.start} is not {encoding}"
        return InputError(f"{what}; {ENCODINGS}, {OR_SKIP}", path=name, line=line)
    if "\0" not in text:
        return text
    message = f"byte {raw.index(0) + 1} is NUL, which no text holds; {ENCODINGS}, {OR_SKIP}"
    return InputError(message, path=name, line=line)
