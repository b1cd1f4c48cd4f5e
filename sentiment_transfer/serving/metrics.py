"""Counters for Prometheus, in a registry of their own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Metrics"]

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """What a server counts; paths are those of the rules, or ``other``."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sentiment_requests", "Requests", ["path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "sentiment_request_seconds",
            "Seconds from the whole body to the answer",
            ["path"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._texts = Counter("sentiment_texts", "Texts labelled", registry=self._registry)
        self._unknown = Counter(
            "sentiment_texts_without_known_word",
            "Texts labelled without a word that the model knows",
            registry=self._registry,
        )
        self._reloads = Counter(
            "sentiment_reloads", "Reloads of the models", ["result"], registry=self._registry
        )
        self._in_flight = Gauge(
            "sentiment_requests_in_flight", "Requests in flight", registry=self._registry
        )
        ProcessCollector(registry=self._registry)
        self.count = lru_cache(256)(self._requests.labels)
        self.timer = lru_cache(256)(self._seconds.labels)

    def watch_in_flight(self, read: Callable[[], float]) -> None:
        """Have the number of requests in flight read when metrics are asked for."""
        self._in_flight.set_function(read)

    def request(self, path: str, status: int, seconds: float | None = None) -> None:
        """Count a request, with the time that its answer took unless the guard refused it."""
        self.count(path, status).inc()
        if seconds is not None:
            self.timer(path).observe(seconds)

    def labelled(self, texts: int, unknown: int) -> None:
        """Count texts, and those among them without a known word."""
        self._texts.inc(texts)
        if unknown:
            self._unknown.inc(unknown)

    def reloaded(self, succeeded: bool) -> None:
        """Count a reload."""
        self._reloads.labels("done" if succeeded else "failed").inc()

    def text(self) -> bytes:
        """Return all in Prometheus' text format."""
        return generate_latest(self._registry)
