import ClientKit

extension OfferWriter {
    /// Writes an offer of "La bonne alternance", version 3: a job, or a company that takes apprentices
    /// without having posted one.
    mutating func writeApprenticeship(_ index: Int, into line: inout JSONLine) {
        var random = random(.laBonneAlternance, index, purpose: 3)
        let job = sharing.job(ofApprenticeship: index)
        let vacancy: Vacancy
        if let job {
            vacancy = self.vacancy(ofJob: job)
        } else {
            vacancy = vacancies.draw(.apprenticeship, &random)
        }
        let isRecruiter = job == nil && random.chance(1_000)
        line.raw("{")
        writeIdentifier(index, isShared: job != nil, &random, into: &line)
        writeWorkplace(
            vacancy,
            isShared: job != nil,
            isNamed: isRecruiter,
            &random,
            into: &line
        )
        line.key("apply")
        line.raw("{")
        line.key("url")
        line.raw(#""https://alternance.example/offre/"#)
        line.raw(id(.laBonneAlternance, index))
        line.raw(#"","phone":null}"#)
        if !isRecruiter {
            writeTraining(vacancy, &random, into: &line)
            writePosted(vacancy, isShared: job != nil, &random, into: &line)
        }
        line.raw("}")
    }

    /// One in a hundred has the partner's id alone.
    private func writeIdentifier(
        _ index: Int,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let id = id(.laBonneAlternance, index)
        line.key("identifier")
        line.raw("{")
        if !isShared, random.chance(100) {
            line.json("id", "null")
        } else {
            line.text("id", id)
        }
        line.text("partner_job_id", id)
        line.text("partner_label", isShared ? "France Travail" : "offres_emploi_lba")
        line.raw("}")
    }

    private func writeWorkplace(
        _ vacancy: Vacancy,
        isShared: Bool,
        isNamed: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let commune = vacancies.communes[vacancy.commune]
        line.key("workplace")
        line.raw("{")
        line.text("siret", vacancy.company.siret)
        writeName(of: vacancy.company, isNamed: isNamed, &random, into: &line)
        line.json("brand", "null")
        line.json("website", "null")
        line.json("size", #""10-19""#)
        line.key("location")
        if random.chance(isShared ? 100 : 200) {
            line.raw("null}")
            return
        }
        line.raw("{")
        line.key("address")
        line.raw("\"")
        line.integer(1 + random.below(120))
        line.raw(random.chance(5_000) ? " RUE DE LA GARE " : " avenue de la République, ")
        line.raw(commune.postalCode)
        line.raw(" ")
        line.raw(random.chance(5_000) ? commune.shouted : commune.name)
        line.raw("\"")
        let point = point(commune, &random)
        // GeoJSON has the longitude first; not everyone knows.
        let isReversed = random.chance(500)
        line.key("geopoint")
        line.raw(#"{"type":"Point","coordinates":["#)
        line.degrees(isReversed ? point.latitude : point.longitude)
        line.raw(",")
        line.degrees(isReversed ? point.longitude : point.latitude)
        line.raw("]}}}")
    }

    /// As it is, in capitals, with the legal form, or not at all, unless it is all that is known.
    private func writeName(
        of company: Company,
        isNamed: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        switch random.below(20) {
        case 0..<12: line.text("name", company.name)
        case 12..<16:
            line.text("name", Texts.shouted(String(decoding: company.name, as: UTF8.self)))
        case 16, 17:
            line.key("name")
            line.raw("\"SAS ")
            line.raw(company.name)
            line.raw("\"")
        case 18:
            line.json("name", "null")
            line.text("legal_name", company.name)
        case _ where isNamed: line.text("name", company.name)
        default: line.json("name", "null")
        }
    }

    private func writeTraining(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.key("contract")
        line.raw("{")
        if random.chance(2_000) {
            line.json("start", "null")
        } else {
            let later = Int64(10 + random.below(120)) * Calendar.dayMs
            line.instant("start", vacancy.publishedMs + later)
        }
        line.number("duration", vacancy.months)
        switch random.below(100) {
        case 0..<82: line.json("type", #"["Apprentissage"]"#)
        case 82..<92: line.json("type", #"["Apprentissage","Professionnalisation"]"#)
        default: line.json("type", #"["Professionnalisation"]"#)
        }
        line.json("remote", random.chance(9_000) ? #""onsite""# : "null")
        line.raw("}")
    }

    private mutating func writePosted(
        _ vacancy: Vacancy,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let card = vacancies.trades.cards[vacancy.card]
        line.key("offer")
        line.raw("{")
        writeTitle("title", of: vacancy, &random, into: &line)
        line.key("rome_codes")
        line.raw("[")
        if isShared || !random.chance(200) { line.quote(card.code) }
        line.raw("]")
        writeText("description", of: vacancy, isRetold: isShared, &random, into: &line)
        let diplomas: [StaticString] = [
            #"{"european":"3","label":"CAP, BEP"}"#, #"{"european":"4","label":"BP, Bac"}"#,
            #"{"european":"5","label":"BTS, DEUST"}"#, #"{"european":"6","label":"Licence"}"#,
            "null",
        ]
        line.json("target_diploma", diplomas[random.below(diplomas.count)])
        line.json("desired_skills", "[]")
        line.json("to_be_acquired_skills", "[]")
        line.json("access_conditions", "[]")
        line.number("opening_count", 1)
        line.json("status", !isShared && random.chance(50) ? #""Filled""# : #""Active""#)
        line.key("publication")
        line.raw("{")
        if !isShared, random.chance(200) {
            line.json("creation", "null")
        } else {
            // Taken over within some days, seldom weeks.
            let days = isShared ? random.below(random.chance(500) ? 20 : 4) : 0
            let created = vacancy.publishedMs + Int64(days) * Calendar.dayMs
            line.instant("creation", min(vacancies.untilMs, created))
        }
        line.raw("}}")
        line.json("is_delegated", "false")
    }
}
