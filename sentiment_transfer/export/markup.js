// Texts without markup, character codes, links and empty lines: text/markup.py, step by step.
// The patterns of Python ignore case for ASCII letters alone, so letters are spelled in both cases.
function makeMarkup(data) {
  const ENTITIES = new Map(Object.entries(data.entities));
  const INVALID_CODES = new Map(Object.entries(data.invalid_codes));
  const BLOCKS = new Set(data.blocks), INLINE = new Set(data.inline);
  const ELEMENTS = new Set([...data.blocks, ...data.inline, ...data.other]);
  const CP1252 = data.cp1252; // the characters of the bytes 0x80 to 0x9f
  const CLAUSE_END = " . ";
  const WHITE = "[ \\t\\n\\r\\f\\v]";

  const any = (text) => text.replace(/[a-z]/g, (c) => `[${c}${c.toUpperCase()}]`);
  const ascii = (names) => names.map(any).join("|");

  const HEX = "[0-9a-fA-F]";
  const CODE = new RegExp(
    `&(?:${any("amp")};)*(#[0-9]{1,10};?|#[xX]${HEX}{1,8}(?:;|(?!${HEX}))` +
      `|(?:${ascii(["nbsp", "quot", "amp", "apos"])}|[lLrR]${any("squo")});?` +
      "|[lLgG][tT](?![a-zA-Z;])|[a-zA-Z][a-zA-Z0-9]{1,31};)" +
      `|(?<!\\\\)\\\\+(u[dD][89abAB]${HEX}{2}\\\\+u[dD][c-fC-F]${HEX}{2}` +
      `|u${HEX}{4}|U000${HEX}{5}|x${HEX}{2}(?:\\\\x${HEX}{2})*|[rtn](?![a-z])|['"])` +
      "|(?<=^|[.!?,;)\"' \\t\\n\\r\\f\\v]|\\\\[nrt])\\\\+(n(?![oO][tT]?\\b))" +
      "|(#0?39;|#8217;|%27|%[eE]2%80%99)|%20",
    "g",
  );

  const ESCAPED_CP1252 = CP1252.replace(/\ufffd/g, "");
  const FOLLOWING = `[\\x80-\\xbf${ESCAPED_CP1252}]`;
  const FIRST =
    `[\\xc2\\xc3]${FOLLOWING}|[\\xe2-\\xe9\\xef]${FOLLOWING}{2}|\\xf0${FOLLOWING}{3}`;
  const MISREAD = new RegExp(
    `((?:${FIRST})(?:${FIRST}|[\\xc5\\xc6\\xcb]${FOLLOWING})+|[\\xc2\\xc3]${FOLLOWING}` +
      `|[\\xe2\\xef]${FOLLOWING}{2}|\\xf0${FOLLOWING}{3})` +
      "|(\\u2030\\u00db\\u00aa|(?<=[nN])[\\u00c6\\u00d5](?=[tT]\\b))" +
      "|(\\u00e2\\u20ac\\ufffd?)|(?<![A-Z])\\u00c2(?!\\w)",
    "g",
  );
  const IN_MISREAD = /[\u00c2\u00c3\u00c6\u00d5\u00e2-\u00e9\u00ef\u00f0\u2030]/;

  const BARE = "nowrap|noshade|disabled|checked|selected|hidden|controls|itemscope|autoplay";
  // an atomic run is a lookahead with a group that is then repeated
  const TAG = new RegExp(
    "(?!<br[ /]*>)<(?:!--(?:(?!<[!]--)[^])*?-->|!\\[CDATA\\[" +
      `|(?<raw>script|style)\\b[^<>]*>(?:(?!</?\\k<raw>)[^])*?</\\k<raw>${WHITE}*>` +
      "|/?(?!(?:not?|never|none|nor)\\b)(?<name>[a-z][\\w:.-]*)" +
      `(?:${WHITE}*(?:/>|(?<bare>)>)` +
      `|(?=${WHITE}(?:${WHITE}|/)*(?:[\\w:.@-]+${WHITE}?=${WHITE}?[^ \\t\\n\\r\\f\\v=<>]` +
      `|(?:${BARE})\\b))` +
      "(?:(?=(?<run>(?:[^<>'\"]|\"[^<\"]*\"|'[^<']*'|['\"])*))\\k<run>>|[^<>]*>))" +
      "|[!?](?:doctype|xml)[^<>]*>)|\\]\\]>",
    "gi",
  );
  const NOT_BREAK = /<(?!br \/>)/;
  const CLOSING_TAG = /<\/([a-z][\w:.-]*)/g;

  const BRACKET_TAG = new RegExp(
    `\\[/?(${ascii(["b", "i", "u", "s"])}|[hH][1-6]|\\*|` +
      `${ascii("strike url img code color size spoiler quote list p".split(" "))})` +
      "(?:=[^\\[\\]\\n]*)?\\]" +
      `|\\[(?=[^\\[\\]\\n]{1,200}\\]\\((?:${any("http")}[sS]?:|${any("www")}\\.|/))` +
      `|\\]\\((?:${any("http")}[sS]?:|${any("www")}\\.|/)[^() \\t\\n\\r\\f\\v]*\\)`,
    "gu",
  );

  const BEYOND = "(?!\\.\\.|[,;)!][a-zA-Z])";
  const LINK = new RegExp(
    `(?:${any("http")}[sS]?://|${any("ftp")}://|${any("file")}://` +
      `|(?:[wW]ww|WWW)(?<![a-zA-Z0-9]${any("www")})\\.(?=[a-zA-Z0-9]))` +
      `(?:${BEYOND}[!#-;=?-Z\\\\^-~])*(?<![.,;:!?)'])`,
    "g",
  );
  const SITE = new RegExp(
    "(?<![a-zA-Z0-9@.-])(?:[a-zA-Z0-9-]+\\.)+" +
      "(?:(?:com|org|net|edu|gov)(?:\\.[a-z]{2})?|(?:COM|ORG|NET|EDU|GOV)(?:\\.[A-Z]{2})?)" +
      `(?![a-zA-Z0-9@-])(?:/(?:${BEYOND}[!#-;=?-Z^-~])*(?<![.,;:!?)']))?`,
    "g",
  );
  const SITE_ENDING = /\.(?:com|org|net|edu|gov)(?![a-z])/i;
  const ADDRESS =
    /(?<![a-zA-Z0-9._%+-])[a-zA-Z0-9._%+-]{1,64}@[a-zA-Z0-9-]+\.(?=([a-zA-Z0-9-]+))\1(?:\.(?=([a-z0-9-]+))\2(?![A-Z]))*/g;
  const EMPTY_LINE =
    /(?:\r\n|\r(?!\n)|\n)(?:[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[\r\n])+/g;

  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  function decoded(bytes) {
    try {
      return strict.decode(new Uint8Array(bytes));
    } catch {
      return null;
    }
  }

  const isNoCharacter = (code) =>
    (code >= 1 && code <= 8) || (code >= 0xe && code <= 0x1f) || (code >= 0x7f && code <= 0x9f) ||
    (code >= 0xfdd0 && code <= 0xfdef) || code === 0xb || (code & 0xfffe) === 0xfffe;

  function ofNumber(name) {
    const code = /^#[xX]/.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    if (INVALID_CODES.has(String(code))) return INVALID_CODES.get(String(code));
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return "\ufffd";
    return isNoCharacter(code) ? "" : String.fromCodePoint(code);
  }

  function referred(name, whole) {
    if (name[0] === "#") return ofNumber(name).replace(/^\ufffd+|\ufffd+$/g, "") || " ";
    const key = name.endsWith(";") ? name : `${name};`;
    return ENTITIES.get(key) ?? ENTITIES.get(key.toLowerCase()) ?? whole;
  }

  function escaped(code) {
    if (code[0] === "U") return String.fromCodePoint(parseInt(code.slice(1), 16));
    const units = code.match(/[0-9a-fA-F]+/g);
    if (code[0] === "u") return String.fromCharCode(...units.map((unit) => parseInt(unit, 16)));
    if (code[0] === "x") {
      const bytes = units.map((unit) => parseInt(unit, 16));
      const single = (b) => (b >= 0x80 && b <= 0x9f ? CP1252[b - 0x80] : String.fromCharCode(b));
      return decoded(bytes) ?? bytes.map(single).join("");
    }
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  }

  function character(whole, name, first, second, apostrophe) {
    if (name) return referred(name, whole);
    if (first || second) return escaped(first || second);
    return apostrophe ? "'" : " ";
  }

  function mended(whole, utf8, apostrophe, quote) {
    if (utf8 === undefined) return apostrophe ? "'" : quote ? "\u201d" : "";
    const bytes = Array.from(utf8, (c) =>
      c.charCodeAt(0) < 0x100 ? c.charCodeAt(0) : 0x80 + CP1252.indexOf(c));
    const read = decoded(bytes);
    return read === null ? whole : read.replace(MISREAD, mended);
  }

  function closedTags(text) {
    return new Set(Array.from(text.toLowerCase().matchAll(CLOSING_TAG), (found) => found[1]));
  }

  function endOfTag(given) {
    const name = (given || "").toLowerCase();
    if (BLOCKS.has(name)) return CLAUSE_END;
    return INLINE.has(name) || !name ? "" : " ";
  }

  function withoutTags(text) {
    let closed = null;
    return text.replace(TAG, (...found) => {
      const { name, bare } = found[found.length - 1];
      if (bare !== undefined && found[0][1] !== "/" && !ELEMENTS.has(name.toLowerCase())) {
        closed ??= closedTags(text);
        if (!closed.has(name.toLowerCase())) return found[0];
      }
      return endOfTag(name);
    });
  }

  const hasCode = (text) =>
    (text.includes("&") && /&[#A-Za-z]/.test(text)) || text.includes("\\") ||
    (text.includes("#") && text.includes(";")) || (text.includes("%") && /%[2Ee]/.test(text));
  const hasLink = (text) =>
    text.includes("ww.") || text.includes("WW.") || text.includes("://");

  return function plain(text) {
    if (hasCode(text)) text = text.replace(CODE, character);
    if (IN_MISREAD.test(text)) text = text.replace(MISREAD, mended);
    if (text.includes("<") && NOT_BREAK.test(text)) text = withoutTags(text);
    if (text.includes("[") && (text.includes("[/") || text.includes("](")))
      text = text.replace(BRACKET_TAG, (_, name) => endOfTag(name));
    if (hasLink(text)) text = text.replace(LINK, " ");
    if (text.includes(".") && SITE_ENDING.test(text)) text = text.replace(SITE, " ");
    if (text.includes("@")) text = text.replace(ADDRESS, " ");
    if (text.includes("\n") || text.includes("\r")) text = text.replace(EMPTY_LINE, CLAUSE_END);
    return text;
  };
}
