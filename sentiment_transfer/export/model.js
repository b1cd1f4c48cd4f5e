// Pieces to probabilities: model/fast_path.py and polarity/mixture.py, in double precision.
function arrayOf({ type, data }) {
  const text = atob(data), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const kinds = {
    int8: Int8Array, int16: Int16Array, uint32: Uint32Array,
    float32: Float32Array, float64: Float64Array,
  };
  return new kinds[type](bytes.buffer);
}

// BLAKE2b of at most 8 bytes of digest, as pairs of 32 bits, low half first (RFC 7693)
const BLAKE_IV = [
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
];
const BLAKE_SIGMA = [
  "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8",
  "905724afe1bc683d", "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a",
  "6fe9b308c2d714a5", "a2847615fb9e3cd0", "0123456789abcdef", "ea489fd61c02b753",
].map((row) => Array.from(row, (digit) => 2 * parseInt(digit, 16)));
const BLAKE_MIX = [
  [0, 8, 16, 24], [2, 10, 18, 26], [4, 12, 20, 28], [6, 14, 22, 30],
  [0, 10, 20, 30], [2, 12, 22, 24], [4, 14, 16, 26], [6, 8, 18, 28],
];

function makeHash() {
  const v = new Uint32Array(32), h = new Uint32Array(16), block = new Uint8Array(128);
  const m = new Uint32Array(block.buffer);
  const utf8 = new TextEncoder();

  function add(a, lo, hi) {
    const sum = v[a] + lo;
    v[a + 1] += hi + (sum > 0xffffffff ? 1 : 0);
    v[a] = sum;
  }

  function turn(d, a, by) {
    const lo = v[d] ^ v[a], hi = v[d + 1] ^ v[a + 1];
    if (by === 32) {
      v[d] = hi;
      v[d + 1] = lo;
    } else if (by === 63) {
      v[d] = (lo << 1) | (hi >>> 31);
      v[d + 1] = (hi << 1) | (lo >>> 31);
    } else {
      v[d] = (lo >>> by) | (hi << (32 - by));
      v[d + 1] = (hi >>> by) | (lo << (32 - by));
    }
  }

  function compress(length, isLast) {
    v.set(h);
    v.set(BLAKE_IV, 16);
    v[24] ^= length;
    if (isLast) {
      v[28] = ~v[28];
      v[29] = ~v[29];
    }
    for (const order of BLAKE_SIGMA) {
      for (let i = 0; i < 8; i++) {
        const mix = BLAKE_MIX[i], a = mix[0], b = mix[1], c = mix[2], d = mix[3];
        const x = order[2 * i], y = order[2 * i + 1];
        add(a, v[b], v[b + 1]);
        add(a, m[x], m[x + 1]);
        turn(d, a, 32);
        add(c, v[d], v[d + 1]);
        turn(b, c, 24);
        add(a, v[b], v[b + 1]);
        add(a, m[y], m[y + 1]);
        turn(d, a, 16);
        add(c, v[d], v[d + 1]);
        turn(b, c, 63);
      }
    }
    for (let i = 0; i < 16; i++) h[i] ^= v[i] ^ v[i + 16];
  }

  // the number of a word as two halves, low first
  return function hash(word) {
    const bytes = utf8.encode(word);
    h.set(BLAKE_IV);
    h[0] ^= 0x01010008;
    for (let at = 0; at === 0 || at < bytes.length; at += 128) {
      block.fill(0);
      block.set(bytes.subarray(at, at + 128));
      compress(Math.min(at + 128, bytes.length), at + 128 >= bytes.length);
    }
    return [h[0], h[1]];
  };
}

const MULTIPLIER = [0x7f4a7c15, 0x9e3779b9]; // as in text/grams.py, low half first

function highOfProduct(a, b) {
  const a0 = a & 0xffff, a1 = a >>> 16, b0 = b & 0xffff, b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16), other = a0 * b1 + (middle & 0xffff);
  return (a1 * b1 + Math.floor(middle / 65536) + Math.floor(other / 65536)) >>> 0;
}

function times(lo, hi) {
  const [kLo, kHi] = MULTIPLIER;
  const high = highOfProduct(lo, kLo) + Math.imul(lo, kHi) + Math.imul(hi, kLo);
  return [Math.imul(lo, kLo) >>> 0, high >>> 0];
}

