public import Storage

/// The tables of accounts, as frozen SQL.
public enum AccountsSchema {
    /// All migrations, in the order in which they run.
    public static let migrations = [
        Migration(
            "accounts",
            """
            CREATE TABLE structure (
                id TEXT PRIMARY KEY,
                name TEXT NOT NULL,
                name_key TEXT NOT NULL UNIQUE,
                time_zone TEXT NOT NULL
            );
            CREATE TABLE person (
                id TEXT PRIMARY KEY,
                role TEXT NOT NULL CHECK (role IN ('YOUNG_PERSON', 'COUNSELLOR', 'SUPERVISOR')),
                first_name TEXT NOT NULL,
                last_name TEXT NOT NULL,
                email TEXT NOT NULL,
                email_key TEXT NOT NULL UNIQUE,
                structure_id TEXT NOT NULL REFERENCES structure (id),
                counsellor_id TEXT REFERENCES person (id),
                password_hash TEXT,
                CHECK ((role = 'YOUNG_PERSON') = (counsellor_id IS NOT NULL))
            );
            CREATE INDEX person_by_counsellor ON person (counsellor_id, id);
            CREATE INDEX person_by_role ON person (role, id);
            CREATE TABLE activation_code (
                person_id TEXT PRIMARY KEY REFERENCES person (id),
                code_hash BLOB NOT NULL,
                expires_ms BIGINT NOT NULL
            );
            CREATE TABLE session (
                id TEXT PRIMARY KEY,
                token_hash BLOB NOT NULL UNIQUE,
                person_id TEXT NOT NULL REFERENCES person (id),
                device TEXT NOT NULL,
                opened_ms BIGINT NOT NULL,
                used_ms BIGINT NOT NULL,
                expires_ms BIGINT NOT NULL,
                ended_ms BIGINT
            );
            CREATE INDEX session_by_person ON session (person_id, opened_ms);
            CREATE INDEX session_by_expiry ON session (expires_ms);
            CREATE TABLE sign_in_failure (
                day BIGINT NOT NULL,
                account TEXT NOT NULL,
                tries BIGINT NOT NULL,
                PRIMARY KEY (day, account)
            );
            """
        )
    ]
}
