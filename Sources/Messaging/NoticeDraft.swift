import Contracts
import RPC
import ServiceKit
import Storage

/// What one change tells one person, before it has a place among their notices.
///
/// Who hears of what: a message, its other side; an appointment booked, moved or cancelled, the
/// young person, as it is the counsellor who does so; a reminder and an assigned action, the young
/// person.
struct NoticeDraft: Sendable, Equatable {
    /// Whom it is for.
    let recipient: Participant
    let kind: NoticeKind
    /// When what it tells of happened.
    let time: Timestamp
    /// The message, appointment or action it is about.
    let subjectID: String
    let youngPersonID: String
    /// The message's position in the conversation; 0 for what is no message.
    var messageSequence: UInt64 = 0
    /// One line in French.
    let text: String
    /// The service in whose feed the change is.
    let source: String
    /// The change's position in that feed.
    let sourceSequence: UInt64

    /// The notice, at its place among the person's notices.
    func numbered(_ sequence: UInt64) -> Notice {
        Notice(
            sequence: sequence,
            kind: kind,
            timeMs: time.milliseconds,
            subjectID: subjectID,
            youngPersonID: youngPersonID,
            seen: false,
            text: text
        )
    }
}

extension NoticeDraft {
    /// The notice of a message for the side that did not write it; `nil` if nobody is there.
    init?(_ message: Message, in member: Caseload.Member, change: UInt64) {
        let side = message.sender.opposite
        let personID = side == .youngPersonSide ? member.youngPersonID : member.counsellorID
        guard !personID.isEmpty else { return nil }
        self.init(
            recipient: Participant(personID: personID, side: side),
            kind: .messageReceived,
            time: Timestamp(milliseconds: message.sentMs),
            subjectID: message.id,
            youngPersonID: member.youngPersonID,
            messageSequence: message.sequence,
            text: side == .youngPersonSide
                ? NoticeText.messageFromCounsellor
                : NoticeText.message(from: member),
            source: "messaging",
            sourceSequence: change
        )
    }

    /// The notice that a change in agenda's feed makes; `nil` if it makes none.
    ///
    /// A reminder that comes here only after the appointment began is none any more.
    ///
    /// - Throws: if the change's body is not the message that its kind names.
    init?(agenda change: Change, at now: Timestamp) throws {
        let kind: NoticeKind
        let appointment: Appointment?
        switch change.kind {
        case AppointmentBooked.fullName:
            kind = .appointmentBooked
            appointment = try AppointmentBooked(serializedBytes: change.body).appointment
        case AppointmentMoved.fullName:
            kind = .appointmentMoved
            appointment = try AppointmentMoved(serializedBytes: change.body).appointment
        case AppointmentCancelled.fullName:
            kind = .appointmentCancelled
            appointment = try AppointmentCancelled(serializedBytes: change.body).appointment
        case ReminderDue.fullName:
            kind = .appointmentReminder
            appointment = try ReminderDue(serializedBytes: change.body).appointment
        default:
            return nil
        }
        guard let appointment else { return nil }
        if kind == .appointmentReminder, appointment.startMs <= now.milliseconds { return nil }
        self.init(
            kind,
            of: appointment.id,
            for: appointment.youngPersonID,
            text: NoticeText.appointment(kind, appointment, written: change.timeMs),
            change,
            from: "agenda"
        )
    }

    /// The notice that a change in actions' feed makes; `nil` if it makes none.
    ///
    /// - Throws: if the change's body is not the message that its kind names.
    init?(actions change: Change) throws {
        guard change.kind == ActionAssigned.fullName,
            let action = try ActionAssigned(serializedBytes: change.body).action
        else { return nil }
        self.init(
            .actionAssigned,
            of: action.id,
            for: action.youngPersonID,
            text: NoticeText.actionAssigned,
            change,
            from: "actions"
        )
    }

    /// A notice to a young person of a change elsewhere; `nil` if it names nobody.
    private init?(
        _ kind: NoticeKind,
        of subjectID: String,
        for youngPersonID: String,
        text: String,
        _ change: Change,
        from source: String
    ) {
        guard !youngPersonID.isEmpty else { return nil }
        self.init(
            recipient: Participant(personID: youngPersonID, side: .youngPersonSide),
            kind: kind,
            time: Timestamp(milliseconds: change.timeMs),
            subjectID: subjectID,
            youngPersonID: youngPersonID,
            text: text,
            source: source,
            sourceSequence: change.sequence
        )
    }
}