function makeGrams(data) {
  const numbers = arrayOf(data.numbers), taught = arrayOf(data.taught);
  const weights = arrayOf(data.weights), { first, slopes, columns: members } = data;
  const size = numbers.length / 2, width = 1 + members.length;
  let capacity = 2;
  while (capacity < 2 * size) capacity *= 2;
  const slots = new Int32Array(capacity).fill(-1);
  const counts = new Int32Array(size), seen = new Int32Array(size);
  let text = 0;

  function slotOf(lo, hi) {
    let slot = (lo ^ hi) & (capacity - 1);
    for (;;) {
      const column = slots[slot];
      if (column < 0 || (numbers[2 * column] === lo && numbers[2 * column + 1] === hi)) return slot;
      slot = (slot + 1) & (capacity - 1);
    }
  }
  for (let i = 0; i < size; i++) slots[slotOf(numbers[2 * i], numbers[2 * i + 1])] = i;

  const find = (lo, hi) => slots[slotOf(lo, hi)];
  const damped = (count) => (count === 1 ? 1 : 1 + Math.log(count));
  const isOwn = (column) => column >= first;
  const isTaught = (column) => column >= 0 && column < taught.length;

  // words are looks of pieces, each with the column of its word and its number
  function add(words, logOdds) {
    const found = [];
    let total = 0, nSeen = 0, before = null;
    text++;
    const countOwn = (column) => {
      if (counts[column] === 0) found.push(column);
      counts[column]++;
    };
    const countTaught = (column) => {
      if (seen[column] === text) return;
      seen[column] = text;
      total += taught[column];
      nSeen++;
    };
    for (const word of words) {
      const own = isOwn(word.column), known = isTaught(word.column);
      if (own) countOwn(word.column);
      if (known) countTaught(word.column);
      const both = before && isOwn(before.column) && own;
      const bothTaught = before && isTaught(before.column) && known;
      if (both || bothTaught) {
        const lo = before.timesLo + word.lo;
        const hi = before.timesHi + word.hi + (lo > 0xffffffff ? 1 : 0);
        const column = find(lo >>> 0, hi >>> 0);
        if (both && isOwn(column)) countOwn(column);
        if (bothTaught && isTaught(column)) countTaught(column);
      }
      before = word;
    }
    if (nSeen > 0)
      for (let k = 0; k < slopes.length; k++) logOdds[k] += (slopes[k] * total) / Math.sqrt(nSeen);
    let square = 0;
    for (const column of found)
      square += (damped(counts[column]) * weights[(column - first) * width]) ** 2;
    for (const column of found) {
      const at = (column - first) * width;
      const share = (damped(counts[column]) * weights[at]) / Math.sqrt(square);
      for (let k = 0; k < members.length; k++) logOdds[members[k]] += share * weights[at + 1 + k];
      counts[column] = 0;
    }
  }

  return { find: size ? find : () => -1, add };
}

