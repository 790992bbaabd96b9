import RPC
import ServiceKit
import Storage

/// A half-open interval of time, from the start up to the end without it.
struct Slot: Equatable, Sendable {
    let start: Timestamp
    let end: Timestamp

    /// A slot already checked: one that was read back from the store.
    init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// Checks what a request says, as far as this does not depend on the present.
    ///
    /// - Throws: INVALID_ARGUMENT naming `start_ms` or `end_ms`.
    init(startMs: Int64, endMs: Int64) throws(RPCError) {
        // A start that was left out is the start's fault, not the end's.
        guard startMs != 0 else { throw .badField("start_ms", Self.startMend) }
        start = try Check.instant(startMs, "start_ms", Self.calendarYears, Self.startMend)
        end = try Check.instant(endMs, "end_ms", Self.calendarYears, Self.endMend)
        // Both are in range, so the difference cannot overflow.
        guard (1...Limits.appointmentMsMax).contains(endMs - startMs) else {
            throw .badField("end_ms", Self.endMend)
        }
    }

    /// Refuses a start too long ago or too far ahead.
    ///
    /// Apart from `init`, because a retry of what was accepted once must not fail for its age.
    ///
    /// - Throws: INVALID_ARGUMENT naming `start_ms`.
    func checkReach(at now: Timestamp) throws(RPCError) {
        let reach = now - Limits.startsBackMax...now + Limits.startsAheadMax
        _ = try Check.instant(start.milliseconds, "start_ms", reach, Self.startMend)
    }

    /// 1970 to 9999: the years in which calendars can count.
    static let calendarYears =
        Timestamp(milliseconds: 0)...Timestamp(milliseconds: 253_402_300_799_999)
    private static let startMend = "must be from one year back to two years ahead"
    private static let endMend = "must be after start_ms, by at most 24 hours"
}
