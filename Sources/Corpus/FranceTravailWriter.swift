import ClientKit

extension OfferWriter {
    /// The vacancy of an offer of France Travail.
    func vacancy(ofJob index: Int) -> Vacancy {
        let role = sharing.role(ofJob: index)
        // A republished offer is the one before it, under another id.
        let own = role == .withPrevious ? index - 1 : index
        var random = random(.franceTravail, own)
        let isTraining = random.chance(200)
        let kind: Vacancy.Kind =
            switch role {
            case .withApprenticeship: .apprenticeship
            case .withMission: .civicService
            case .alone, .withNext, .withPrevious: isTraining ? .apprenticeship : .job
            }
        return vacancies.draw(kind, &random)
    }

    /// Writes an offer of "Offres d'emploi v2".
    mutating func writeJob(_ index: Int, into line: inout JSONLine) {
        let vacancy = vacancy(ofJob: index)
        let role = sharing.role(ofJob: index)
        let isShared = role != .alone
        var random = random(.franceTravail, index, purpose: 3)
        let card = vacancies.trades.cards[vacancy.card]
        line.raw("{")
        line.text("id", jobIDText(index))
        writeTitle("intitule", of: vacancy, &random, into: &line)
        if !random.chance(7) {
            let isRetold = role == .withPrevious
            writeText("description", of: vacancy, isRetold: isRetold, &random, into: &line)
        }
        writeJobDates(vacancy, isShared: isShared, &random, into: &line)
        writeJobPlace(vacancy, isShared: isShared, &random, into: &line)
        line.text("romeCode", card.code)
        line.text("romeLibelle", card.names[0].full)
        line.text("appellationlibelle", card.names[vacancy.name].full)
        writeJobCompany(vacancy, isShared: isShared, &random, into: &line)
        writeContract(vacancy, &random, into: &line)
        writeExperience(&random, into: &line)
        writeSkills(vacancy, &random, into: &line)
        writeSalary(&random, into: &line)
        writeHours(&random, into: &line)
        line.json("alternance", vacancy.kind == .apprenticeship ? "true" : "false")
        if random.chance(850) {
            line.key("contact")
            line.raw(#"{"urlPostulation":"https://recrutement.example/"#)
            line.raw(jobIDText(index))
            line.raw(#""}"#)
        } else if random.chance(2_600) {
            line.json("contact", "{}")
        }
        writeOpenings(&random, into: &line)
        writeOrigin(index, &random, into: &line)
        line.raw("}")
    }

    private func jobIDText(_ index: Int) -> [UInt8] { id(.franceTravail, index) }

    private func writeJobDates(
        _ vacancy: Vacancy,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        guard isShared || !random.chance(10) else { return }
        if !isShared, random.chance(5) {
            return line.json("dateCreation", #""3023-01-08T00:00:00.000Z""#)
        }
        line.instant("dateCreation", vacancy.publishedMs)
        if !random.chance(90) {
            let later = Int64(random.below(10)) * Calendar.dayMs
            let updated = min(vacancies.untilMs, vacancy.publishedMs + later)
            line.instant("dateActualisation", updated)
        }
    }

    /// Four in five places are complete; the others are a label, or lack something.
    private func writeJobPlace(
        _ vacancy: Vacancy,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let commune = vacancies.communes[vacancy.commune]
        line.key("lieuTravail")
        let form = random.below(1_000)
        if !isShared, form < 146 {
            switch form % 5 {
            case 0: return line.raw(#"{"libelle":"France"}"#)
            case 1: return line.raw(#"{"libelle":"Ile-de-France"}"#)
            case 2 where form < 4: return line.raw(#"{"libelle":"Luxembourg (Frontalier)"}"#)
            case 3 where form < 4: return line.raw(#"{"libelle":"Québec Canada"}"#)
            default:
                line.raw(#"{"libelle":""#)
                line.raw(commune.department)
                return line.raw(#" - Département (Dept.)"}"#)
            }
        }
        line.raw(#"{"libelle":""#)
        line.raw(commune.department)
        line.raw(" - ")
        line.raw(random.chance(7_000) ? commune.shouted : commune.name)
        line.raw("\"")
        let point = point(commune, &random)
        if form < 980 {
            // One point in a thousand has latitude and longitude swapped.
            let isSwapped = random.chance(10)
            line.degrees("latitude", isSwapped ? point.longitude : point.latitude)
            line.degrees("longitude", isSwapped ? point.latitude : point.longitude)
        }
        if form < 970 || form >= 990 {
            line.text("codePostal", commune.postalCode)
            if let code = commune.cityCode, random.chance(5_000) {
                line.text("commune", code)
            } else {
                line.text("commune", commune.insee)
            }
        }
        line.raw("}")
    }

    private func writeJobCompany(
        _ vacancy: Vacancy,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.key("entreprise")
        line.raw("{")
        if !random.chance(isShared ? 3_000 : 4_700) {
            line.text("nom", vacancy.company.name)
            if random.chance(2_000) { line.text("siret", vacancy.company.siret) }
        }
        line.json("entrepriseAdaptee", "false")
        line.raw("}")
    }

    private func writeOpenings(_ random: inout SeededGenerator, into line: inout JSONLine) {
        let openings = random.chance(9_750) ? 1 : 2 + random.below(6)
        if random.chance(10) {
            line.key("nombrePostes")
            line.raw("\"")
            line.integer(openings)
            line.raw("\"")
        } else {
            line.number("nombrePostes", openings)
        }
        if !random.chance(300) {
            line.json("accessibleTH", random.chance(1_000) ? "true" : "false")
        }
    }

    private func writeOrigin(
        _ index: Int,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.key("origineOffre")
        line.raw("{")
        let isPartners = random.chance(5_200)
        line.text("origine", isPartners ? "2" : "1")
        line.key("urlOrigine")
        line.raw("\"https://offres.example/recherche/detail/")
        line.raw(jobIDText(index))
        line.raw("\"")
        if isPartners {
            line.raw(#","partenaires":[{"nom":"PARTENAIRE","url":"https://partenaire.example/"#)
            line.raw(jobIDText(index))
            line.raw(#""}]"#)
        }
        line.raw("}")
    }
}
