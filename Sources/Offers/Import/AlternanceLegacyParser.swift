import Contracts

/// Reads version 1 of "La bonne alternance": "matchas", "peJobs", "partnerJobs" and the companies
/// without a posted offer.
enum AlternanceLegacyParser {
    static func parse(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        value["job"].isObject ? try job(value, in: context) : try company(value, in: context)
    }

    private static func job(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let job = value["job"]
        let sourceID = value["id"].text ?? job["id"].text
        let id = try OfferSource.laBonneAlternance.offerID(sourceID)
        let title = try value["title"].title("title", of: sourceID ?? "")
        let contractLabel = contractLabel(job)
        let company = value["company"]
        let published = SourceDate.published(job["creationDate"], now: context.now)
        let summary = OfferSummary(
            id: id,
            kind: .apprenticeship,
            source: .laBonneAlternance,
            title: title,
            company: company["name"].line(),
            place: clues(value["place"]).place(in: context.communes),
            contract: Training.contract(types(job)),
            contractLabel: contractLabel,
            publishedMs: published,
            closed: Training.isClosed(job["status"].line())
        )
        let trade = value["romes"].elements.first ?? .null
        let contact = value["contact"]["url"].webAddress
        let offer = Offer(
            summary: summary,
            description: description(value, job),
            rome: RomeCode.clean(trade["code"].line()),
            romeLabel: trade["label"].line(),
            workingHours: job["rythmeAlternance"].line(),
            skills: skills(job),
            companyDescription: job["employeurDescription"].paragraphs,
            applyURL: contact.isEmpty ? value["url"].webAddress : contact,
            contactMode: .contactByLink,
            startMs: SourceDate.any(job["jobStartDate"]),
            durationMonths: months(job, contractLabel),
            openings: UInt32(clamping: max(0, job["quantiteContrat"].integer ?? 0))
        )
        return ParsedOffer(offer: offer, siret: company["siret"].line())
    }

    private static func company(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let company = value["company"]
        let sourceID = value["id"].text ?? company["siret"].text
        let id = try OfferSource.laBonneAlternance.offerID(sourceID)
        let name = company["name"].line()
        let trade = value["romes"].elements.first ?? .null
        let summary = OfferSummary(
            id: id,
            kind: .apprenticeship,
            source: .laBonneAlternance,
            title: try Training.spontaneousTitle(
                name.isEmpty ? value["title"].line() : name,
                id: sourceID ?? ""
            ),
            company: name,
            place: clues(value["place"]).place(in: context.communes),
            contract: .apprentissage,
            contractLabel: "Candidature spontanée"
        )
        let offer = Offer(
            summary: summary,
            description: value["nafs"].lines("label").joined(separator: "\n"),
            rome: RomeCode.clean(trade["code"].line()),
            romeLabel: trade["label"].line(),
            applyURL: value["url"].webAddress,
            contactMode: .contactByLink
        )
        return ParsedOffer(offer: offer, siret: company["siret"].line())
    }

    /// Several contracts come in one text, "Apprentissage, CDI", or in a list under `type`.
    private static func types(_ job: JSONValue) -> [String] {
        let types = job["type"].lines()
        if !types.isEmpty { return types }
        return job["contractType"].line().split(separator: ",").map(String.init)
    }

    private static func contractLabel(_ job: JSONValue) -> String {
        let description = job["contractDescription"].line()
        return description.isEmpty ? types(job).joined(separator: ", ") : description
    }

    private static func months(_ job: JSONValue, _ label: String) -> UInt32 {
        for value in [job["dureeContrat"], job["duration"]] {
            let months = Training.months(value)
            if months > 0 { return months }
        }
        return ContractWords.months(label)
    }

    private static func description(_ value: JSONValue, _ job: JSONValue) -> String {
        let diploma = value["target_diploma_level"].line()
        let own = job["description"].paragraphs
        let text = own.isEmpty ? job["romeDetails"]["definition"].paragraphs : own
        return Training.description(
            text,
            diploma: diploma.isEmpty ? value["diplomaLevel"].line() : diploma
        )
    }

    private static func skills(_ job: JSONValue) -> [String] {
        let skills = job["romeDetails"]["competencesDeBase"].lines("libelle")
        if !skills.isEmpty { return skills }
        return job["offer_desired_skills"].lines() + job["offer_to_be_acquired_skills"].lines()
    }

    private static func clues(_ place: JSONValue) -> PlaceClues {
        let city = place["city"].line()
        let address = place["fullAddress"].line()
        // Offers taken over from France Travail have its labels: "46 - CAHORS".
        var clues = PlaceClues(label: city.isEmpty ? address : city)
        if clues.city.isEmpty {
            let found = PlaceClues(address: address)
            clues.city = city.isEmpty ? found.city : city
            clues.postalCode = found.postalCode
        }
        let postalCode = place["zipCode"].line()
        if !postalCode.isEmpty { clues.postalCode = postalCode }
        clues.insee = place["insee"].line()
        clues.latitude = place["latitude"].double
        clues.longitude = place["longitude"].double
        return clues
    }
}
