"""Matching of the patterns of a grammar to pieces of texts, in plain Python that numba compiles.

This module imports no numba: `grammar_numba` compiles these functions for many texts, and few texts
do not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.languages.grammar import LONGEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int32]
    Offsets = NDArray[np.int64]
    Floats = NDArray[np.float32]

__all__ = [
    "ANY_CLASS",
    "BREAK_CLASS",
    "LONGEST",
    "NO_TOKEN",
    "STOP_CLASS",
    "UNKNOWN",
    "Patterns",
    "match",
    "mend",
    "rewrite",
]

UNKNOWN, NO_TOKEN = -1, -2
"""Rows of a piece whose token is not in the vocabulary; and of a piece that has no token: a stop
word, punctuation, or a word that a pattern took the meaning of."""
BREAK_CLASS, STOP_CLASS, ANY_CLASS = 0, 1, 2
"""Classes of pieces that end a clause, that end a sentence, and of all that do not end a clause."""
REACH = 10
"""Pieces before a match that its weight changes at most: beyond are other thoughts."""
GAP = -1


class Patterns(NamedTuple):
    """The patterns of a grammar as arrays, tried in the order of their numbers.

    Attributes
    ----------
    member
        Whether a symbol is of a class, bool ``(n_symbols, n_classes)``.
    by_symbol, of_symbol
        ``by_symbol[of_symbol[s]:of_symbol[s + 1]]`` are the patterns that can begin with symbol
        ``s``; int32.
    elements
        int32 ``(n_elements, 5)``: class or ``GAP``, least and largest number of pieces, whether
        they keep their tokens, whether these must be unknown.
    begins
        Offsets of the patterns among the elements, int32.
    outcomes
        int32 ``(n_patterns, 4)``: row of the token that the last matched piece gets, or
        ``NO_TOKEN``; class of the words that are muted up to the end of the clause, or -1; whether
        the pattern must begin a clause; class of its second piece, or -1 if that depends.
    weights
        float32 ``(n_patterns,)``: weight of the words of the sentence before the match.
    """

    member: NDArray[np.bool_]
    by_symbol: Ids
    of_symbol: Ids
    elements: Ids
    begins: Ids
    outcomes: Ids
    weights: Floats


def match(
    pattern: int, at: int, end: int, symbols: Ids, rows: Ids, patterns: Patterns, places: Ids
) -> int:
    """Match one pattern at ``at``; return the number of matched pieces, -1 for no match.

    Each element takes as many pieces as it can, a gap as few; there is no backtracking.
    ``places`` gets the matched pieces, ``-1 - place`` for one that keeps its token.
    """
    elements, member = patterns.elements, patterns.member
    n, here = 0, at
    for e in range(patterns.begins[pattern], patterns.begins[pattern + 1]):
        wanted, least, most = elements[e, 0], elements[e, 1], elements[e, 2]
        count = 0
        if wanted == GAP:
            following = elements[e + 1, 0]
            while count < most and here < end and member[symbols[here], ANY_CLASS]:
                if member[symbols[here], following]:
                    break
                here += 1
                count += 1
            continue
        while count < most and here < end and member[symbols[here], wanted]:
            if elements[e, 4] and rows[here] != UNKNOWN:
                break
            places[n] = -1 - here if elements[e, 3] else here
            n += 1
            here += 1
            count += 1
        if count < least:
            return -1
    return n


def apply(
    pattern: int,
    n: int,
    bounds: tuple[int, int],
    symbols: Ids,
    patterns: Patterns,
    places: Ids,
    rows: Ids,
    weights: Floats,
    matches: Ids,
) -> None:
    """Apply a pattern that matched the ``n`` pieces of ``places``, within a text's ``bounds``."""
    begin, end = bounds
    value, muted = patterns.outcomes[pattern, 0], patterns.outcomes[pattern, 1]
    first = places[0] if places[0] >= 0 else -1 - places[0]
    last, target = first, -1
    for j in range(n):
        last = places[j] if places[j] >= 0 else -1 - places[j]
        matches[last] = first
        if places[j] >= 0:
            rows[last] = NO_TOKEN
            target = last
    if target >= 0:
        rows[target] = value
    here = last + 1
    while muted >= 0 and here < end and not patterns.member[symbols[here], BREAK_CLASS]:
        if patterns.member[symbols[here], muted] and matches[here] < 0:
            rows[here] = NO_TOKEN
            matches[here] = here
        here += 1
    here, least = first - 1, max(begin, first - REACH)
    weight = patterns.weights[pattern]
    while weight != 1 and here >= least and not patterns.member[symbols[here], STOP_CLASS]:
        weights[here] *= weight
        here -= 1