function makePooling(data, vectors, steps, width) {
  const weights = data.weights && arrayOf(data.weights), centre = arrayOf(data.centre);
  const projections = arrayOf(data.projections), { shifts, columns } = data;
  const signs = new Int8Array(vectors.length / width);
  for (const row of data.positive) signs[row] = 1;
  for (const row of data.negative) signs[row] = -1;
  const size = projections.length / Math.max(1, columns.length), x = new Float64Array(width);

  function balanceOf(rows, largest) {
    let difference = 0, total = 0;
    for (const row of rows) {
      difference += signs[row] * largest[row];
      total += Math.abs(signs[row]) * largest[row];
    }
    return total > 0 ? difference / total : 0;
  }

  const made = data.corrections, dots = made && arrayOf(made.dots);
  const squares = made && arrayOf(made.squares), along = made && arrayOf(made.along_centre);
  const sums = new Float64Array(columns.length);

  // what the words themselves add to the squared length of rounded vectors, and exact projections
  function correction(rows, largest, total) {
    let own = 0, centred = 0;
    for (const row of rows) {
      const weight = ((weights ? weights[row] : 1) * largest[row]) / total;
      own += weight * weight * squares[row];
      centred += weight * along[row];
      for (let k = 0; k < sums.length; k++) sums[k] += weight * dots[row * sums.length + k];
    }
    for (let k = 0; k < sums.length; k++) sums[k] -= made.centre_dots[k];
    return own - 2 * centred;
  }

  function project() {
    for (let k = 0; k < sums.length; k++)
      for (let j = 0, at = k * size; j < width; j++, at++) sums[k] += x[j] * projections[at];
  }

  // adds the projections of unit(mean - centre) to the log odds, but for a mean of 0
  return function add(rows, largest, logOdds) {
    x.fill(0);
    let total = 0;
    for (const row of rows) {
      const weight = (weights ? weights[row] : 1) * largest[row];
      const scale = steps ? weight * steps[row] : weight;
      total += weight;
      for (let j = 0, at = row * width; j < width; j++, at++) x[j] += scale * vectors[at];
    }
    if (!x.some((value) => value !== 0)) return;
    let square = 0;
    for (let j = 0; j < width; j++) {
      x[j] = x[j] / (total > 0 ? total : 1) - centre[j];
      square += x[j] * x[j];
    }
    if (square === 0) return;
    sums.fill(0);
    if (made && total > 0) square = Math.max(square / 4, square + correction(rows, largest, total));
    else project();
    const length = Math.sqrt(square), balance = balanceOf(rows, largest);
    columns.forEach((column, k) => {
      logOdds[column] += sums[k] / length + shifts[k];
      if (balance !== 0) logOdds[column] += balance * projections[k * size + width];
    });
  };
}

// log odds of all members to the probabilities of the classes, the most negative first
function makeAverage({ shares, ordered, label_shares }) {
  const normalised = (p) => {
    p = p.map((value) => Math.max(value, 2.2250738585072014e-308));
    const sum = p.reduce((a, b) => a + b, 0);
    return p.map((value) => value / sum);
  };
  const betweenSteps = (steps) => {
    let least = Infinity;
    const falling = [1, ...steps.map((p) => (least = Math.min(least, p))), 0];
    let p = falling.slice(1).map((value, i) => falling[i] - value);
    if (steps.length > 1) p = p.map((value) => 0.99 * value + 0.01 / p.length);
    return normalised(p);
  };
  return function average(logOdds) {
    let at = 0;
    const p = shares.map((own) => {
      let sum = 0;
      for (const share of own) sum += share / (1 + Math.exp(-logOdds[at++]));
      return Math.min(sum, 1);
    });
    if (shares.length === 1) return [1 - p[0], p[0]];
    if (!ordered) return normalised(p);
    if (!label_shares) return betweenSteps(p);
    const steps = betweenSteps(p.slice(0, 2)), each = normalised([1 - p[0], p[2], p[1]]);
    return normalised(steps.map((value, i) => (value + each[i]) / label_shares[i] ** 0.25));
  };
}

