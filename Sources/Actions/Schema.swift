import ServiceKit
public import Storage

/// The tables of actions.
public enum ActionsSchema {
    /// All migrations, oldest first; frozen once released.
    public static let migrations = [
        Caseload.migration,
        Migration(
            "actions",
            """
            CREATE TABLE action (
                id TEXT PRIMARY KEY,
                young_person_id TEXT NOT NULL,
                creator_id TEXT NOT NULL,
                assigned BIGINT NOT NULL CHECK (assigned IN (0, 1)),
                catalogue_id TEXT NOT NULL,
                content TEXT NOT NULL,
                description TEXT NOT NULL,
                category BIGINT NOT NULL,
                due_date TEXT NOT NULL,
                estimated_minutes BIGINT NOT NULL CHECK (estimated_minutes >= 0),
                done_minutes BIGINT NOT NULL CHECK (done_minutes >= 0),
                status BIGINT NOT NULL CHECK (status BETWEEN 1 AND 4),
                percent BIGINT CHECK (percent BETWEEN 0 AND 100),
                steps_done BIGINT,
                steps_total BIGINT,
                created_ms BIGINT NOT NULL,
                updated_ms BIGINT NOT NULL,
                sort_key TEXT NOT NULL,
                CHECK (percent IS NULL OR steps_total IS NULL),
                CHECK ((steps_done IS NULL) = (steps_total IS NULL)),
                CHECK (steps_done <= steps_total)
            );
            CREATE UNIQUE INDEX action_in_order ON action (young_person_id, sort_key, id);
            CREATE INDEX action_by_due_date ON action (young_person_id, due_date);
            CREATE TABLE work (
                action_id TEXT NOT NULL REFERENCES action (id),
                day TEXT NOT NULL,
                young_person_id TEXT NOT NULL,
                minutes BIGINT NOT NULL CHECK (minutes > 0),
                PRIMARY KEY (action_id, day)
            );
            CREATE INDEX work_by_day ON work (young_person_id, day);
            """
        ),
        // The action that each application counts as: at most one for a young person and an offer.
        Migration(
            "applications",
            """
            CREATE TABLE application_action (
                young_person_id TEXT NOT NULL,
                offer_id TEXT NOT NULL,
                action_id TEXT NOT NULL REFERENCES action (id),
                PRIMARY KEY (young_person_id, offer_id)
            );
            """
        ),
    ]
}