def rewrite(
    symbols: Ids,
    offsets: Offsets,
    patterns: Patterns,
    rows: Ids,
    weights: Floats,
    matches: Ids,
    places: Ids,
) -> None:
    """Apply the patterns to the pieces of texts.

    Parameters
    ----------
    symbols, offsets
        Symbol of each piece, 0 for one of no listed class; offsets of the texts.
    rows
        Row of each piece's token, ``UNKNOWN`` or ``NO_TOKEN``; changed in place.
    weights
        Weight of each piece's token, all 1; changed in place.
    matches
        -1 for all pieces; the first piece of its match is written for a matched one.
    places
        Scratch, ``(LONGEST,)``.
    """
    member, by_symbol, of_symbol = patterns.member, patterns.by_symbol, patterns.of_symbol
    outcomes = patterns.outcomes
    for text in range(len(offsets) - 1):
        begin, end = offsets[text], offsets[text + 1]
        for at in range(begin, end):
            symbol = symbols[at]
            if of_symbol[symbol] == of_symbol[symbol + 1] or matches[at] >= 0:
                continue
            begins_clause = at == begin or member[symbols[at - 1], BREAK_CLASS]
            following = symbols[at + 1] if at + 1 < end else -1
            for i in range(of_symbol[symbol], of_symbol[symbol + 1]):
                pattern = by_symbol[i]
                second = outcomes[pattern, 3]
                if second >= 0 and (following < 0 or not member[following, second]):
                    continue
                if outcomes[pattern, 2] and not begins_clause:
                    continue
                n = match(pattern, at, end, symbols, rows, patterns, places)
                free = n > 0
                for j in range(n):
                    place = places[j] if places[j] >= 0 else -1 - places[j]
                    free = free and matches[place] < 0
                if free:
                    bounds = begin, end
                    apply(pattern, n, bounds, symbols, patterns, places, rows, weights, matches)
                    break


def mend(
    pieces: Ids,
    offsets: Offsets,
    tokens: Ids,
    ends: Offsets,
    places: Ids,
    known: tuple[Ids, Ids, NDArray[np.bool_]],
    patterns: Patterns,
    rows: Ids,
    weights: Floats,
    kept: Offsets,
) -> int:
    """Apply the patterns to texts; return the number of tokens that are left.

    Parameters
    ----------
    pieces, offsets
        Ids of the pieces, and offsets of the texts among them.
    tokens, ends, places
        Rows of the tokens, offsets of the texts among them, and the place of each among the pieces.
    known
        Of each piece id: symbol, row of the plain form or -1, and whether a pattern can begin with
        it.
    rows, weights
        Rows and weights of the tokens that are left are written here; as long as ``pieces``.
    kept
        Offsets of the texts among them, all 0 before.
    """
    symbols, plain, begins = known
    longest = 0
    for text in range(len(offsets) - 1):
        longest = max(longest, offsets[text + 1] - offsets[text])
    # of one text, made once: to allocate for each takes longer than to match
    own_symbols, own = np.empty(longest, np.int32), np.empty(longest, np.int32)
    own_weights, matches = np.empty(longest, np.float32), np.empty(longest, np.int32)
    places_of_match, bounds = np.empty(LONGEST, np.int32), np.zeros(2, np.int64)
    n = 0
    for text in range(len(offsets) - 1):
        begin, end = offsets[text], offsets[text + 1]
        found = False
        for at in range(begin, end):
            found = found or begins[pieces[at]]
        if not found:
            for i in range(ends[text], ends[text + 1]):
                rows[n] = plain[pieces[places[i]]] if tokens[i] == UNKNOWN else tokens[i]
                weights[n] = 1
                n += 1
        else:
            for at in range(end - begin):
                own_symbols[at] = symbols[pieces[begin + at]]
                own[at], own_weights[at], matches[at] = NO_TOKEN, 1, -1
            for i in range(ends[text], ends[text + 1]):
                row = plain[pieces[places[i]]] if tokens[i] == UNKNOWN else tokens[i]
                own[places[i] - begin] = row
            bounds[1] = end - begin
            rewrite(own_symbols, bounds, patterns, own, own_weights, matches, places_of_match)
            for at in range(end - begin):
                if own[at] != NO_TOKEN:
                    rows[n], weights[n] = own[at], own_weights[at]
                    n += 1
        kept[text + 1] = n
    return n
