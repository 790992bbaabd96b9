public import Contracts
import RPC
import ServiceKit
public import Storage

/// The agenda: who meets whom, when and how.
///
/// One file per method, of the method's name. The present is `now()`, read once per call.
public struct AgendaService: AgendaServer {
    let appointments: AppointmentStore
    let bell: ReminderBell
    let now: @Sendable () -> Timestamp

    /// The service on a database with `AgendaSchema.migrations`.
    ///
    /// - Parameters:
    ///   - database: the agenda's own database.
    ///   - bell: rung after each new date, for the `ReminderClock` that shares it.
    ///   - now: the clock.
    public init(
        database: Database,
        bell: ReminderBell = ReminderBell(),
        now: @escaping @Sendable () -> Timestamp
    ) {
        appointments = AppointmentStore(database: database)
        self.bell = bell
        self.now = now
    }

    /// The counsellor who calls.
    ///
    /// - Throws: `AgendaError.notCounsellor` for anyone else.
    func counsellorID(of call: CallContext) throws -> String {
        guard case .counsellor(let id) = call.caller else { throw AgendaError.notCounsellor }
        return id
    }
}
