import Contracts

/// Reads contracts, hours and experience from codes and from the labels that drifted over the
/// years.
enum ContractWords {
    /// The contract of a France Travail code, the nature of the contract, and its label, in this
    /// order of trust; `.unspecified` if none of them says anything.
    static func contract(code: String, nature: String, label: String) -> ContractType {
        let training = contract(label: nature)
        if training == .apprentissage || training == .professionnalisation { return training }
        switch nature {
        case "E2": return .apprentissage
        case "FS": return .professionnalisation
        default: break
        }
        switch code.uppercased() {
        case "CDI", "DIN": return .cdi
        case "CDD", "DDI": return .cdd
        case "MIS", "TTI": return .interim
        case "SAI": return .seasonal
        case "CCE", "FRA", "LIB", "REP": return .otherContract
        default: return contract(label: label.isEmpty ? code : label)
        }
    }

    /// The contract that a label names: "Contrat à durée indéterminée", "Mission intérimaire".
    static func contract(label: String) -> ContractType {
        let folded = Folding.fold(label)
        if folded.isEmpty { return .unspecified }
        if folded.holds("apprenti") { return .apprentissage }
        if folded.holds("professionnalisation") { return .professionnalisation }
        if folded.holds("indetermine") || folded.holds("cdi") { return .cdi }
        if folded.holds("determine") || folded.holds("cdd") { return .cdd }
        if folded.holds("interim") || folded.holds("temporaire") { return .interim }
        if folded.holds("saison") { return .seasonal }
        return .otherContract
    }

    /// The experience asked for, from France Travail's code, else from its label.
    static func experience(code: String, label: String) -> Experience {
        switch code.uppercased() {
        case "D": return .beginnerAccepted
        case "S": return .experienceWished
        case "E": return .experienceRequired
        default: break
        }
        let folded = Folding.fold(label)
        if folded.holds("debutant") { return .beginnerAccepted }
        if folded.holds("souhait") { return .experienceWished }
        if folded.holds("exige") || folded.holds(" an") || folded.holds("mois") {
            return .experienceRequired
        }
        return .unspecified
    }

    /// Full or part time, from France Travail's short label, else from the free text about hours.
    static func workingTime(short: String, hours: String) -> WorkingTime {
        for text in [short, hours] {
            let folded = Folding.fold(text)
            if folded.holds("temps partiel") || folded.holds("part_time") { return .partTime }
            if folded.holds("temps plein") || folded.holds("full_time") { return .fullTime }
        }
        return weeklyHours(Folding.fold(hours)).map { $0 >= 35 ? .fullTime : .partTime }
            ?? .unspecified
    }

    /// The hours of "35h horaires normaux" or "26h15/semaine".
    private static func weeklyHours(_ folded: String) -> Int? {
        let digits = folded.drop { $0.isWhitespace }.prefix { $0.isASCII && $0.isNumber }
        let rest = folded.drop { $0.isWhitespace }.dropFirst(digits.count)
        guard let hours = Int(digits), (1...60).contains(hours),
            rest.drop(while: { $0.isWhitespace }).first == "h"
        else { return nil }
        return hours
    }

    /// The length in months that a label names, rounded up: "CDD - 6 Mois", "60 Jour(s)", "1 an";
    /// 0 if it names none.
    static func months(_ label: String) -> UInt32 {
        let words = Folding.fold(label).split { !($0.isLetter || $0.isNumber) }
        for (number, unit) in zip(words, words.dropFirst()) {
            guard let count = UInt32(number), (1...1_000).contains(count) else { continue }
            switch unit {
            case "mois": return count
            case "jour", "jours": return (count + 29) / 30
            case "semaine", "semaines": return (count * 7 + 29) / 30
            case "an", "ans", "annee", "annees": return count * 12
            default: continue
            }
        }
        return 0
    }

    /// The offers' kind: both training contracts are apprenticeships to a young person.
    static func kind(_ contract: ContractType) -> OfferKind {
        switch contract {
        case .apprentissage, .professionnalisation: .apprenticeship
        case .civicServiceContract: .civicService
        case .immersionPeriod: .immersion
        default: .job
        }
    }
}
