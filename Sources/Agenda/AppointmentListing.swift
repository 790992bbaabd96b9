import Contracts
import RPC
import ServiceKit
import Storage

/// Which appointments a listing is about, and where its page begins.
struct AppointmentListing: Sendable {
    /// Empty for all of the caller's own.
    let youngPersonID: String
    let from: Timestamp
    /// The first instant behind the period; `nil` for a period without end.
    let to: Timestamp?
    let includesCancelled: Bool
    let limit: Int
    /// Start and id of the last appointment of the page before; `nil` on the first page.
    let after: (start: Timestamp, id: String)?

    /// Checks every field of a request.
    ///
    /// - Throws: INVALID_ARGUMENT naming the first bad field.
    init(_ request: ListAppointmentsRequest) throws(RPCError) {
        youngPersonID =
            request.youngPersonID.isEmpty
            ? "" : try Check.id(request.youngPersonID, "young_person_id")
        let mend = "must be milliseconds since 1970, up to the year 9999"
        let from = try Check.instant(request.fromMs, "from_ms", Slot.calendarYears, mend)
        self.from = from
        if request.toMs == 0 {
            to = nil
        } else {
            let to = try Check.instant(request.toMs, "to_ms", Slot.calendarYears, mend)
            guard from < to else { throw .badField("to_ms", "must be after from_ms, or 0") }
            self.to = to
        }
        includesCancelled = request.includeCancelled
        limit = try Check.limit(
            request.limit,
            "limit",
            default: Limits.pageDefault,
            max: Limits.pageMax
        )
        if request.cursor.isEmpty {
            after = nil
        } else {
            let parts = try Cursor.decode(request.cursor, count: 2)
            guard let startMs = Int64(parts[0]) else { throw Cursor.fault }
            after = (Timestamp(milliseconds: startMs), parts[1])
        }
    }
}

extension AppointmentStore {
    /// One page of a listing, by start and then id; `next` is empty on the last page.
    ///
    /// A page holds fewer than `limit` if that many would not fit into one message.
    /// Every appointment that stays where it is comes exactly once over the pages; one moved
    /// meanwhile may be missing or come twice.
    ///
    /// - Throws: PERMISSION_DENIED if the listing is about a young person whom `caller` may not
    ///   see, or the caller has no agenda.
    func page(
        _ listing: AppointmentListing,
        for caller: Caller
    ) async throws -> (appointments: [Appointment], next: String) {
        try await database.read { reader in
            let people = try Self.people(of: listing, for: caller, in: reader)
            // One more than asked for tells whether there is another page.
            let found = try Self.rows(of: listing, people: people, in: reader)
            let rows = Self.fitting(found.prefix(listing.limit))
            let reminders = try ReminderStore.present(of: rows.map(\.id), in: reader)
            let appointments = rows.map { $0.message(reminders: reminders[$0.id] ?? []) }
            guard found.count > rows.count, let last = rows.last else { return (appointments, "") }
            let next = Cursor.encode(["\(last.slot.start.milliseconds)", last.id])
            return (appointments, next)
        }
    }

    /// The first of these rows that fit into one message; at least one.
    private static func fitting(_ rows: ArraySlice<AppointmentRow>) -> ArraySlice<AppointmentRow> {
        var bytes = 0
        let fitting = rows.prefix { row in
            bytes += row.bytesMax
            return bytes <= Limits.pageBytesMax
        }
        return fitting.isEmpty ? rows.prefix(1) : fitting
    }

    /// The young people whose appointments are listed.
    private static func people(
        of listing: AppointmentListing,
        for caller: Caller,
        in queries: some Queries
    ) throws -> [String] {
        if !listing.youngPersonID.isEmpty {
            return [
                try Caseload.member(listing.youngPersonID, for: caller, in: queries).youngPersonID
            ]
        }
        switch caller {
        case .youngPerson(let id): return [id]
        case .counsellor(let id):
            return try Caseload.members(of: id, in: queries).map(\.youngPersonID)
        default: throw AgendaError.noAgenda
        }
    }

    private static func rows(
        of listing: AppointmentListing,
        people: [String],
        in queries: some Queries
    ) throws -> [AppointmentRow] {
        guard let list = IDList(people) else { return [] }
        // The bound on `start_ms` follows from that on `end_ms`; with it the index does the work.
        return try queries.rows(
            """
            SELECT \(AppointmentRow.columns) FROM appointment
            WHERE young_person_id IN (\(list.marks))
                AND start_ms > ? AND end_ms > ? AND start_ms < ? AND state <= ?
                AND (start_ms, id) > (?, ?)
            ORDER BY start_ms, id LIMIT ?
            """,
            list.arguments + [
                .integer(listing.from.milliseconds - Limits.appointmentMsMax),
                SQLValue(listing.from),
                .integer(listing.to?.milliseconds ?? .max),
                SQLValue(
                    listing.includesCancelled
                        ? AppointmentState.cancelled.rawValue : AppointmentState.booked.rawValue
                ),
                .integer(listing.after?.start.milliseconds ?? .min),
                .text(listing.after?.id ?? ""),
                SQLValue(listing.limit + 1),
            ]
        ).map(AppointmentRow.init)
    }
}
