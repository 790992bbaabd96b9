import ClientKit
import Foundation

/// What a template's place stands for.
enum TemplateValue: Sendable, Equatable {
    case counter
    case uuid
    case words(Int)
    case characters(Int)
    case number(ClosedRange<Int>)
    case pick([String])
    /// An instant in milliseconds since 1970, so far from now.
    case milliseconds(ClosedRange<Int64>)
    /// A day, `2026-11-24`, so far from now.
    case day(ClosedRange<Int64>)
    /// The beginning or the end of the flow's half hour, see `Scene.slot(after:_:)`.
    case slotStart
    case slotEnd
    case personID
    case email
    case firstName
    case lastName
    case youngPersonID
    case counsellorID
    case captured(String)

    /// What people can write, for messages and help.
    static let forms = [
        "counter", "uuid", "words:20", "text:200", "number:1-50", "pick:a|b|c", "ms:+1d..+10d",
        "day:+3d", "slot.start_ms", "slot.end_ms", "person.id", "person.email", "person.first_name",
        "person.last_name",
        "young_person.id", "counsellor.id",
    ]

    /// Whether it always gives the 36 characters of a UUID to someone of this role.
    func isID(for role: Persona) -> Bool {
        switch self {
        case .uuid, .youngPersonID, .counsellorID: true
        case .personID: role == .youngPerson || role == .counsellor
        default: false
        }
    }

    /// Whether it may be drawn ahead, without knowing the flow.
    var isDrawnAhead: Bool {
        switch self {
        case .words, .characters, .number, .pick, .milliseconds, .day, .slotStart, .slotEnd: true
        default: false
        }
    }

    /// Reads what stands between `${` and `}`.
    init(_ text: String, captured: Set<String>) throws(TemplateFault) {
        let place = "${\(text)}"
        let name = text.prefix { $0 != ":" }
        let argument = text.dropFirst(name.count + 1)
        if let plain = Self.plain(name), name.count == text.count {
            self = plain
            return
        }
        if captured.contains(text) {
            self = .captured(text)
            return
        }
        switch name {
        case "words": self = .words(try Self.length(argument, place))
        case "text": self = .characters(try Self.length(argument, place))
        case "number":
            let ends = argument.split(separator: "-").map { Int($0) }
            guard ends.count == 2, let low = ends[0], let high = ends[1], low <= high,
                high < Int(Int32.max)
            else { throw TemplateFault(place, "needs two numbers, as in ${number:1-50}") }
            self = .number(low...high)
        case "pick":
            let choices = argument.split(separator: "|", omittingEmptySubsequences: false)
            guard argument.contains("|") else {
                throw TemplateFault(place, "needs choices, as in ${pick:a|b|c}")
            }
            self = .pick(choices.map(String.init))
        case "ms": self = .milliseconds(try Self.distance(argument, place))
        case "day": self = .day(try Self.distance(argument, place))
        default:
            let known = Self.forms + captured.sorted()
            throw TemplateFault(place, "is not known; known are \(known.joined(separator: ", "))")
        }
    }

    private static func plain(_ name: Substring) -> TemplateValue? {
        switch name {
        case "counter": .counter
        case "uuid": .uuid
        case "ms": .milliseconds(0...0)
        case "day": .day(0...0)
        case "slot.start_ms": .slotStart
        case "slot.end_ms": .slotEnd
        case "person.id": .personID
        case "person.email": .email
        case "person.first_name": .firstName
        case "person.last_name": .lastName
        case "young_person.id": .youngPersonID
        case "counsellor.id": .counsellorID
        default: nil
        }
    }

    private static func length(_ text: Substring, _ place: String) throws(TemplateFault) -> Int {
        guard let length = Int(text), (1...Limits.templateLengthMax).contains(length) else {
            throw TemplateFault(place, "needs a number of 1 to \(Limits.templateLengthMax)")
        }
        return length
    }

    /// `+3d`, or `+1d..+10d`: milliseconds from now.
    private static func distance(
        _ text: Substring,
        _ place: String
    ) throws(TemplateFault) -> ClosedRange<Int64> {
        let ends = text.split(separator: "..").map { end in
            TimeText.duration(end.hasPrefix("+") ? end.dropFirst() : end).map {
                $0.nanoseconds / 1_000_000
            }
        }
        guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1],
            low <= high
        else { throw TemplateFault(place, "needs a distance from now, as in +3d or +1d..+10d") }
        return low...high
    }

    /// The value for one call.
    func text(_ scene: inout Scene) -> String {
        let population = scene.cast.population
        switch self {
        case .counter: return String(scene.number)
        case .uuid: return scene.ids.uuid()
        case .words(let count): return WordList.text(words: count, &scene.random)
        case .characters(let count): return WordList.text(characters: count, &scene.random)
        case .number(let range):
            return String(range.lowerBound + scene.random.below(range.count))
        case .pick(let choices):
            return JSONEscape.text(choices[scene.random.below(choices.count)])
        case .milliseconds(let range): return String(instant(range, &scene))
        case .day(let range): return Self.day(instant(range, &scene))
        case .slotStart: return String(scene.slotStartMs)
        case .slotEnd: return String(scene.slotStartMs + Scene.slotMs)
        case .personID: return scene.cast.personID(scene.actor) ?? ""
        case .email: return person(scene)?.email ?? ""
        case .firstName: return person(scene)?.firstName ?? ""
        case .lastName: return person(scene)?.lastName ?? ""
        case .youngPersonID: return population.youngPersonID(scene.actor.youngPerson)
        case .counsellorID:
            return population.counsellorID(population.counsellor(of: scene.actor.youngPerson))
        case .captured(let name): return JSONEscape.text(scene.captured[name] ?? "")
        }
    }

    private func person(_ scene: Scene) -> Population.Person? {
        switch scene.actor.role {
        case .youngPerson: scene.cast.population.youngPerson(scene.actor.number)
        case .counsellor: scene.cast.population.counsellor(scene.actor.number)
        case .visitor, .operator: nil
        }
    }

    private func instant(_ range: ClosedRange<Int64>, _ scene: inout Scene) -> Int64 {
        let span = Int(range.upperBound - range.lowerBound)
        return scene.nowMs + range.lowerBound + Int64(scene.random.below(span + 1))
    }

    /// The day of an instant, in UTC.
    ///
    /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    static func day(_ milliseconds: Int64) -> String {
        let days = Int((Double(milliseconds) / 86_400_000).rounded(.down)) + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(year)-\(two(month))-\(two(day))"
    }
}
