/// The bounds of actions, with unit and reason.
enum Limits {
    /// Characters of an action's content and of its description.
    static let textCharactersMax = 1_024
    /// Young people that one assignment may reach: a counsellor follows 40, at most 80.
    static let assignmentsMax = 100
    /// Minutes that one action may be meant to take or have taken: 100 hours, five full weeks of
    /// the promise.
    static let minutesMax = 6_000
    /// Steps of an action.
    static let stepsMax: UInt32 = 1_000
    /// Days ahead that an action may be due: two years.
    static let dueDaysMax = 731
    /// Days before its creation for which time may be reported on an action: it is often written
    /// down afterwards.
    static let reportedBeforeCreationDaysMax = 31
    /// Actions in one page.
    static let pageMax = 500
    /// Actions in a page if the caller says nothing.
    static let pageDefault = 100
    /// The promise's lower bound a week: 15 hours.
    static let targetMinutesMin: UInt32 = 900
    /// The promise's upper bound a week: 20 hours.
    static let targetMinutesMax: UInt32 = 1_200
}
