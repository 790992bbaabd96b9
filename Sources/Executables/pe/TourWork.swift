import ClientKit
import Contracts
import RPC

/// What the young person does: actions and hours, offers and applications; and the first pages.
extension TourStage {
    func actions() async throws {
        print("Actions")
        let id = youngPerson.person.id
        let catalogue = try await actionsClient.listCatalogue(
            ListCatalogueRequest(),
            options: counsellor.options
        )
        try expect(catalogue.entries.count == 20, "a catalogue of 20")
        let before = try await actionsClient.getWeek(
            GetWeekRequest(youngPersonID: id),
            options: youngPerson.options
        )
        let picked = try await assign(ActionContent(catalogueID: "mettre-a-jour-cv"))
        let custom = try await assign(
            ActionContent(
                content: "Renouveler une demande de logement",
                category: .logement,
                estimatedMinutes: 90
            )
        )
        let own = try await actionsClient.addAction(
            AddActionRequest(
                id: Self.newID(),
                content: ActionContent(content: "Visiter un salon de l'emploi", category: .emploi)
            ),
            options: youngPerson.options
        )
        print("  young person adds: « \(own.content) »")
        try await report(picked, .inProgress, .percent(40), minutes: 60)
        try await report(custom, .inProgress, .steps(Steps(done: 1, total: 3)), minutes: nil)
        try await report(picked, .done, .percent(100), minutes: 180)
        let after = try await actionsClient.getWeek(
            GetWeekRequest(youngPersonID: id),
            options: counsellor.options
        )
        try expect(
            after.doneMinutes == before.doneMinutes + 180,
            "three hours more in the week, also on the counsellor's side"
        )
        print(
            "  this week: \(after.doneMinutes / 60) h \(after.doneMinutes % 60) min done of "
                + "\(after.targetMinMinutes / 60) to \(after.targetMaxMinutes / 60) h"
        )
    }

    private func assign(_ content: ActionContent) async throws -> Action {
        let answer = try await actionsClient.assignAction(
            AssignActionRequest(
                assignments: [
                    Assignment(id: Self.newID(), youngPersonID: youngPerson.person.id)
                ],
                content: content
            ),
            options: counsellor.options
        )
        guard let action = answer.actions.first else {
            throw Failure.Message("Not seen: the assigned action.")
        }
        try await sees(youngPerson, ActionAssigned.self, "« \(action.content) »") {
            $0.action?.id == action.id
        }
        return action
    }

    private func report(
        _ action: Action,
        _ status: ActionStatus,
        _ degree: Progress.Degree,
        minutes: UInt32?
    ) async throws {
        let updated = try await actionsClient.reportProgress(
            ReportProgressRequest(
                id: action.id,
                progress: Progress(status: status, degree: degree),
                doneMinutes: minutes
            ),
            options: youngPerson.options
        )
        let seen = try await actionsClient.getAction(
            GetActionRequest(id: action.id),
            options: counsellor.options
        )
        try expect(seen.progress == updated.progress, "the progress on the counsellor's side")
        print("  « \(action.content) » is \(Self.words(updated.progress))")
    }

    private static func words(_ progress: Progress?) -> String {
        let status = progress?.status.name ?? ""
        switch progress?.degree {
        case .percent(let percent): return "\(status), \(percent) %"
        case .steps(let steps): return "\(status), \(steps.done) of \(steps.total) steps"
        case nil: return status
        }
    }

    func offers() async throws {
        print("Offers")
        let kinds: [OfferKind] = [.job, .apprenticeship, .civicService, .immersion]
        for kind in kinds {
            let found = try await offersClient.searchOffers(
                SearchOffersRequest(kinds: [kind], place: "Paris", radiusKm: 30),
                options: youngPerson.options
            )
            try expect(found.total > 0, "offers of kind \(kind.name) around Paris")
            print("  \(kind.name): \(found.total) around Paris, first « \(found.offers[0].title) »")
        }
        let jobs = try await offersClient.searchOffers(
            SearchOffersRequest(words: "boulangerie vendeur", kinds: [.job], place: "Lyon"),
            options: youngPerson.options
        )
        guard let job = jobs.offers.first else {
            throw Failure.Message("Not seen: a job for \"boulangerie vendeur\" around Lyon.")
        }
        try await applyAndSave(job)
        let tools = try await offersClient.listTools(
            ListToolsRequest(),
            options: youngPerson.options
        )
        try expect(!tools.tools.isEmpty, "the toolbox")
        print("  toolbox: \(tools.tools.map(\.title).joined(separator: " · "))")
        let open = try await offersClient.searchOffers(SearchOffersRequest(words: "serveur"))
        try expect(open.total > 0, "offers without an account")
        print("  without an account: \(open.total) for « serveur »")
    }

    private func applyAndSave(_ job: OfferSummary) async throws {
        _ = try await offersClient.addFavourite(
            AddFavouriteRequest(offerID: job.id),
            options: youngPerson.options
        )
        let application = try await offersClient.applyToOffer(
            ApplyToOfferRequest(id: Self.newID(), offerID: job.id),
            options: youngPerson.options
        )
        print("  young person applies to « \(job.title) » at \(application.applyURL)")
        try await until("the application on the counsellor's side") {
            let listed = try await offersClient.listApplications(
                ListApplicationsRequest(youngPersonID: youngPerson.person.id),
                options: counsellor.options
            )
            return listed.applications.contains { $0.id == application.id }
        }
        print("  counsellor sees the application")
    }

    func firstPages() async throws {
        print("First pages")
        let own = try await home.get(GetHomeRequest(), options: youngPerson.options)
        guard case .youngPerson(let page) = own.home, own.missing.isEmpty else {
            throw Failure.Message("Not seen: the young person's whole first page.")
        }
        try expect(!page.appointments.isEmpty, "the next appointments")
        try expect(!page.actions.isEmpty, "what is to do")
        try expect(!page.favourites.isEmpty, "the saved offers")
        print(
            "  young person: \(page.appointments.count) appointments, \(page.openActions) actions "
                + "to do, \(page.unreadMessages) unread, \(page.favourites.count) saved offers"
        )
        let theirs = try await home.get(GetHomeRequest(), options: counsellor.options)
        guard case .counsellor(let desk) = theirs.home, theirs.missing.isEmpty else {
            throw Failure.Message("Not seen: the counsellor's whole first page.")
        }
        let id = youngPerson.person.id
        let entry = desk.caseload.first { $0.youngPerson?.id == id }
        try expect(entry?.nextAppointment != nil, "the young person's next appointment")
        print(
            "  counsellor: \(desk.caseload.count) young people, "
                + "\(desk.appointments.count) appointments today and tomorrow, "
                + "\(desk.unreadMessages) unread"
        )
    }
}
