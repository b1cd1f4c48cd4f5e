"""An estimate of pretraining as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.base.tables import format_table
from sentiment_transfer.pretraining.memory_and_disk import shown_bytes

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.cluster_estimate import ClusterEstimate
    from sentiment_transfer.pretraining.estimate import PretrainingEstimate

__all__ = ["estimate_table", "shown_seconds"]


def estimate_table(estimate: PretrainingEstimate) -> str:
    """Return the estimate as text of several lines, each with a newline at its end."""
    about = "" if estimate.exact else "about "
    settings = estimate.settings
    plural = "s" if settings.workers > 1 else ""
    head = (
        f"{about}{estimate.n_texts:,} texts, {estimate.n_tokens:,} tokens of {estimate.n_words:,} "
        f"words (min_count {estimate.min_count:,}), without stop words and rarer words\n"
        f"{settings.vector_size} dimensions, {settings.epochs} epochs, {settings.workers} "
        f"thread{plural}\n\n"
    )
    times = [
        [name, shown_seconds(each.clock), shown_seconds(each.cpu)]
        for name, each in [*estimate.seconds.items(), ("in all", estimate.total)]
    ]
    sizes = [["memory", shown_bytes(estimate.memory)]]
    sizes += [[f"disk: {name}", shown_bytes(size)] for name, size in estimate.disk.items()]
    text = head + format_table(["time", "by the clock", "of processors"], times)
    text += "\n" + format_table([], sizes)
    return text if estimate.cluster is None else f"{text}\n{_of_cluster(estimate.cluster)}"


def _of_cluster(cluster: ClusterEstimate) -> str:
    times = [[f"{name}, by the clock", shown_seconds(t)] for name, t in cluster.seconds.items()]
    rows = [
        *times,
        ["in all, without polarity", shown_seconds(sum(cluster.seconds.values()))],
        ["rounds", f"{cluster.rounds:,}"],
        ["network, a round and worker", shown_bytes(cluster.round_bytes)],
        ["network, in all", shown_bytes(cluster.network_bytes)],
        ["shared storage", shown_bytes(cluster.store)],
        ["memory of a worker", shown_bytes(cluster.memory)],
    ]
    workers = "workers" if cluster.shares > 1 else "worker"
    title = (
        f"on a cluster of {cluster.shares:,} {workers} of one thread, {shown_bits(cluster)} each "
        "to the shared storage (not compared with a run)\n"
    )
    return title + format_table([], rows)


def shown_bits(cluster: ClusterEstimate) -> str:
    """Return the bandwidth as messages show it: ``"10 Gbit/s"``."""
    return f"{8 * cluster.bandwidth / 1e9:g} Gbit/s"


def shown_seconds(seconds: float) -> str:
    """Return a duration as messages show it: ``"7 s"``, ``"12 min"`` or ``"3.4 h"``.

    From 100 s on in minutes, from 100 min on in hours.
    """
    if seconds < 99.5:
        return f"{seconds:.0f} s" if seconds >= 9.95 else f"{seconds:.1f} s"
    minutes = seconds / 60
    if minutes < 99.5:
        return f"{minutes:.0f} min" if minutes >= 9.95 else f"{minutes:.1f} min"
    return f"{minutes / 60:,.1f} h"