function makeModel(data) {
  // of 5,000,000 characters without a space, patterns exceed the stack of V8
  const MOST_PIECES = 200000, MOST_CHARACTERS = 1000000;
  const tokenizer = makeTokenizer(data.tokenizer), { marker } = data.tokenizer.language;
  const { mark_negation: marks, stop_words: drops } = data.tokenizer;
  const { window, window_back, after, around } = data.tokenizer.language;
  const reachesBack = after.length > 0 || around.length > 0;
  const index = new Map(data.words.map((word, row) => [word, row]));
  const grammar = data.grammar && makeGrammar(data.grammar, index);
  const vectors = arrayOf(data.vectors), steps = data.steps && arrayOf(data.steps);
  const hash = makeHash();
  const grams = data.grams && makeGrams(data.grams);
  const poolings = data.poolings.map((each) => makePooling(each, vectors, steps, data.width));
  const average = makeAverage(data.mixture);
  const largest = new Float64Array(data.words.length);
  let looks = new Map();

  // all that depends on a piece alone
  function look(piece) {
    const known = looks.get(piece);
    if (known) return known;
    const [role, word] = tokenizer.entry(piece);
    const row = (token) => index.get(token) ?? UNKNOWN;
    const made = { role, word, row: row(word), negated: marks ? row(marker + word) : row(word) };
    made.grammar = grammar && grammar.look(piece, role, word);
    if (grams && word) {
      [made.lo, made.hi] = hash(word);
      [made.timesLo, made.timesHi] = times(made.lo, made.hi);
      made.column = grams.find(made.lo, made.hi);
    }
    if (looks.size >= MOST_PIECES) looks = new Map();
    looks.set(piece, made);
    return made;
  }

  // the row of each piece's token, before the grammar; `tokens` gets the tokens as written
  function rowsOf(read, tokens) {
    const roles = reachesBack && read.map((own) => own.role);
    const behind = roles && negatedBehind(roles, window, window_back);
    let reach = 0;
    return read.map((own, i) => {
      let row = NO_TOKEN;
      if (own.role !== ROLE.BREAK && !(own.role === ROLE.STOP && drops)) {
        const isNegated = own.role === ROLE.WORD && (reach > 0 || (behind && behind.has(i)));
        row = isNegated ? own.negated : own.row;
        if (tokens) tokens[i] = isNegated && marks ? marker + own.word : own.word;
        if (row === UNKNOWN && own.grammar) row = own.grammar.row;
      }
      if (own.role === ROLE.NEGATOR || own.role === ROLE.NEGATOR_AROUND) reach = window;
      else if (own.role === ROLE.NEGATOR_AFTER) reach = 0;
      else reach = own.role === ROLE.STOP || own.role === ROLE.INTENSIFIER ? reach - 1 : 0;
      return row;
    });
  }

  // looks of the pieces of a text, their rows after the grammar, and weights, null if all are 1
  function readOne(text, tokens) {
    if (text.length > MOST_CHARACTERS)
      throw new RangeError(
        `a text has ${text.length} characters; at most ${MOST_CHARACTERS} are allowed (split it)`);
    const normalised = tokenizer.prepare(text);
    const read = tokenizer.pieces(normalised).map(look), rows = rowsOf(read, tokens);
    let weights = null;
    if (grammar && read.some((own) => own.grammar.begins)) {
      weights = new Array(read.length).fill(1);
      grammar.rewrite(read.map((own) => own.grammar.symbol), rows, weights);
    }
    return { normalised, read, rows, weights };
  }

  function predictOne(text) {
    const { read, rows, weights } = readOne(text);
    const found = [];
    let n = 0, nKnown = 0;
    rows.forEach((row, i) => {
      if (row === NO_TOKEN) return;
      n++;
      if (row === UNKNOWN) return;
      nKnown++;
      if (largest[row] === 0) found.push(row);
      largest[row] = Math.max(largest[row], weights ? weights[i] : 1);
    });
    const logOdds = data.biases.slice();
    for (const add of poolings) add(found, largest, logOdds);
    if (grams) grams.add(read.filter((own) => own.word), logOdds);
    for (const row of found) largest[row] = 0;
    const coverage = nKnown / Math.max(1, n), p = average(logOdds);
    return { coverage, probabilities: nKnown ? data.order.map((i) => p[i]) : data.prior.slice() };
  }

  // Returns {label, probability, coverage, probabilities} of each text; the probabilities are in the
  // order of `labels`, and those of the classes at large where coverage is 0.
  function predict(texts) {
    if (!Array.isArray(texts) || texts.some((text) => typeof text !== "string"))
      throw new TypeError("predict needs an array of strings");
    return texts.map((text) => {
      const { coverage, probabilities } = predictOne(text);
      const probability = Math.max(...probabilities), best = probabilities.indexOf(probability);
      return { label: data.labels[best], probability, coverage, probabilities };
    });
  }

  // Returns what is read of each text, as the cases of `export --conformance` have it:
  // {normalised, tokens, ids, weights, words}.
  function read(texts) {
    return texts.map((text) => {
      const written = [], { normalised, read, rows, weights } = readOne(text, written);
      const kept = rows.map((_, i) => i).filter((i) => rows[i] !== NO_TOKEN);
      return {
        normalised,
        tokens: kept.map((i) => (rows[i] === UNKNOWN ? written[i] : data.words[rows[i]])),
        ids: kept.map((i) => rows[i]),
        weights: kept.map((i) => (weights ? weights[i] : 1)),
        words: read.map((own) => own.word).filter((word) => word),
      };
    });
  }

  return { predict, read, labels: data.labels, card: data.card };
}
