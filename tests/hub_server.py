"""A local stand-in for the Hugging Face Hub: repositories in memory, with commits and large files.

It answers the requests that huggingface_hub makes to create a repository, to upload files (small
ones inside the commit, others by the LFS protocol), and to fetch them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "hf_made_for_this_test"  # noqa: S105


class Hub:
    """Repositories by name: a list of commits, each with its files; and what was asked."""

    def __init__(self) -> None:
        self.commits: dict[str, list[tuple[str, dict[str, bytes]]]] = {}
        self.objects: dict[str, bytes] = {}
        self.private: set[str] = set()
        self.blocked: set[str] = set()  # names of files that are not served
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.url = ""

    def commit(self, name: str, files: dict[str, bytes]) -> str:
        commits = self.commits.setdefault(name, [])
        before = commits[-1][1] if commits else {}
        number = hashlib.sha1(f"{name}{len(commits)}".encode(), usedforsecurity=False).hexdigest()
        commits.append((number, before | files))
        return number

    def find(self, name: str, revision: str) -> tuple[str, dict[str, bytes]] | None:
        commits = self.commits.get(name, [])
        if revision == "main":
            return commits[-1] if commits else None
        return next((one for one in commits if one[0] == revision), None)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _answer(self, code: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _json(self, answer: object, code: int = 200) -> None:
        self._answer(code, json.dumps(answer).encode(), Content_Type="application/json")

    def _refuse(self, code: int, kind: str, **headers: str) -> None:
        self._answer(code, X_Error_Code=kind, X_Error_Message=kind, **headers)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _knows_me(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _note(self) -> None:
        self.hub.asked.append((self.command, self.path))
        self.hub.agents.add(self.headers.get("User-Agent", ""))

    def do_GET(self) -> None:
        self._note()
        if self.path.startswith("/api/models/"):
            return self._refuse(404, "RepoNotFound")
        if self.path.startswith("/api/"):  # nothing that is needed
            return self._json({})
        owner, repository, kind, revision, file = self.path.lstrip("/").split("?")[0].split("/", 4)
        name = f"{owner}/{repository}"
        if kind != "resolve" or name not in self.hub.commits:
            return self._refuse(404, "RepoNotFound")
        if name in self.hub.private and not self._knows_me():
            return self._refuse(401, "RepoNotFound")
        found = self.hub.find(name, revision)
        if found is None:
            return self._refuse(404, "RevisionNotFound")
        number, files = found
        if file in self.hub.blocked:
            return self._answer(403)
        if file not in files:
            return self._refuse(404, "EntryNotFound", X_Repo_Commit=number)
        etag = hashlib.sha256(files[file]).hexdigest()
        return self._answer(200, files[file], ETag=f'"{etag}"', X_Repo_Commit=number)

    do_HEAD = do_GET  # noqa: N815

    def do_PUT(self) -> None:
        self._note()
        self.hub.objects[self.path.rsplit("/", 1)[1]] = self._body()
        self._answer(200)

    def do_POST(self) -> None:
        self._note()
        body, parts = self._body(), self.path.strip("/").split("/")
        if self.path == "/api/validate-yaml":
            return self._json(_complaints(json.loads(body)["content"]))
        if not self._knows_me():
            return self._json({"error": "Invalid username or password."}, 401)
        if self.path == "/api/repos/create":
            return self._create(json.loads(body))
        if self.path.endswith("/info/lfs/objects/batch"):
            return self._batch(json.loads(body))
        if parts[:2] == ["api", "models"] and parts[4] == "preupload":
            return self._json({"files": [_mode(one) for one in json.loads(body)["files"]]})
        if parts[:2] == ["api", "models"] and parts[4] == "commit":
            return self._commit("/".join(parts[2:4]), body)
        return self._refuse(404, "EntryNotFound")

    def _create(self, asked: dict[str, Any]) -> None:
        name = "/".join(filter(None, (asked.get("organization"), asked["name"])))
        if name in self.hub.commits:
            return self._json({"error": "exists", "url": f"{self.hub.url}/{name}"}, 409)
        self.hub.commit(name, {})
        if asked.get("private") or asked.get("visibility") == "private":
            self.hub.private.add(name)
        return self._json({"url": f"{self.hub.url}/{name}", "name": name})

    def _batch(self, asked: dict[str, Any]) -> None:
        objects = [
            {**one, "actions": {"upload": {"href": f"{self.hub.url}/objects/{one['oid']}"}}}
            for one in asked["objects"]
        ]
        self._json({"transfer": "basic", "objects": objects})

    def _commit(self, name: str, body: bytes) -> None:
        files = {}
        for line in body.decode().splitlines():
            entry = json.loads(line)
            value = entry["value"]
            if entry["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif entry["key"] == "lfsFile":
                files[value["path"]] = self.hub.objects[value["oid"]]
        number = self.hub.commit(name, files)
        url = f"{self.hub.url}/{name}/commit/{number}"
        self._json({"success": True, "commitUrl": url, "commitOid": number, "hookOutput": ""})


def _complaints(card: str) -> dict[str, list[dict[str, str]]]:
    """Read the YAML at the head of a card, as the Hub does before it takes one."""
    try:
        facts = yaml.safe_load(card.split("---\n")[1])
        missing = {"language", "library_name", "pipeline_tag", "tags"} - set(facts)
    except (IndexError, yaml.YAMLError) as error:
        return {"errors": [{"message": str(error)}], "warnings": []}
    return {"errors": [{"message": f"missing {name}"} for name in missing], "warnings": []}


def _mode(file: dict[str, Any]) -> dict[str, Any]:
    mode = "lfs" if file["path"].endswith(".safetensors") else "regular"
    return {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": None}


@contextmanager
def running_hub() -> Iterator[Hub]:
    """Serve an empty Hub on a free port of this machine."""
    hub = Hub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
