// Phrases by what they mean: text/grammar.py and text/grammar_match.py.
const UNKNOWN = -1, NO_TOKEN = -2;

function makeGrammar(data, index) {
  const BREAK_CLASS = 0, STOP_CLASS = 1, ANY_CLASS = 2, REACH = 10, GAP = -1;
  const { n_classes: width, by_symbol, of_symbol, begins, outcomes, weights } = data;
  const elements = data.elements;
  const member = new Uint8Array((of_symbol.length - 1) * width);
  data.member.forEach((classes, symbol) => {
    for (const c of classes) member[symbol * width + c] = 1;
  });
  const groups = new Map();
  data.groups.forEach((words, group) => words.forEach((word) => groups.set(word, group)));
  const isOf = (symbol, c) => member[symbol * width + c] === 1;

  const ELONGATED = /(\p{L})\1{2,}|^(\p{Script=Han})\2+$/u;
  const DOUBLE = /(\p{L})\1/gu;
  const isKnown = (word) => index.has(word) || groups.has(word);

  function plainForm(piece, word) {
    if (isKnown(word) || !ELONGATED.test(piece)) return word;
    const ends = Array.from(word.matchAll(DOUBLE), (m) => [m.index + m[0].length, m[1].length]);
    let shorter = [word];
    for (const [end, size] of ends.slice(-4).reverse())
      shorter = shorter.concat(shorter.map((f) => f.slice(0, end - size) + f.slice(end)));
    let best = word, rank = Infinity;
    for (const form of shorter.filter(isKnown)) {
      const own = index.get(form) ?? index.size;
      if (own < rank) [best, rank] = [form, own];
    }
    return best;
  }

  // symbol, row of the plain form or -1, and whether a pattern can begin with the piece
  function look(piece, role, word) {
    const form = plainForm(piece, word);
    let kind = 0;
    if (role === ROLE.BREAK || role === ROLE.CONTRAST)
      kind = ".!?。！？".includes(String.fromCodePoint(piece.codePointAt(0))) ? 2 : 1;
    const symbol = 3 * (groups.get(form) ?? 0) + kind;
    const row = form === word ? -1 : index.get(form) ?? -1;
    return { symbol, row, begins: of_symbol[symbol] < of_symbol[symbol + 1] };
  }

  function match(pattern, at, symbols, rows, places) {
    const end = symbols.length;
    let n = 0, here = at;
    for (let e = begins[pattern]; e < begins[pattern + 1]; e++) {
      const [wanted, least, most, kept, unknown] = elements[e];
      let count = 0;
      if (wanted === GAP) {
        const following = elements[e + 1][0];
        while (count < most && here < end && isOf(symbols[here], ANY_CLASS)) {
          if (isOf(symbols[here], following)) break;
          here++;
          count++;
        }
        continue;
      }
      while (count < most && here < end && isOf(symbols[here], wanted)) {
        if (unknown && rows[here] !== UNKNOWN) break;
        places[n++] = kept ? -1 - here : here;
        here++;
        count++;
      }
      if (count < least) return -1;
    }
    return n;
  }

  function apply(pattern, n, symbols, places, rows, shares, matches) {
    const [value, muted] = outcomes[pattern];
    const first = places[0] >= 0 ? places[0] : -1 - places[0];
    let last = first, target = -1;
    for (let j = 0; j < n; j++) {
      last = places[j] >= 0 ? places[j] : -1 - places[j];
      matches[last] = first;
      if (places[j] >= 0) {
        rows[last] = NO_TOKEN;
        target = last;
      }
    }
    if (target >= 0) rows[target] = value;
    for (let here = last + 1; muted >= 0 && here < symbols.length; here++) {
      if (isOf(symbols[here], BREAK_CLASS)) break;
      if (isOf(symbols[here], muted) && matches[here] < 0) {
        rows[here] = NO_TOKEN;
        matches[here] = here;
      }
    }
    const weight = weights[pattern], least = Math.max(0, first - REACH);
    for (let here = first - 1; weight !== 1 && here >= least; here--) {
      if (isOf(symbols[here], STOP_CLASS)) break;
      shares[here] *= weight;
    }
  }

  // changes the rows and the weights of the pieces of a text in place
  function rewrite(symbols, rows, shares) {
    const matches = new Array(symbols.length).fill(-1), places = [];
    for (let at = 0; at < symbols.length; at++) {
      const symbol = symbols[at];
      if (of_symbol[symbol] === of_symbol[symbol + 1] || matches[at] >= 0) continue;
      const beginsClause = at === 0 || isOf(symbols[at - 1], BREAK_CLASS);
      for (let i = of_symbol[symbol]; i < of_symbol[symbol + 1]; i++) {
        const pattern = by_symbol[i], second = outcomes[pattern][3];
        if (second >= 0 && (at + 1 >= symbols.length || !isOf(symbols[at + 1], second))) continue;
        if (outcomes[pattern][2] && !beginsClause) continue;
        const n = match(pattern, at, symbols, rows, places);
        let free = n > 0;
        for (let j = 0; j < n; j++)
          free = free && matches[places[j] >= 0 ? places[j] : -1 - places[j]] < 0;
        if (free) {
          apply(pattern, n, symbols, places, rows, shares, matches);
          break;
        }
      }
    }
  }

  return { look, rewrite };
}
