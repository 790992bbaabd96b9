import Contracts
import Foundation
import RPC
import Testing

extension ProcessTests {
    /// A service that is down takes nothing with it but its own part.
    @Suite struct NeighbourTests {
        @Test func theFirstPageNamesWhatIsMissing() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let stage = try await Stage(system)
                let home = HomeClient(stage.client)
                #expect(
                    try await home.get(GetHomeRequest(), options: stage.youngPerson).missing == []
                )
                for service in ["agenda", "actions", "offers", "messaging"] {
                    system.kill(service)
                    try await eventually("\(service) is named") {
                        let page = try await home.get(GetHomeRequest(), options: stage.youngPerson)
                        return page.missing.map(\.service) == [service]
                    }
                    try system.start(service)
                    try await system.healthy(service)
                    try await eventually("\(service) is back") {
                        let page = try await home.get(GetHomeRequest(), options: stage.youngPerson)
                        return page.missing.isEmpty
                    }
                }
            }
        }

        @Test func whatOneServiceMissedItCatchesUpWith() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let stage = try await Stage(system)
                system.kill("messaging")
                let now = Int64(Date().timeIntervalSince1970) * 1_000
                let booked = try await AgendaClient(stage.client).bookAppointment(
                    BookAppointmentRequest(
                        id: "0190b6e0-0000-7000-8000-0000000000f1",
                        youngPersonID: stage.youngPersonID,
                        modality: .byTelephone,
                        startMs: now + 864_000_000,
                        endMs: now + 865_800_000
                    ),
                    options: stage.counsellor
                )
                try system.start("messaging")
                try await eventually("the notice of the appointment") {
                    let page = try? await MessagingClient(stage.client).listNotices(
                        ListNoticesRequest(),
                        options: stage.youngPerson
                    )
                    return page?.notices.filter { $0.subjectID == booked.id }.count == 1
                }
            }
        }
    }
}
