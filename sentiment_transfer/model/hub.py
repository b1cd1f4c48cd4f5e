"""Models on the Hugging Face Hub, by the package huggingface_hub.

Nothing is fetched or sent unless a name begins with ``hf://`` or `push` is called. A repository has
three files (`model.folder`); ``model.safetensors`` is read as any model file is, without pickle.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.errors import ModelFileError, SettingError, shown
from sentiment_transfer.model.card import LIBRARY
from sentiment_transfer.model.folder import CONFIG, MAX_CONFIG_BYTES, MODEL, check_digest
from sentiment_transfer.storage import MAX_BYTES, package_version

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Address", "fetch", "is_hub", "push"]

_NAME = r"\w[\w.-]{0,95}(?<![.-])(?<!\.git)"
_ADDRESS = re.compile(
    rf"hf:/{{1,2}}(?!.*(?:\.\.|--))({_NAME}/{_NAME})(?:@(\w[\w./-]{{0,199}}))?", re.ASCII
)
"""As the Hub allows them, which has no ``..`` and no ``--`` in a name."""


class Address(NamedTuple):
    """A repository on the Hub, and a branch, tag or commit of it."""

    repository: str
    revision: str | None = None

    @classmethod
    def of(cls, name: str | Path) -> Address:
        """Read ``hf://owner/name@revision``; a path of the form ``hf:/owner/name`` is one too."""
        match = _ADDRESS.fullmatch(str(name))
        if match is None:
            raise SettingError(
                f"{shown(str(name))} is not the name of a model on the Hub; write "
                "hf://owner/name or hf://owner/name@revision"
            )
        return cls(match[1], match[2])

    def __str__(self) -> str:
        return f"hf://{self.repository}" + (f"@{self.revision}" if self.revision else "")


def is_hub(name: str | Path) -> bool:
    """Return whether a name is meant for the Hub."""
    return str(name).startswith("hf:/")


def fetch(name: str | Path, *, max_bytes: int = MAX_BYTES) -> Path:
    """Fetch a model file, unless the cache of huggingface_hub has it, and return its path.

    Raises
    ------
    MissingExtraError
        The package huggingface_hub is not installed.
    ModelFileError
        There is no such repository, revision or file, it or its ``config.json`` cannot be reached,
        or it is larger than ``max_bytes``, or not the file that ``config.json`` describes.
    SettingError
        The name is malformed.
    """
    address = Address.of(name)
    require_hub()
    with _as_model_errors(address, "fetched"):
        model = _file(address, MODEL, address.revision, max_bytes)
        config = _config(address, model.parent.name)
    if config is not None:
        check_digest(model, config, str(address))
    return model


def require_hub() -> None:
    """Raise ``MissingExtraError`` if the package huggingface_hub is not installed."""
    require_package("huggingface_hub", "hub", "a model on the Hub")


def push(
    folder: Path,
    address: Address,
    *,
    private: bool = False,
    commit_message: str,
    token: str | None = None,
) -> Address:
    """Upload a folder, creating the repository if it is missing; return where it is by commit.

    Raises
    ------
    ModelFileError
        The Hub refuses it or cannot be reached.
    """
    from huggingface_hub import HfApi

    api = HfApi(token=token, library_name=LIBRARY, library_version=package_version())
    with _as_model_errors(address, "uploaded"):
        api.create_repo(address.repository, private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=address.repository, folder_path=folder, commit_message=commit_message
        )
    return Address(address.repository, commit.oid)


def _file(address: Address, name: str, revision: str | None, max_bytes: int) -> Path:
    """Return the path of a fetched file, in a folder named by the commit.

    Its size is looked at first. It is fetched by the given revision, whose commit is then in the
    cache, so that it can be loaded without a network.
    """
    from huggingface_hub import hf_hub_download

    options: dict[str, Any] = {
        "repo_id": address.repository,
        "filename": name,
        "revision": revision,
        "library_name": LIBRARY,
        "library_version": package_version(),
    }
    found = hf_hub_download(**options, dry_run=True)
    if found.file_size is None or found.file_size > max_bytes:
        size = "an unknown number of" if found.file_size is None else f"{found.file_size:,}"
        raise ModelFileError(
            f"{name} has {size} bytes; at most {max_bytes:,} are fetched", path=str(address)
        )
    path = Path(hf_hub_download(**options))
    if path.parent.name != found.commit_hash:
        raise ModelFileError("changed while it was fetched; try again", path=str(address))
    return path


def _config(address: Address, commit: str) -> Path | None:
    """Return the path of the facts; None if the Hub said, now or earlier, that there are none."""
    from huggingface_hub import _CACHED_NO_EXIST, try_to_load_from_cache
    from huggingface_hub.errors import LocalEntryNotFoundError, RemoteEntryNotFoundError

    try:
        return _file(address, CONFIG, commit, MAX_CONFIG_BYTES)
    except RemoteEntryNotFoundError:
        return None
    except LocalEntryNotFoundError:  # no answer: the model would be used without a comparison
        known = try_to_load_from_cache(address.repository, CONFIG, revision=commit)
        if known is _CACHED_NO_EXIST:
            return None
        raise


@contextmanager
def _as_model_errors(address: Address, done: str) -> Iterator[None]:
    """Raise what huggingface_hub raises as ``ModelFileError``, with a remedy.

    ``done`` is what is not done to the model: fetched, or uploaded.
    """
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError

    try:
        yield
    except (EntryNotFoundError, HfHubHTTPError, OSError, RuntimeError, ValueError) as error:
        # OSError without a connection, the last two if an upload stops or the card is refused
        raise ModelFileError(_reason(error, done), path=str(address)) from error


def _reason(error: Exception, done: str) -> str:
    """Return what is wrong, and the remedy."""
    from huggingface_hub import errors

    response = getattr(error, "response", None)
    login = "log in with: hf auth login"
    reasons: dict[type[Exception], str] = {
        errors.GatedRepoError: f"needs your consent; give it on its page, and {login}",
        errors.RepositoryNotFoundError: f"does not exist or is private: check the name or {login}",
        errors.RevisionNotFoundError: "has no such revision; give a branch, a tag or a commit",
        errors.LocalEntryNotFoundError: "is not in the cache, and the Hub cannot be reached; try "
        "again with a network, or give the path of a file",
        errors.EntryNotFoundError: f"has no {MODEL}; a model that this package can read has one",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return reason
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    if getattr(response, "status_code", None) in (401, 403):
        return f"may not be {done} by this account ({said}); {login}"
    return f"was not {done}: {said} (can the Hub be reached?)"
