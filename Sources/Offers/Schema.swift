import ServiceKit
public import Storage

/// The tables of the offers service.
public enum OffersSchema {
    /// Its migrations, in order; frozen once released.
    public static let migrations: [Migration] = [
        Caseload.migration, offers, people, communes, alerts, pursuits, searchIndex, twins, sources,
    ]

    /// What is known of offers, and the search index, which can be made anew from it.
    ///
    /// The index is `offer_document` and `offer_words`. `offer_document.doc` rises with the time of
    /// publication, so that walking the index backwards finds the newest first. `offer_words` holds
    /// analysed tokens only: of titles, of texts, and of what filters ask for.
    private static let offers = Migration(
        "offers",
        """
        CREATE TABLE offer (
            id TEXT PRIMARY KEY,
            doc BIGINT NOT NULL,
            source BIGINT NOT NULL,
            siret TEXT NOT NULL,
            content_hash BIGINT NOT NULL,
            closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
            detail BLOB NOT NULL
        );
        CREATE TABLE offer_document (
            doc INTEGER PRIMARY KEY,
            latitude DOUBLE PRECISION,
            longitude DOUBLE PRECISION,
            summary BLOB NOT NULL
        );
        CREATE VIRTUAL TABLE offer_words USING fts5 (
            title, body, tags,
            content = '', columnsize = 0, detail = column, tokenize = 'ascii'
        );
        """
    )

    private static let people = Migration(
        "people",
        """
        CREATE TABLE favourite (
            young_person_id TEXT NOT NULL,
            offer_id TEXT NOT NULL REFERENCES offer (id),
            saved_ms BIGINT NOT NULL,
            PRIMARY KEY (young_person_id, offer_id)
        );
        CREATE INDEX favourite_latest ON favourite (young_person_id, saved_ms, offer_id);
        CREATE TABLE application (
            id TEXT PRIMARY KEY,
            young_person_id TEXT NOT NULL,
            offer_id TEXT NOT NULL REFERENCES offer (id),
            company TEXT NOT NULL,
            state BIGINT NOT NULL,
            apply_url TEXT NOT NULL,
            message TEXT NOT NULL,
            applied_ms BIGINT NOT NULL
        );
        CREATE INDEX application_latest ON application (young_person_id, applied_ms, id);
        """
    )

    /// Which offers are the same job.
    ///
    /// `traits` and `twin_key` are made anew from the offer whenever it
    /// changes. A group's members bear the id of the one that leads; an offer alone bears none.
    private static let twins = Migration(
        "twins",
        """
        CREATE TABLE offer_twin (
            id TEXT PRIMARY KEY,
            lead_id TEXT,
            traits BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX offer_twin_group ON offer_twin (lead_id) WHERE lead_id IS NOT NULL;
        CREATE TABLE offer_twin_key (
            twin_key BIGINT NOT NULL,
            id TEXT NOT NULL,
            PRIMARY KEY (twin_key, id)
        ) WITHOUT ROWID;
        """
    )

    /// How each source is doing, and what its last complete file lacked.
    private static let sources = Migration(
        "sources",
        """
        CREATE TABLE offer_source (
            source BIGINT PRIMARY KEY,
            open_count BIGINT NOT NULL DEFAULT 0,
            run_ms BIGINT NOT NULL DEFAULT 0,
            complete_ms BIGINT NOT NULL DEFAULT 0,
            created BIGINT NOT NULL DEFAULT 0,
            changed BIGINT NOT NULL DEFAULT 0,
            same BIGINT NOT NULL DEFAULT 0,
            refused BIGINT NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            missing BIGINT NOT NULL DEFAULT 0,
            is_accepted BIGINT NOT NULL DEFAULT 0 CHECK (is_accepted IN (0, 1))
        );
        INSERT INTO offer_source (source, open_count)
        SELECT source, SUM(1 - closed) FROM offer GROUP BY source;
        CREATE TABLE offer_missing (
            source BIGINT NOT NULL,
            id TEXT NOT NULL,
            PRIMARY KEY (source, id)
        );
        """
    )

    private static let communes = Migration(
        "communes",
        """
        CREATE TABLE commune (
            insee TEXT NOT NULL,
            postal_code TEXT NOT NULL,
            name TEXT NOT NULL,
            department TEXT NOT NULL,
            latitude DOUBLE PRECISION NOT NULL,
            longitude DOUBLE PRECISION NOT NULL,
            population BIGINT NOT NULL CHECK (population >= 0),
            PRIMARY KEY (insee, postal_code)
        );
        """
    )

    /// The search index of `Sources/Offers/Search/Index`, in the place of one of SQLite's own.
    ///
    /// An offer with `doc` 0 that is not closed waits to be indexed: all of them do after this step.
    private static let searchIndex = Migration(
        "search-index",
        """
        DROP TABLE offer_words;
        DROP TABLE offer_document;
        CREATE TABLE offer_document (
            doc INTEGER PRIMARY KEY,
            summary BLOB NOT NULL
        );
        CREATE TABLE search_segment (
            first_doc BIGINT PRIMARY KEY,
            last_doc BIGINT NOT NULL,
            data BLOB NOT NULL
        );
        CREATE TABLE search_gone (
            doc BIGINT PRIMARY KEY
        );
        UPDATE offer SET doc = 0;
        CREATE INDEX offer_unindexed ON offer (id) WHERE doc = 0 AND closed = 0;
        """
    )
}
