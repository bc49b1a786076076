-- work.db: what exists nowhere else. Never evicted, never rebuilt, backed up before each migration.
CREATE TABLE arrival (                  -- where each object came from; written before the index knows of it
    object TEXT PRIMARY KEY,            -- SHA-256 in hex
    source TEXT NOT NULL,               -- in words: "folder CT-12", "CD", "PACS Archive"
    origin INTEGER NOT NULL,            -- 1: it may exist nowhere else (a CD, a zip, made here); 0: it can be fetched again
    arrived_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE link (                     -- files that stay in place
    path BLOB PRIMARY KEY,              -- os.fsencode()
    sop_instance_uid TEXT NOT NULL,
    source TEXT NOT NULL,
    linked_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE study_fact (               -- what people did with a study
    study_instance_uid TEXT NOT NULL,
    patient_key TEXT NOT NULL,
    opened_at REAL,
    pinned INTEGER NOT NULL DEFAULT 0,
    deleted_at REAL,                    -- by a person; can be undone until the trash is emptied
    expected_instances INTEGER,         -- as a PACS told
    PRIMARY KEY (study_instance_uid, patient_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (                   -- what is to be sent to a peer, and was
    id INTEGER PRIMARY KEY,
    peer TEXT NOT NULL,
    sop_instance_uid TEXT NOT NULL,
    state TEXT NOT NULL,                -- queued, sent, committed, failed
    reason TEXT NOT NULL DEFAULT '',
    changed_at REAL NOT NULL,
    UNIQUE (peer, sop_instance_uid)
) STRICT;
CREATE TABLE transfer (                 -- retrieves and sends, resumed after a restart
    id INTEGER PRIMARY KEY,
    job TEXT NOT NULL,                  -- JSON: what was asked for
    state TEXT NOT NULL,                -- waiting, running, paused, complete, short, failed, cancelled
    report TEXT NOT NULL DEFAULT '{}',  -- JSON: how far it is and what is missing
    created_at REAL NOT NULL,
    changed_at REAL NOT NULL
) STRICT;
CREATE TABLE journal (                  -- annotations, append-only: one row a finished gesture
    id INTEGER PRIMARY KEY,
    study_instance_uid TEXT NOT NULL,
    edit TEXT NOT NULL,                 -- JSON
    made_at REAL NOT NULL
) STRICT;
CREATE TABLE audit (                    -- PS3.15 A.5: who did what; ids only, each row chained to the one before
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL,
    detail TEXT NOT NULL,               -- JSON
    happened_at REAL NOT NULL,
    chain TEXT NOT NULL
) STRICT;
