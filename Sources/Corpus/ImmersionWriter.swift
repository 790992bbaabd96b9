import ClientKit

extension OfferWriter {
    /// Writes a company of "Immersion Facilitée": three in ten have signed up, the others come from
    /// "La bonne boîte".
    func writeImmersion(_ index: Int, into line: inout JSONLine) {
        var random = random(.immersionFacilitee, index, purpose: 3)
        let vacancy = vacancies.draw(.job, &random)
        let card = vacancies.trades.cards[vacancy.card]
        let isVolunteer = random.chance(3_000)
        line.raw("{")
        // A company without a precise place is known by its number, which must then be its own.
        line.text("siret", isVolunteer ? vacancy.company.siret : Self.siret(&random))
        line.text("name", vacancy.company.name)
        line.text("rome", card.code)
        line.text("romeLabel", card.names[0].full)
        line.json("naf", #""4711F""#)
        line.text("nafLabel", composer.vocabulary.domains[card.domain].trade.bytes)
        line.key("voluntaryToImmersion")
        let isText = random.chance(100)
        if isText { line.raw("\"") }
        line.raw(isVolunteer ? "true" : "false")
        if isText { line.raw("\"") }
        writeImmersionPlace(vacancy, &random, into: &line)
        if isVolunteer {
            writeVolunteer(vacancy, &random, into: &line)
        } else {
            line.json("locationId", "null")
            line.json("appellations", "[]")
            line.key("urlOfPartner")
            line.raw(#""https://boite.example/entreprise/"#)
            line.integer(index)
            line.raw("\"")
        }
        let sizes: [StaticString] = ["0", "1-2", "6-9", "10-19", "20-49", "50-99", "", "500-999"]
        line.text("numberOfEmployeeRange", sizes[random.below(sizes.count)])
        line.raw("}")
    }

    private static func siret(_ random: inout SeededGenerator) -> [UInt8] {
        var digits = JSONLine()
        digits.padded(random.below(100_000_000_000_000), 14)
        return digits.bytes
    }

    private func writeVolunteer(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let card = vacancies.trades.cards[vacancy.card]
        let modes: [StaticString] = ["EMAIL", "EMAIL", "EMAIL", "PHONE", "IN_PERSON"]
        line.text("contactMode", modes[random.below(modes.count)])
        line.key("locationId")
        line.quote(Array(random.uuid().utf8))
        let isOld = random.chance(500)
        line.key(isOld ? "appellationLabels" : "appellations")
        line.raw("[")
        for number in 0..<min(card.names.count, 1 + random.below(3)) {
            if number > 0 { line.raw(",") }
            if isOld {
                line.quote(card.names[number].full)
            } else {
                line.raw("{")
                line.number("appellationCode", 10_000 + random.below(30_000))
                line.text("appellationLabel", card.names[number].full)
                line.raw("}")
            }
        }
        line.raw("]")
        line.instant("createdAt", vacancy.publishedMs)
        line.json("isAvailable", random.chance(50) ? #""false""# : "true")
        if random.chance(4_000) {
            line.key("additionalInformation")
            line.raw("\"Nous accueillons des personnes ")
            line.raw(composer.vocabulary.qualities.draw(&random).bytes)
            line.raw("s pour découvrir ")
            let domain = composer.vocabulary.domains[card.domain]
            line.raw(domain.skills.draw(&random, from: vacancy.card).bytes)
            line.raw(" et ")
            line.raw(domain.objects.draw(&random, from: vacancy.card).bytes)
            line.raw(".\"")
        }
    }

    private func writeImmersionPlace(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let commune = vacancies.communes[vacancy.commune]
        let point = point(commune, &random)
        line.key("position")
        line.raw("{")
        line.degrees("lat", point.latitude)
        line.degrees("lon", point.longitude)
        line.raw("}")
        line.key("address")
        line.raw("{")
        line.key("streetNumberAndAddress")
        line.raw("\"")
        line.integer(1 + random.below(90))
        line.raw(" rue des Lilas\"")
        line.text("postcode", commune.postalCode)
        line.text("departmentCode", commune.department)
        line.text("city", random.chance(3_000) ? commune.shouted : commune.name)
        line.raw("}")
    }
}
