import Storage

extension OffersSchema {
    /// Saved searches, the offers that wait to be compared with them, and suggestions.
    ///
    /// Each new offer gets the next number in `offer_arrival` in the transaction that stores it.
    /// `alert_state.compared` tells up to which number offers were compared with the searches; those
    /// before are dropped. `saved_search.compared` tells it for one search: what it was saved after,
    /// or found already, is not found again. `revision` rises with each change of a search, so that
    /// the index in memory can follow; a deleted search stays until it has.
    static let alerts = Migration(
        "alerts",
        """
        CREATE TABLE offer_arrival (
            number INTEGER PRIMARY KEY,
            offer_id TEXT NOT NULL
        );
        CREATE TABLE alert_state (
            id BIGINT PRIMARY KEY CHECK (id = 1),
            arrivals BIGINT NOT NULL,
            compared BIGINT NOT NULL CHECK (compared <= arrivals),
            searches BIGINT NOT NULL CHECK (searches >= 0),
            revision BIGINT NOT NULL
        );
        INSERT INTO alert_state (id, arrivals, compared, searches, revision)
            VALUES (1, 0, 0, 0, 0);
        CREATE TABLE saved_search (
            id TEXT PRIMARY KEY,
            young_person_id TEXT NOT NULL,
            search BLOB NOT NULL,
            saved_ms BIGINT NOT NULL,
            revision BIGINT NOT NULL,
            deleted BIGINT NOT NULL CHECK (deleted IN (0, 1)),
            compared BIGINT NOT NULL,
            found BIGINT NOT NULL,
            found_ms BIGINT NOT NULL,
            latest BLOB NOT NULL
        );
        CREATE UNIQUE INDEX saved_search_by_revision ON saved_search (revision);
        CREATE INDEX saved_search_of_person ON saved_search (young_person_id, saved_ms, id);
        CREATE TABLE suggestion (
            id TEXT PRIMARY KEY,
            young_person_id TEXT NOT NULL,
            counsellor_id TEXT NOT NULL,
            state BIGINT NOT NULL CHECK (state BETWEEN 1 AND 3),
            offer_id TEXT REFERENCES offer (id),
            search BLOB,
            suggested_ms BIGINT NOT NULL,
            answered_ms BIGINT NOT NULL,
            CHECK ((offer_id IS NULL) <> (search IS NULL))
        );
        CREATE INDEX suggestion_latest ON suggestion (young_person_id, suggested_ms, id);
        """
    )

    /// How young people pursue offers, and whether they show it.
    ///
    /// Days are text, empty for steps not made. `counted` tells that the application was told to the
    /// feed, which happens once. What was saved before this table was is taken over.
    static let pursuits = Migration(
        "pursuits",
        """
        CREATE TABLE pursuit (
            young_person_id TEXT NOT NULL,
            offer_id TEXT NOT NULL REFERENCES offer (id),
            seen_on TEXT NOT NULL,
            saved_on TEXT NOT NULL,
            applied_on TEXT NOT NULL,
            interview_on TEXT NOT NULL,
            answered_on TEXT NOT NULL,
            answer BIGINT NOT NULL CHECK (answer BETWEEN 0 AND 2),
            question BIGINT NOT NULL CHECK (question BETWEEN 0 AND 2),
            counted BIGINT NOT NULL CHECK (counted IN (0, 1)),
            updated_ms BIGINT NOT NULL,
            PRIMARY KEY (young_person_id, offer_id),
            CHECK ((answer = 0) = (answered_on = ''))
        );
        CREATE INDEX pursuit_latest ON pursuit (young_person_id, updated_ms, offer_id);
        INSERT INTO pursuit
            SELECT young_person_id, offer_id, '', date(saved_ms / 1000, 'unixepoch'), '', '', '',
                0, 0, 0, saved_ms
            FROM favourite;
        CREATE TABLE sharing (
            young_person_id TEXT PRIMARY KEY,
            shared BIGINT NOT NULL CHECK (shared IN (0, 1))
        );
        """
    )
}
