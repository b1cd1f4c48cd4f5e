// Texts to pieces with their roles: text/normalise.py, text/signs.py and text/tokenizer.py.
const ROLE = {
  WORD: 0, STOP: 1, NEGATOR: 2, INTENSIFIER: 3, CANCEL: 4, CONTRAST: 5, BREAK: 6,
  NEGATOR_AFTER: 7, NEGATOR_AROUND: 8,
};

function makeTokenizer(data) {
  const language = data.language;
  const plain = makeMarkup(data.markup);
  const set = (name) => new Set(language[name]);
  const clitics = set("clitics"), endings = set("negator_endings");
  const negators = new Map(Object.entries(language.negators));
  const after = set("after"), around = set("around");
  const CUT = language.cuts && new RegExp(language.cuts, "gu");
  const roles = [
    [ROLE.CANCEL, set("cancels")],
    [ROLE.INTENSIFIER, set("intensifiers")],
    [ROLE.CONTRAST, set("contrast")],
    [ROLE.STOP, set("stop_words")],
  ];

  const IS_ASCII = /^[\x00-\x7f]*$/;
  const replaced = new Map(Object.entries(data.replaced));
  const QUICK = new Set(data.quick);
  const LETTER = "\\p{L}\\p{M}\\p{N}";
  const IN_WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d"; // \w of Python
  const LOST_APOSTROPHE = new RegExp(
    `(?<=\\p{L})\\ufffd(?=(?:t|s|re|ve|ll|d|m)(?![${IN_WORD}]))`, "giu");
  const PIECE = new RegExp(
    `<br[ /]*>|[:;=]-?[()]|[${LETTER}]+(?:'{1,2}[${LETTER}]+)*|[!?]+` +
      "|[.,;:()\\[\\]\\u2029\\u3001\\u3002\\p{Ps}\\p{Pe}]|(?![\\x00-\\x7f\\xa0-\\xff])\\p{So}",
    "gu",
  );
  const ASCII_PIECE = /<br[ /]*>|[:;=]-?[()]|[a-z0-9]+(?:'{1,2}[a-z0-9]+)*|[!?]+|[.,;:()[\]{}]/g;
  const WORD_BEGINS = /^[\p{L}\p{M}\p{N}]/u;
  const SYMBOL = /^(?![\x00-\x7f\xa0-\xff])\p{So}$/u;
  const ELONGATED = /(\p{L})\1{2,}/gu;

  function normalise(text) {
    if (IS_ASCII.test(text)) return text.replace(/`/g, "'").toLowerCase();
    let quick = true;
    for (const c of text) if (c > "\x7f" && !QUICK.has(c)) quick = false;
    text = text.replace(/[^\x00-\x7f]/gu, (c) => replaced.get(c) ?? c);
    if (text.includes("\ufffd"))
      text = text.replace(LOST_APOSTROPHE, "'").replace(/\ufffd/g, " ");
    text = text.replace(/`/g, "'");
    if (quick) return text.toLowerCase();
    text = text.replace(/[\p{Cf}\p{Cs}\ufe0e\ufe0f]+/gu, "");
    text = text.replace(/\p{M}{31,}/gu, (run) => Array.from(run).slice(0, 30).join(""));
    return text.normalize("NFKC").toLowerCase().normalize("NFKC");
  }

  const emoji = new Map(data.signs); // the longest first
  const listed = [...emoji.keys()]
    .map((sign) => sign.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .join("|");
  const SIGN = new RegExp(
    `(?<![${IN_WORD}:/<>=;^\\-])(?:${listed})(?![${IN_WORD}/\\\\)(\\]])|#[${IN_WORD}]+`, "gu");
  const MAY_BE_SIGN =
    /[#^_<>\\[≧‿๑╯▽]|[:;=](?=\S)|[()][:=']|-\.|[dD]:|[xX]D|8\)|QA|\)\)|\(\(/u;
  const CAPITAL = /(?<=\p{Ll}|\p{N})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu;

  function expanded(text) {
    if (!MAY_BE_SIGN.test(text)) return text;
    return text.replace(SIGN, (found) =>
      emoji.has(found) ? ` ${emoji.get(found)} ` : found.replace(CAPITAL, " "));
  }

  function joined(pieces) {
    const merged = [];
    for (let first = 0; first < pieces.length; ) {
      const next = pieces[first + 1];
      const last = next === ";" || next === "," || next === "?" ? first + 2 : first + 1;
      const ending = pieces[last];
      const isOne = endings.has(ending) && negators.has(pieces[first] + ending);
      merged.push(isOne ? pieces[first] + ending : pieces[first]);
      first = isOne ? last + 1 : first + 1;
    }
    return merged;
  }

  function prepare(text) {
    text = normalise(plain(data.expands_signs ? expanded(text) : text));
    return CUT ? text.replace(CUT, "$& ") : text;
  }

  // the pieces of a prepared text
  function pieces(text) {
    const found = text.match(IS_ASCII.test(text) ? ASCII_PIECE : PIECE) ?? [];
    return found.some((piece) => endings.has(piece)) ? joined(found) : found;
  }

  function wordRole(word) {
    if (word.includes("'")) {
      word = word.replaceAll("''", "'");
      const at = word.lastIndexOf("'");
      const stem = at < 0 ? "" : word.slice(0, at), ending = word.slice(at + 1);
      if (clitics.has(ending) || (endings.has(ending) && negators.has(stem))) word = stem;
      const bare = word.replaceAll("'", "");
      if (!negators.has(word) && negators.has(bare)) word = bare;
    }
    if (negators.has(word)) return negator(negators.get(word));
    if (language.negator_suffix && word.endsWith(language.negator_suffix)) return negator("not");
    if (word.length > data.max_word && Array.from(word).length > data.max_word)
      return [ROLE.BREAK, ""];
    for (const [role, words] of roles) if (words.has(word)) return [role, word];
    const [, token] = language.negator_affixes.find(([affix]) => hasAffix(word, affix)) ?? [];
    return token ? negator(token) : [ROLE.WORD, word];
  }

  const hasAffix = (word, affix) =>
    affix.endsWith("-") ? word.startsWith(affix.slice(0, -1)) : word.endsWith(affix.slice(1));

  function negator(token) {
    if (after.has(token)) return [ROLE.NEGATOR_AFTER, token];
    return [around.has(token) ? ROLE.NEGATOR_AROUND : ROLE.NEGATOR, token];
  }

  function entry(piece) {
    const last = piece[piece.length - 1];
    if (":;=".includes(piece[0]) && "()".includes(last) && piece.length <= 3)
      return [ROLE.CONTRAST, piece[0] + last];
    if ("!?".includes(piece[0])) return [ROLE.CONTRAST, piece.includes("?") ? "?" : "!"];
    if (!WORD_BEGINS.test(piece))
      return SYMBOL.test(piece) ? [ROLE.CONTRAST, piece] : [ROLE.BREAK, ""];
    return wordRole(piece.replace(ELONGATED, "$1$1"));
  }

  return { prepare, pieces, entry };
}

// Whether a negator behind each of the pieces negates it: text/negation.py.
function negatedBehind(roles, window, windowBack) {
  const skipped = (role) => role === ROLE.STOP || role === ROLE.INTENSIFIER;
  const reached = (at, step, reach) => {
    let here = at + step;
    while (skipped(roles[here]) && Math.abs(here - at) < reach) here += step;
    return roles[here] === ROLE.WORD && Math.abs(here - at) <= reach ? here : -1;
  };
  const negated = new Set();
  roles.forEach((role, at) => {
    if (role === ROLE.NEGATOR_AFTER || (role === ROLE.NEGATOR_AROUND && reached(at, 1, window) < 0))
      negated.add(reached(at, -1, windowBack));
  });
  return negated;
}
