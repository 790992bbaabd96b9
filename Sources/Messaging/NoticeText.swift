import Contracts
import ServiceKit
import Storage

/// The one line of a notice, in French.
///
/// It holds names, days and times, never what anyone wrote: a notice may appear on a locked screen.
/// The name that a young person gave their own search is theirs to show.
enum NoticeText {
    /// To a young person.
    static let messageFromCounsellor = "Nouveau message de votre conseiller"
    /// To a young person.
    static let actionAssigned = "Nouvelle action proposée par votre conseiller"

    /// To a counsellor: "Nouveau message d’Inès Petit".
    static func message(from member: Caseload.Member) -> String {
        let name = "\(member.firstName) \(member.lastName)"
        return "Nouveau message \(startsWithVowel(name) ? "d’" : "de ")\(name)"
    }

    /// To a young person: "3 nouvelles offres pour « Vente à Lyon »".
    static func offersFound(_ count: Int64, by search: String) -> String {
        let offers = count == 1 ? "1 nouvelle offre" : "\(count) nouvelles offres"
        return "\(offers) pour \(quoted(search))"
    }

    /// To a young person: "Avez-vous postulé à « Vendeuse » ?".
    static func hasApplied(to title: String) -> String {
        let isLong = title.count > Limits.titleMax
        let shown = isLong ? title.prefix(Limits.titleMax) + "…" : title[...]
        return "Avez-vous postulé à \(quoted(shown))\u{A0}?"
    }

    /// To a young person.
    static func suggested(isOffer: Bool) -> String {
        "Votre conseiller vous suggère une \(isOffer ? "offre" : "recherche")"
    }

    /// To a counsellor: "Inès Petit a accepté une suggestion".
    static func suggestionAnswered(isAccepted: Bool, by member: Caseload.Member?) -> String {
        guard let member else {
            return "Une suggestion a été \(isAccepted ? "acceptée" : "déclinée")"
        }
        let answer = isAccepted ? "accepté" : "décliné"
        return "\(member.firstName) \(member.lastName) a \(answer) une suggestion"
    }

    private static func quoted(_ text: some StringProtocol) -> String {
        "«\u{A0}\(text)\u{A0}»"
    }

    /// To a young person: "Rendez-vous ajouté le mardi 24 novembre à 14:30".
    ///
    /// - Parameters:
    ///   - kind: one of the four of appointments.
    ///   - appointment: what it is about; its day and time are told in its own time zone.
    ///   - written: when, in milliseconds since 1970 UTC; another year than this one is told.
    /// - Returns: the line; without day and time if the zone is unknown.
    static func appointment(
        _ kind: NoticeKind,
        _ appointment: Appointment,
        written: Int64
    ) -> String {
        let zone = try? LocalCalendar(timeZone: appointment.timeZone)
        // Without a zone the time of day is unknown: better none than a wrong one.
        let date = zone.map { spelled(appointment.startMs, $0, written: written) }
        switch kind {
        case .appointmentBooked:
            return date.map { "Rendez-vous ajouté le \($0)" } ?? "Rendez-vous ajouté"
        case .appointmentMoved:
            return date.map { "Rendez-vous déplacé au \($0)" } ?? "Rendez-vous déplacé"
        case .appointmentCancelled:
            return date.map { "Rendez-vous du \($0) annulé" } ?? "Rendez-vous annulé"
        default:
            return date.map { "Rappel\u{A0}: rendez-vous le \($0)" } ?? "Rappel de rendez-vous"
        }
    }

    /// "mardi 24 novembre à 14:30", with the year if it is not the one of `written`.
    private static func spelled(
        _ startMs: Int64,
        _ zone: LocalCalendar,
        written: Int64
    ) -> String {
        let start = Timestamp(milliseconds: startMs)
        let day = zone.day(of: start)
        let (year, month, dayOfMonth) = day.date
        let minutes = zone.clockMs(of: start) / 60_000
        let isThisYear = zone.day(of: Timestamp(milliseconds: written)).date.year == year
        let words = [
            weekdays[day.weekday - 1],
            dayOfMonth == 1 ? "1er" : "\(dayOfMonth)",
            months[month - 1],
            isThisYear ? "" : "\(year)",
            "à",
            "\(twoDigits(minutes / 60)):\(twoDigits(minutes % 60))",
        ]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static let weekdays = [
        "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
    ]

    private static let months = [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ]

    private static func twoDigits(_ value: Int64) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }

    /// Whether "de" loses its vowel in front of `name`.
    ///
    /// Names in H and Y keep it: usage differs, and the full form is never wrong.
    private static func startsWithVowel(_ name: String) -> Bool {
        guard let first = name.first else { return false }
        return "aeiouàâäáãåæéèêëíìîïóòôöõœúùûü".contains(first.lowercased())
    }
}
