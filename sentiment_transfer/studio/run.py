"""Open a project and serve its page."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.serving import run as serve_app
from sentiment_transfer.studio.app import StudioApp
from sentiment_transfer.studio.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_transfer.serving import Address
    from sentiment_transfer.studio.base_model import BaseModel
    from sentiment_transfer.studio.project_file import ProjectFile
    from sentiment_transfer.studio.uploads import Table

__all__ = ["run_studio"]


def run_studio(
    project: ProjectFile,
    base: BaseModel,
    address: Address,
    *,
    table: Table | None = None,
    seed: int = 0,
    say: Callable[[str], None] = lambda *_: None,
    started: Callable[[str], None] = lambda *_: None,
) -> None:
    """Serve the page of a project until a signal comes (Ctrl-C or SIGTERM).

    Parameters
    ----------
    project
        Its file.
    base
        The model to start from.
    address
        Where to listen; without a token, that of the project is used, which is made once.
    table
        Texts to add, but for those that the project has.
    seed
        Of all random choices.
    say
        Called with what was added.
    started
        Called with the URL of the page when it can be opened. The token stands behind ``#``, where
        browsers do not send it.
    """
    token = address.token or project.fact("token")
    if token is None:
        token = secrets.token_urlsafe(24)
        project.keep_fact("token", token)
    session = Session(project, base, seed=seed)
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        studio = StudioApp(session, Path(folder))
        guard = studio.guarded(token=token, hosts=address.hosts, needs_token=not address.is_local)
        try:
            if table is not None:
                say(_added(session, table))
            serve_app(
                guard,
                studio.api,
                replace(address, token=token),
                reloads=False,
                started=lambda url: started(f"{url}/#token={token}"),
            )
        finally:
            studio.close()


def _added(session: Session, table: Table) -> str:
    """Add the texts of a table that are not in the project yet; return what was done."""
    there = {*map(text_key, session.texts)}
    texts = [*table.texts()]
    new = [each for each in texts if text_key(each.text) not in there] if there else texts
    n_labels = sum(each.label is not None for each in new)
    if new:
        session.add_texts(table.name, new)
    left_out = len(texts) - len(new)
    known = f"; in the project already: {left_out:,}" if left_out else ""
    return f"{table.name}: texts added: {len(new):,}, of which with a label: {n_labels:,}{known}"
