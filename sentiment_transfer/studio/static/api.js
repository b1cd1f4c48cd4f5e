// Requests to the server: the token, errors as sentences, uploads and downloads.

const TOKEN = "studio.token";
export const MAX_UPLOAD = 64 * 2 ** 20;

// No answer at all: the command has ended, or the machine sleeps.
export class ServerGone extends Error {
  constructor() {
    super("The server does not answer.");
  }
}

// An answer that says no; the message is the server's.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The command opens /#token=...: the token is kept, and leaves the address and the history.
export function takeToken() {
  const found = /^#token=([^&]+)/.exec(location.hash);
  if (!found) return false;
  const token = decodeURIComponent(found[1]);
  sessionStorage.setItem(TOKEN, token);
  localStorage.setItem(TOKEN, token);
  history.replaceState(null, "", location.pathname);
  return true;
}

const token = () => sessionStorage.getItem(TOKEN) ?? localStorage.getItem(TOKEN);

let outOfDate = null; // a token that the server did not take
export const isLocked = () => !token() || token() === outOfDate;

// Another tab may have been opened with the token of a new start.
function unlock() {
  const other = localStorage.getItem(TOKEN);
  if (isLocked() && other) sessionStorage.setItem(TOKEN, other);
  if (isLocked()) throw new Refused(401, "Open the link that the command printed.");
}

async function request(path, { method = "GET", body, type } = {}) {
  unlock();
  const headers = { authorization: `Bearer ${token()}` };
  if (type) headers["content-type"] = type;
  let response;
  try {
    response = await fetch(path, { method, headers, body, cache: "no-store" });
  } catch {
    throw new ServerGone();
  }
  if (response.status === 401) outOfDate = token();
  if (!response.ok) throw new Refused(response.status, await reason(response));
  return response;
}

async function reason(response) {
  try {
    return (await response.json()).error ?? `The server answered ${response.status}.`;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

// A body that breaks off in the middle means the same as no answer.
async function json(response) {
  try {
    return await response.json();
  } catch {
    throw new ServerGone();
  }
}

export const get = async (path) => json(await request(path));

export const post = async (path, body) =>
  json(await request(path, {
    method: "POST", body: JSON.stringify(body), type: "application/json",
  }));

const BYTES = "application/octet-stream";
const named = (path, name) => `${path}?name=${encodeURIComponent(name)}`;

function checkSize(blob) {
  if (blob.size <= MAX_UPLOAD) return;
  const size = Math.ceil(blob.size / 2 ** 20);
  throw new Error(
    `The file has ${size} MiB; 64 MiB is the most. Give it to the command instead: ` +
    "sentiment-transfer studio FILE",
  );
}

export async function upload(blob, name) {
  checkSize(blob);
  return json(await request(named("/studio/upload", name), {
    method: "POST", body: blob, type: BYTES,
  }));
}

export async function predictFile(file) {
  checkSize(file);
  const response = await request(named("/studio/predict", file.name), {
    method: "POST", body: file, type: BYTES,
  });
  save(await response.blob(), `${file.name.replace(/\.[^.]*$/, "")}-predicted.csv`);
}

// A plain link could not carry the token.
export async function download(path, name) {
  save(await (await request(path)).blob(), name);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
