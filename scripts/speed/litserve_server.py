"""The same model behind LitServe, for `scripts.speed.serving --litserve`.

Needs the package litserve.

python -m scripts.speed.litserve_server PORT MAX_BATCH_SIZE
"""

import sys  # no future annotations: LitServe reads the type of a request
from typing import Any

import litserve

from sentiment_transfer.serving import ModelSource, ServedModels

Request = list[str]
Answer = list[dict[str, Any]]


class SentimentApi(litserve.LitAPI):  # type: ignore[misc]
    """Labels texts as ``serve`` does; with a batch size above 1, of several requests at a time."""

    def setup(self, device: str) -> None:
        """Load the model."""
        models = ServedModels([ModelSource.parse("reviews-en")])
        models.compile()
        self.model = models.get(None)

    def decode_request(self, request: dict) -> Request:  # type: ignore[type-arg]
        """Return the texts of a request."""
        texts: Request = request["texts"]
        return texts

    def batch(self, inputs: list[Request]) -> list[Request]:
        """Leave requests apart; `predict` joins their texts."""
        return inputs

    def unbatch(self, output: list[Answer]) -> list[Answer]:
        """Return an answer for each request."""
        return output

    def predict(self, x: Any) -> Any:  # noqa: ANN401  (one request, or several)
        """Answer one request, or several."""
        if not x or isinstance(x[0], str):
            return self._answers([x])[0]
        return self._answers(x)

    def _answers(self, requests: list[Request]) -> list[Answer]:
        labels = self.model.predict([text for request in requests for text in request])
        names = ("label", "probability", "coverage")
        rows = (dict(zip(names, row, strict=True)) for row in zip(*labels, strict=True))
        return [[next(rows) for _ in request] for request in requests]

    def encode_response(self, output: Answer) -> dict[str, Answer]:
        """Return what is sent as JSON."""
        return {"predictions": output}


def main() -> None:
    port, size = map(int, sys.argv[1:])
    api = SentimentApi(max_batch_size=size, batch_timeout=0.001, api_path="/v1/predict")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=port, log_level="error", generate_client_file=False)


if __name__ == "__main__":
    main()
