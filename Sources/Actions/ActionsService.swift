public import Contracts
import RPC
public import Storage

/// Actions: what the young person does between appointments, and the week's hours.
///
/// Each method of `proto/passemploi/actions/v1/actions.proto` has a file of its own name.
public struct ActionsService: ActionsServer {
    let actions: ActionStore
    let weeks: WeekStore
    let now: @Sendable () -> Timestamp

    /// The service over its database; `now` is the clock.
    public init(database: Database, now: @escaping @Sendable () -> Timestamp) {
        actions = ActionStore(database: database)
        weeks = WeekStore(database: database)
        self.now = now
    }
}
