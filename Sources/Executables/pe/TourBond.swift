import ClientKit
import Contracts
import Foundation
import RPC

/// The bond between the two: messages with receipts both ways, appointments with reminders.
extension TourStage {
    func messages() async throws {
        print("Messages")
        try await exchange(from: counsellor, to: youngPerson, "Bonjour, comment avance le CV ?")
        try await exchange(from: youngPerson, to: counsellor, "Bonjour, il est presque fini.")
    }

    private func exchange(from: TourPerson, to: TourPerson, _ text: String) async throws {
        let id = youngPerson.person.id
        let sent = try await messaging.sendMessage(
            SendMessageRequest(id: Self.newID(), youngPersonID: id, text: text),
            options: from.options
        )
        print("  \(from.label) writes no. \(sent.sequence): « \(text) »")
        try await sees(to, MessageSent.self, "a message came") { $0.id == sent.id }
        let read = try await messaging.listMessages(
            ListMessagesRequest(youngPersonID: id, limit: 5),
            options: to.options
        )
        try expect(read.messages.first?.text == text, "the text as it was written")
        print("  \(to.label) reads: « \(text) »")
        try await acknowledge(sent, by: to, seenBy: from) {
            AcknowledgeMessagesRequest(youngPersonID: id, deliveredThrough: $0)
        }
        let delivered = try await message(sent, options: from.options)
        try expect(delivered.deliveredMs > 0 && delivered.readMs == 0, "delivered, not yet read")
        try await acknowledge(sent, by: to, seenBy: from) {
            AcknowledgeMessagesRequest(youngPersonID: id, readThrough: $0)
        }
        let seen = try await message(sent, options: from.options)
        try expect(seen.readMs > 0, "read")
        print(
            "  \(from.label) sees: sent \(Self.clock(seen.sentMs)), "
                + "delivered \(Self.clock(seen.deliveredMs)), read \(Self.clock(seen.readMs))"
        )
    }

    private func acknowledge(
        _ message: Message,
        by reader: TourPerson,
        seenBy writer: TourPerson,
        _ request: (UInt64) -> AcknowledgeMessagesRequest
    ) async throws {
        let wanted = request(message.sequence)
        _ = try await messaging.acknowledgeMessages(wanted, options: reader.options)
        let what = wanted.readThrough > 0 ? "read" : "delivered"
        try await sees(writer, ReceiptsMoved.self, "the message was \(what)") { moved in
            let position = moved.position ?? Position()
            return wanted.readThrough > 0
                ? position.readThrough >= message.sequence
                : position.deliveredThrough >= message.sequence
        }
    }

    private func message(_ sent: Message, options: CallOptions) async throws -> Message {
        let page = try await messaging.listMessages(
            ListMessagesRequest(youngPersonID: sent.youngPersonID, limit: 20),
            options: options
        )
        guard let found = page.messages.first(where: { $0.id == sent.id }) else {
            throw Failure.Message("Not seen: the message among the latest.")
        }
        return found
    }

    func appointments() async throws {
        print("Appointments")
        let requests: [(String, BookAppointmentRequest)] = [
            ("at the structure", booking(0, .atStructure)),
            (
                "at an address",
                booking(1, .atAddress, address: "12 place de la Mairie, 75011 Paris")
            ),
            ("by telephone", booking(2, .byTelephone, telephone: "01 99 00 12 34")),
            ("by video", booking(3, .byVideo, link: "https://visio.demo.example/salle")),
        ]
        var booked: [Appointment] = []
        for (label, request) in requests {
            let appointment = try await agenda.bookAppointment(request, options: counsellor.options)
            try await sees(youngPerson, AppointmentBooked.self, "an appointment \(label)") {
                $0.appointment?.id == appointment.id
            }
            let kinds = appointment.reminders.map(\.kind)
            try expect(kinds == [.weekBefore, .dayBefore], "a reminder a week and a day before")
            let times = appointment.reminders.map { Self.date($0.dueMs, appointment.timeZone) }
            print(
                "  \(Self.date(appointment.startMs, appointment.timeZone)) \(label); "
                    + "reminders \(times.joined(separator: ", "))"
            )
            booked.append(appointment)
        }
        try await moveAndCancel(booked)
        let listed = try await agenda.listAppointments(
            ListAppointmentsRequest(fromMs: booked[0].startMs - 1),
            options: youngPerson.options
        )
        let ids = Set(listed.appointments.map(\.id))
        try expect(booked.dropLast().allSatisfy { ids.contains($0.id) }, "all in the agenda")
        try expect(!ids.contains(booked[3].id), "the cancelled one gone from the agenda")
        try await noticed(booked)
    }

    private func moveAndCancel(_ booked: [Appointment]) async throws {
        let hour: Int64 = 3_600_000
        let moved = try await agenda.moveAppointment(
            MoveAppointmentRequest(
                id: booked[0].id,
                startMs: booked[0].startMs + hour,
                endMs: booked[0].endMs + hour
            ),
            options: counsellor.options
        )
        try await sees(youngPerson, AppointmentMoved.self, "the first is an hour later") {
            $0.appointment?.id == moved.id
        }
        let cancelled = try await agenda.cancelAppointment(
            CancelAppointmentRequest(id: booked[3].id, reason: "Conseiller absent"),
            options: counsellor.options
        )
        try await sees(youngPerson, AppointmentCancelled.self, "the last is cancelled") {
            $0.appointment?.id == cancelled.id
        }
    }

    private func noticed(_ booked: [Appointment]) async throws {
        try await until("the notices of the appointments") {
            let notices = try await messaging.listNotices(
                ListNoticesRequest(),
                options: youngPerson.options
            )
            let subjects = Set(notices.notices.map(\.subjectID))
            return booked.allSatisfy { subjects.contains($0.id) }
        }
        let notices = try await messaging.listNotices(
            ListNoticesRequest(limit: 1),
            options: youngPerson.options
        )
        print("  young person's latest notice: « \(notices.notices.first?.text ?? "") »")
        _ = try await messaging.markNoticesSeen(
            MarkNoticesSeenRequest(through: notices.notices.first?.sequence ?? 0),
            options: youngPerson.options
        )
    }

    private func booking(
        _ number: Int,
        _ modality: Modality,
        address: String = "",
        link: String = "",
        telephone: String = ""
    ) -> BookAppointmentRequest {
        // Ten days ahead, so that both reminders are still to come.
        let day: Int64 = 86_400_000
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let start = (now / day + 10) * day + (9 + Int64(number)) * 3_600_000
        return BookAppointmentRequest(
            id: Self.newID(),
            youngPersonID: youngPerson.person.id,
            title: "Point d'étape",
            modality: modality,
            address: address,
            link: link,
            telephone: telephone,
            startMs: start,
            endMs: start + 1_800_000
        )
    }

    static func clock(_ milliseconds: Int64) -> String { format(milliseconds, "HH:mm:ss", "UTC") }

    static func date(_ milliseconds: Int64, _ zone: String) -> String {
        format(milliseconds, "yyyy-MM-dd HH:mm", zone)
    }

    private static func format(_ milliseconds: Int64, _ format: String, _ zone: String) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = format
        formatter.timeZone = TimeZone(identifier: zone)
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1_000))
    }
}
