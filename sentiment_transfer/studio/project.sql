CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    source TEXT NOT NULL,
    columns TEXT  -- a JSON object of the other columns of its row
);
CREATE TABLE measuring (  -- texts whose labels measure, in the order in which they are asked for
    place INTEGER PRIMARY KEY,
    text_id INTEGER NOT NULL REFERENCES texts (id),
    stratum INTEGER NOT NULL,
    share REAL NOT NULL  -- of all texts, in its stratum
);
CREATE TABLE answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text_id INTEGER NOT NULL REFERENCES texts (id),
    label TEXT,  -- NULL for a skipped text
    at TEXT NOT NULL,
    way TEXT NOT NULL,  -- why it was asked for: measure, teach, or given with the text
    guess TEXT,
    probability REAL,
    confirmed INTEGER NOT NULL DEFAULT 0,
    replaces INTEGER REFERENCES answers (id),
    withdrawn INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX answers_of_text ON answers (text_id);
CREATE TABLE vectors (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    model BLOB NOT NULL  -- a model file, without labels
);
CREATE VIEW labels AS
    SELECT answers.id AS place, texts.id AS text_id, text, label, at, way, guess, probability,
           source
    FROM answers JOIN texts ON texts.id = text_id
    WHERE NOT withdrawn AND label IS NOT NULL
    ORDER BY answers.id;
PRAGMA application_id = 1398033474;
PRAGMA user_version = 1;
