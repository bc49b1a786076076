-- work.db, version 1 to 2: whose study was annotated, and what of it was seen; no table that nobody writes.
ALTER TABLE journal ADD COLUMN patient_key TEXT NOT NULL DEFAULT '';  -- as in study_fact: a study *of a patient*
CREATE INDEX journal_by_study ON journal (study_instance_uid, patient_key);
CREATE TABLE seen (                     -- which frames were displayed whole, and long enough to be seen
    study_instance_uid TEXT NOT NULL,
    patient_key TEXT NOT NULL,
    series_instance_uid TEXT NOT NULL,
    frames TEXT NOT NULL,               -- JSON (viewing.seen_text)
    marked TEXT NOT NULL,               -- JSON: those that a reader called seen
    changed_at REAL NOT NULL,
    PRIMARY KEY (study_instance_uid, patient_key, series_instance_uid)
) STRICT, WITHOUT ROWID;
DROP TABLE audit;                       -- it was always empty: an audit that misses a way out would be none
