import ClientKit

/// The terms of an offer of France Travail, in the shares that real ones have.
extension OfferWriter {
    func writeContract(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        if vacancy.kind != .job {
            line.text("typeContrat", "CDD")
            label("Contrat à durée déterminée", vacancy.months, &random, into: &line)
            switch vacancy.kind {
            case .civicService: return line.text("natureContrat", "Service civique")
            case .apprenticeship where random.chance(8_500):
                return line.text("natureContrat", "Contrat apprentissage")
            default: return line.text("natureContrat", "Cont. professionnalisation")
            }
        }
        switch random.below(100) {
        case 0..<50:
            line.text("typeContrat", "CDI")
            let isShort = random.chance(2_500)
            line.text("typeContratLibelle", isShort ? "CDI" : "Contrat à durée indéterminée")
        case 50..<75:
            line.text("typeContrat", "CDD")
            let isShort = random.chance(3_000)
            let contract: StaticString = isShort ? "CDD" : "Contrat à durée déterminée"
            label(contract, vacancy.months, &random, into: &line)
        case 75..<92:
            line.text("typeContrat", "MIS")
            let isShort = random.chance(2_500)
            label(isShort ? "Intérim" : "Mission intérimaire", vacancy.months, &random, into: &line)
        case 92..<96:
            line.text("typeContrat", "SAI")
            label("Contrat travail saisonnier", 1 + vacancy.months % 6, &random, into: &line)
        case 96..<98:
            line.text("typeContrat", "LIB")
            line.text("typeContratLibelle", "Profession libérale")
            return line.text("natureContrat", "Emploi non salarié")
        default:
            let codes: [StaticString] = ["DIN", "DDI", "CCE", "FRA", "REP", "TTI"]
            line.text("typeContrat", codes[random.below(codes.count)])
        }
        line.text("natureContrat", "Contrat travail")
    }

    private func label(
        _ contract: StaticString,
        _ months: Int,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.key("typeContratLibelle")
        line.raw("\"")
        line.raw(contract)
        line.raw(" - ")
        if random.chance(1_500) {
            line.integer(1 + random.below(60))
            line.raw(" Jour(s)\"")
        } else {
            line.integer(months)
            line.raw(" Mois\"")
        }
    }

    func writeExperience(_ random: inout SeededGenerator, into line: inout JSONLine) {
        switch random.below(100) {
        case 0..<46:
            line.text("experienceExige", "D")
            line.text("experienceLibelle", "Débutant accepté")
        case 46..<54:
            line.text("experienceExige", "S")
            line.text("experienceLibelle", "Expérience souhaitée")
        case 54..<99:
            line.text("experienceExige", "E")
            line.key("experienceLibelle")
            if random.chance(3_000) { return line.raw("\"Expérience exigée\"") }
            line.raw("\"")
            line.integer(1 + random.below(5))
            line.raw(" An(s)\"")
        default: return
        }
    }

    func writeSkills(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let vocabulary = composer.vocabulary
        let domain = vocabulary.domains[vacancies.trades.cards[vacancy.card].domain]
        if random.chance(2_700) {
            line.key("competences")
            line.raw("[")
            for number in 0..<(2 + random.below(5)) {
                if number > 0 { line.raw(",") }
                line.raw("{")
                if random.chance(8_000) { line.number("code", 100_000 + random.below(20_000)) }
                line.key("libelle")
                line.raw("\"")
                line.raw(Texts.capitalised(domain.deeds.draw(&random, from: vacancy.card).bytes))
                line.raw(" ")
                line.raw(domain.objects.draw(&random, from: vacancy.card).bytes)
                line.raw("\"")
                line.text("exigence", random.chance(5_000) ? "S" : "E")
                line.raw("}")
            }
            line.raw("]")
        }
        if random.chance(900) {
            line.json("permis", #"[{"libelle":"B - Véhicule léger","exigence":"E"}]"#)
        }
        if random.chance(500) { line.json("langues", #"[{"libelle":"Anglais","exigence":"S"}]"#) }
    }

    /// Three in five tell nothing; the others by hour, month or year, in the forms of several years.
    func writeSalary(_ random: inout SeededGenerator, into line: inout JSONLine) {
        line.key("salaire")
        let form = random.below(1_000)
        switch form {
        case 0..<600: return line.raw("{}")
        case 600: return line.raw(#"{"libelle":"Annuel de"}"#)
        case 601: return line.raw(#"[{"libelle":"Mensuel de 2188.0 Euros"}]"#)
        case 602: return line.raw(#"{"libelle":"Annuel de 40000,00 Euros sur 0.0 mois"}"#)
        default: break
        }
        line.raw(#"{"libelle":""#)
        switch form % 3 {
        case 0:
            line.raw("Horaire de ")
            line.integer(12 + random.below(8))
            line.raw(".")
            line.padded(random.below(100), 2)
        case 1:
            line.raw("Mensuel de ")
            line.integer(1_800 + random.below(1_400))
            line.raw(random.chance(5_000) ? ".0" : ",00")
        default:
            line.raw("Annuel de ")
            line.integer(21_000 + 500 * random.below(60))
            line.raw(random.chance(5_000) ? ".0" : ",00")
        }
        line.raw(form % 2 == 0 ? " Euros sur 12.0 mois\"}" : " Euros\"}")
    }

    /// Three in five tell nothing.
    func writeHours(_ random: inout SeededGenerator, into line: inout JSONLine) {
        guard random.chance(4_000) else { return }
        if random.chance(1_500) {
            line.key("dureeTravailLibelle")
            line.raw("\"")
            line.integer(15 + random.below(16))
            line.raw("H Horaires variables\"")
            return line.text("dureeTravailLibelleConverti", "Temps partiel")
        }
        let forms: [StaticString] = [
            "35H Horaires normaux", "35H Autre", #"35H/semaine\nTravail en journée"#,
            "39H Horaires normaux", #"37H30/semaine\nTravail le samedi"#, "Temps plein",
        ]
        line.text("dureeTravailLibelle", forms[random.below(forms.count)])
        if random.chance(9_000) { line.text("dureeTravailLibelleConverti", "Temps plein") }
    }
}
