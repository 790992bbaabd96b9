import Contracts
import RPC
import ServiceKit
import Storage

extension HomeService {
    private static let upcomingMax: UInt32 = 500
    private static let appointmentsMax = 50
    /// "Today and tomorrow", wherever the counsellor's day begins.
    private static let appointmentsWithin = Duration.seconds(48 * 3_600)

    /// The counsellor's page: the caseload sorted by who waits, and the next appointments.
    func counsellor(_ options: CallOptions) async -> GetHomeResponse {
        let now = now()
        async let people = part("accounts") {
            try await accounts.listCaseload(ListCaseloadRequest(), options: options)
        }
        async let conversations = part("messaging") {
            try await messaging.listConversations(ListConversationsRequest(), options: options)
        }
        async let notices = part("messaging") {
            try await messaging.listNotices(ListNoticesRequest(limit: 1), options: options)
        }
        async let weeks = part("actions") {
            try await actions.listWeeks(ListWeeksRequest(), options: options)
        }
        async let upcoming = part("agenda") {
            try await agenda.listAppointments(
                ListAppointmentsRequest(fromMs: now.milliseconds, limit: Self.upcomingMax),
                options: options
            )
        }
        let (peoplePart, talkPart, noticePart) = await (people, conversations, notices)
        let (weekPart, agendaPart) = await (weeks, upcoming)
        let talks = talkPart.value?.conversations ?? []
        let appointments = agendaPart.value?.appointments ?? []
        let soon = (now + Self.appointmentsWithin).milliseconds
        let page = CounsellorHome(
            caseload: Self.caseload(
                peoplePart.value?.youngPeople ?? [],
                talks,
                weekPart.value?.weeks ?? [],
                appointments
            ),
            appointments: Array(
                appointments.filter { $0.startMs < soon }.prefix(Self.appointmentsMax)
            ),
            unreadMessages: talks.reduce(0) { $0 + $1.unread },
            unseenNotices: noticePart.value?.unseen ?? 0
        )
        return GetHomeResponse(
            home: .counsellor(page),
            missing: Self.distinct([
                peoplePart.missing, talkPart.missing, noticePart.missing, weekPart.missing,
                agendaPart.missing,
            ])
        )
    }

    /// Joins what the services know of each young person, who waits first: unread messages, then
    /// late actions, then the longest silence, then the name.
    static func caseload(
        _ people: [Person],
        _ conversations: [Conversation],
        _ weeks: [CaseloadWeek],
        _ appointments: [Appointment]
    ) -> [CaseloadEntry] {
        let talks = Dictionary(conversations.map { ($0.youngPersonID, $0) }) { first, _ in first }
        let hours = Dictionary(weeks.map { ($0.week?.youngPersonID ?? "", $0) }) { first, _ in first
        }
        let next = Dictionary(appointments.map { ($0.youngPersonID, $0) }) { first, _ in first }
        let entries = people.map { person in
            CaseloadEntry(
                youngPerson: person,
                unreadMessages: talks[person.id]?.unread ?? 0,
                lastMessageMs: talks[person.id]?.lastSentMs ?? 0,
                openActions: hours[person.id]?.openActions ?? 0,
                lateActions: hours[person.id]?.lateActions ?? 0,
                week: hours[person.id]?.week,
                nextAppointment: next[person.id]
            )
        }
        return entries.sorted { left, right in
            if left.unreadMessages != right.unreadMessages {
                return left.unreadMessages > right.unreadMessages
            }
            if left.lateActions != right.lateActions { return left.lateActions > right.lateActions }
            if left.lastMessageMs != right.lastMessageMs {
                return left.lastMessageMs < right.lastMessageMs
            }
            return name(left) < name(right)
        }
    }

    private static func name(_ entry: CaseloadEntry) -> String {
        "\(entry.youngPerson?.lastName ?? "") \(entry.youngPerson?.firstName ?? "")"
    }
}
