// Figures and names as a reader wants them.

export const percent = (p) => `${Math.round(100 * p)}\u00a0%`;
export const bare = (p) => `${Math.round(100 * p)}`;
export const count = (n) => n.toLocaleString("en");
export const counted = (n, one, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;

export function duration(seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

// A name such as a.csv keeps its case.
export const sentence = (text) =>
  text && (/^\S+[.-]\S/.test(text) ? text[0] : text[0].toUpperCase()) + text.slice(1) +
    (/[.!?]$/.test(text) ? "" : ".");

export const shorten = (text, most = 110) =>
  (text.length > most ? `${text.slice(0, most).trimEnd()}\u2026` : text);

// The side of a class: of two or more in order, the first is negative and the last is positive.
export function side(classes, label) {
  const at = classes.indexOf(label);
  if (at === 0) return "minus";
  return at === classes.length - 1 ? "plus" : "middle";
}

// Letters that the label tab needs itself: change, keep, skip, undo.
const TAKEN = ["c", "k", "s", "u", "z"];

const areDigits = (classes) => classes.every((label) => /^\d$/.test(label));

// One key a class: its first letter if there are two classes that differ in it, and its number;
// a class that is called by a digit has that one.
export function classKeys(classes) {
  if (areDigits(classes)) return classes;
  const initials = classes.map((label) => label[0].toLowerCase());
  const canUse = classes.length === 2 && initials[0] !== initials[1] &&
    initials.every((letter) => /\p{Ll}/u.test(letter) && !TAKEN.includes(letter));
  return classes.map((_, i) => (canUse ? initials[i] : String(i + 1)));
}

export function classOfKey(classes, key) {
  const byLetter = classKeys(classes).indexOf(key.toLowerCase());
  if (byLetter >= 0 || areDigits(classes)) return classes[byLetter];
  return classes[Number(key) - 1];
}
