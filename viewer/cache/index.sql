-- index.db: what is in the cache. Everything in it can be made again from the objects and from work.db.
CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    study_instance_uid TEXT NOT NULL,
    patient_key TEXT NOT NULL,          -- dicom.tree.patient_key as a JSON list: two patients under one UID stay apart
    patient_name TEXT NOT NULL,         -- all groups of the PN, as in PatientRecord
    patient_id TEXT NOT NULL,
    issuer_of_patient_id TEXT NOT NULL,
    patient_birth_date TEXT NOT NULL,
    patient_sex TEXT NOT NULL,
    study_date TEXT NOT NULL,
    study_time TEXT NOT NULL,
    study_description TEXT NOT NULL,
    accession_number TEXT NOT NULL,
    search TEXT NOT NULL,               -- cache.search.folded() of every text a person looks for, joined by newlines
    name_order TEXT NOT NULL,           -- cache.search.folded() of the name, for sorting
    modalities TEXT NOT NULL DEFAULT '',-- distinct, sorted, separated by backslashes
    series INTEGER NOT NULL DEFAULT 0,  -- the counts are made again for each study that a batch touches
    instances INTEGER NOT NULL DEFAULT 0,
    frames INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0, -- instances whose file is gone or damaged
    source TEXT NOT NULL DEFAULT '',    -- in words (cache.studies.source_words), made again with the counts
    added_at REAL NOT NULL,             -- seconds since 1970, of its first instance
    UNIQUE (study_instance_uid, patient_key)
) STRICT;
CREATE INDEX study_by_date ON study (study_date, study_time);
CREATE INDEX study_by_name ON study (name_order);
CREATE INDEX study_by_patient ON study (patient_id);

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    study INTEGER NOT NULL REFERENCES study ON DELETE CASCADE,
    series_instance_uid TEXT NOT NULL,
    modality TEXT NOT NULL,
    series_number INTEGER,
    series_description TEXT NOT NULL,
    body_part_examined TEXT NOT NULL,
    laterality TEXT NOT NULL,
    instances INTEGER NOT NULL DEFAULT 0,
    UNIQUE (study, series_instance_uid)
) STRICT;

CREATE TABLE instance (
    sop_instance_uid TEXT PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
    object TEXT,                        -- SHA-256 in hex of a file of obj/, NULL for a file that stays in place
    path BLOB,                          -- os.fsencode() of a file that stays in place, NULL for an object
    bytes INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,       -- of a file in place when it was read; 0 for an object
    state INTEGER NOT NULL DEFAULT 0,   -- cache.states.State: whole, missing, damaged, evicting
    record TEXT NOT NULL,               -- the rest of the InstanceRecord, JSON
    CHECK ((object IS NULL) <> (path IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX instance_by_series ON instance (series);
CREATE INDEX instance_by_object ON instance (object);

CREATE TABLE conflict (                 -- the same SOP Instance UID with other content: kept, shown, never in place of the first
    object TEXT PRIMARY KEY,            -- SHA-256 in hex; the object is kept
    sop_instance_uid TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    found_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
