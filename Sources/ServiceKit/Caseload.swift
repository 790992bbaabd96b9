public import Contracts
import RPC
public import Storage

/// A service's own copy of who follows whom, fed by accounts' change feed.
///
/// With it no service asks another while it answers a person. The copy follows within moments; a
/// young person whose account is newer than the copy is not visible yet.
public enum Caseload {
    /// The copy's tables; first in a service's migrations.
    public static let migration = Migration(
        "caseload",
        """
        CREATE TABLE caseload_structure (
            id TEXT PRIMARY KEY,
            time_zone TEXT NOT NULL
        );
        CREATE TABLE caseload_counsellor (
            id TEXT PRIMARY KEY,
            structure_id TEXT NOT NULL
        );
        CREATE TABLE caseload_young_person (
            id TEXT PRIMARY KEY,
            counsellor_id TEXT NOT NULL,
            structure_id TEXT NOT NULL,
            first_name TEXT NOT NULL,
            last_name TEXT NOT NULL
        );
        CREATE INDEX caseload_by_counsellor ON caseload_young_person (counsellor_id, id);
        """
    )

    /// The changes of accounts' feed from which the copy is made.
    public static let kinds = [
        StructureChanged.fullName, CounsellorChanged.fullName, YoungPersonChanged.fullName,
    ]

    /// A young person as the services know them.
    public struct Member: Sendable, Equatable {
        /// The young person.
        public let youngPersonID: String
        /// Their present counsellor.
        public let counsellorID: String
        /// Their structure.
        public let structureID: String
        /// Their first name.
        public let firstName: String
        /// Their last name.
        public let lastName: String
        /// IANA name of the structure's zone, in which the young person reads dates.
        public let timeZone: String
    }

    /// The young person `id`, if `caller` may see what is theirs: themselves and their present
    /// counsellor.
    ///
    /// - Throws: PERMISSION_DENIED for anyone else and for an unknown id alike, so that the answer
    ///   does not tell whether the person exists.
    public static func member(
        _ id: String,
        for caller: Caller,
        in queries: some Queries
    ) throws -> Member {
        if let member = try find(id, in: queries) {
            switch caller {
            case .youngPerson(id), .counsellor(member.counsellorID): return member
            default: break
            }
        }
        throw RPCError(
            .permissionDenied,
            caller == .youngPerson(id)
                ? "Your account is not ready yet; try again in a moment."
                : "This young person is not in your caseload."
        )
    }

    /// The young person `id`, whoever asks; `nil` if unknown.
    public static func find(_ id: String, in queries: some Queries) throws -> Member? {
        try queries.row("\(select) WHERE p.id = ?", [.text(id)]).map(member)
    }

    /// A counsellor's young people, by id.
    public static func members(
        of counsellorID: String,
        in queries: some Queries
    ) throws -> [Member] {
        try queries.rows(
            "\(select) WHERE p.counsellor_id = ? ORDER BY p.id",
            [.text(counsellorID)]
        ).map(member)
    }

    /// The time zone of a counsellor's structure; `nil` if the counsellor is unknown.
    public static func timeZone(
        ofCounsellor id: String,
        in queries: some Queries
    ) throws -> String? {
        try queries.row(
            """
            SELECT s.time_zone AS time_zone FROM caseload_counsellor c
            JOIN caseload_structure s ON s.id = c.structure_id WHERE c.id = ?
            """,
            [.text(id)]
        )?.text("time_zone")
    }

    /// Brings one change of accounts' feed into the copy.
    ///
    /// Applying it again changes nothing.
    public static func apply(_ change: Change, in transaction: Transaction) throws {
        switch change.kind {
        case StructureChanged.fullName:
            let body = try StructureChanged(serializedBytes: change.body)
            guard let structure = body.structure else { return }
            try transaction.execute(
                """
                INSERT INTO caseload_structure (id, time_zone) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET time_zone = excluded.time_zone
                """,
                [.text(structure.id), .text(structure.timeZone)]
            )
        case CounsellorChanged.fullName:
            let body = try CounsellorChanged(serializedBytes: change.body)
            guard let person = body.counsellor else { return }
            try transaction.execute(
                """
                INSERT INTO caseload_counsellor (id, structure_id) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET structure_id = excluded.structure_id
                """,
                [.text(person.id), .text(person.structure?.id ?? "")]
            )
        case YoungPersonChanged.fullName:
            let body = try YoungPersonChanged(serializedBytes: change.body)
            if let person = body.youngPerson { try store(person, in: transaction) }
        default:
            break
        }
    }

    private static let select = """
        SELECT p.id AS id, p.counsellor_id AS counsellor_id, p.structure_id AS structure_id,
            p.first_name AS first_name, p.last_name AS last_name, s.time_zone AS time_zone
        FROM caseload_young_person p JOIN caseload_structure s ON s.id = p.structure_id
        """

    private static func store(_ person: Person, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO caseload_young_person
                (id, counsellor_id, structure_id, first_name, last_name) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET counsellor_id = excluded.counsellor_id,
                structure_id = excluded.structure_id, first_name = excluded.first_name,
                last_name = excluded.last_name
            """,
            [
                .text(person.id), .text(person.counsellorID), .text(person.structure?.id ?? ""),
                .text(person.firstName), .text(person.lastName),
            ]
        )
    }

    private static func member(_ row: Row) throws -> Member {
        Member(
            youngPersonID: try row.text("id"),
            counsellorID: try row.text("counsellor_id"),
            structureID: try row.text("structure_id"),
            firstName: try row.text("first_name"),
            lastName: try row.text("last_name"),
            timeZone: try row.text("time_zone")
        )
    }
}
