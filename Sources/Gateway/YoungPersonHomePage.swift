import Contracts
import RPC
import ServiceKit
import Storage

extension HomeService {
    private static let appointmentsMax: UInt32 = 5
    private static let actionsMax: UInt32 = 20
    private static let favouritesMax: UInt32 = 5

    /// The young person's page: what comes next, what to do, the week's hours, what is new.
    func youngPerson(_ id: String, _ options: CallOptions) async -> GetHomeResponse {
        let now = now()
        async let appointments = part("agenda") {
            try await agenda.listAppointments(
                ListAppointmentsRequest(fromMs: now.milliseconds, limit: Self.appointmentsMax),
                options: options
            )
        }
        async let todo = part("actions") {
            try await actions.listActions(
                ListActionsRequest(
                    youngPersonID: id,
                    statuses: [.toDo, .inProgress],
                    limit: Self.actionsMax
                ),
                options: options
            )
        }
        async let week = part("actions") {
            try await actions.getWeek(GetWeekRequest(youngPersonID: id), options: options)
        }
        async let conversation = part("messaging") {
            try await messaging.getConversation(
                GetConversationRequest(youngPersonID: id),
                options: options
            )
        }
        async let notices = part("messaging") {
            try await messaging.listNotices(ListNoticesRequest(limit: 1), options: options)
        }
        async let favourites = part("offers") {
            try await offers.listFavourites(
                ListFavouritesRequest(limit: Self.favouritesMax),
                options: options
            )
        }
        let (agendaPart, todoPart, weekPart) = await (appointments, todo, week)
        let (talkPart, noticePart, offerPart) = await (conversation, notices, favourites)
        let page = YoungPersonHome(
            appointments: agendaPart.value?.appointments ?? [],
            actions: todoPart.value?.actions ?? [],
            lateActions: todoPart.value?.late ?? 0,
            openActions: todoPart.value?.open ?? 0,
            week: weekPart.value,
            unreadMessages: talkPart.value?.unread ?? 0,
            unseenNotices: noticePart.value?.unseen ?? 0,
            favourites: offerPart.value?.favourites ?? []
        )
        return GetHomeResponse(
            home: .youngPerson(page),
            missing: Self.distinct([
                agendaPart.missing, todoPart.missing, weekPart.missing, talkPart.missing,
                noticePart.missing, offerPart.missing,
            ])
        )
    }

    /// Each missing service once, in the order of the page.
    static func distinct(_ parts: [MissingPart?]) -> [MissingPart] {
        var seen: Set<String> = []
        return parts.compactMap { $0 }.filter { seen.insert($0.service).inserted }
    }
}
