"""``sentiment-transfer serve``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.cli import options
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.sentence_encoders import open_encoder
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from sentiment_transfer.serving import Address

__all__ = ["read_token", "serve"]


def serve(
    models: Annotated[
        list[str],
        options.argument(
            "MODEL",
            "Model files written by fit, or names of shipped models such as reviews-en. Clients "
            "name a file by its stem; NAME=FILE gives it another name. The first is the default.",
        ),
    ],
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    token_file: Annotated[
        Path | None,
        options.value(
            "FILE",
            "File with a token of at least 16 characters, which clients send as Authorization: "
            "Bearer TOKEN to reload models and, if --host is not this machine, for all else.",
        ),
    ] = None,
    allow_host: options.AllowHost = None,
    sentence_encoder: options.SentenceEncoder = None,
) -> None:
    """Serve models as an HTTP API.

    POST /v1/predict labels texts and /v1/explain explains one. GET /v1/model, /openapi.json,
    /metrics, /healthz and /readyz describe the server. SIGHUP, or POST /v1/reload with the token,
    reads the files again, without dropping a request. Ctrl-C or SIGTERM stops it when all requests
    are answered.
    """
    for package in ("starlette", "uvicorn", "httptools", "prometheus_client"):
        require_package(package, "studio", "serve")
    from sentiment_transfer.serving import Address, ModelSource, ServedModels
    from sentiment_transfer.serving import serve as run

    address = Address(host, port, read_token(token_file), tuple(allow_host or ()))
    sources = [ModelSource.parse(model) for model in models]
    served = ServedModels(sources, open_encoder(sentence_encoder))

    def started(url: str) -> None:
        say(f"serving {', '.join(served.names)} on {url} (Ctrl-C stops, SIGHUP reloads)")
        say(f"try: {_curl(url, address)}")

    run(served, address, started=started, say=say)
    say("stopped")


def read_token(path: Path | None) -> str | None:
    """Return the token in a file; None without one."""
    if path is None:
        return None
    lines = path.read_text(encoding="utf-8").split()
    if len(lines) != 1:
        raise InputError("must hold a token, one word, and nothing else", path=str(path))
    return lines[0]


def _curl(url: str, address: "Address") -> str:
    """Return a command that asks for a prediction."""
    token = "" if address.is_local else " -H 'authorization: Bearer TOKEN'"
    body = """-H 'content-type: application/json' -d '{"texts": ["I loved it."]}'"""
    return f"curl {url}/v1/predict{token} {body}"
