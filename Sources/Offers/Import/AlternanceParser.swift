import Contracts

/// Reads apprenticeships of "La bonne alternance": jobs and recruiters of version 3; the other
/// lists are version 1's.
enum AlternanceParser {
    static func parse(
        _ value: JSONValue,
        collection: String,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        guard value["identifier"].isObject else {
            return try AlternanceLegacyParser.parse(value, in: context)
        }
        let isRecruiter =
            collection == "recruiters" || (collection.isEmpty && !value["offer"].isObject)
        return isRecruiter ? try recruiter(value, in: context) : try job(value, in: context)
    }

    private static func job(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let identifier = value["identifier"]
        let id = try OfferSource.laBonneAlternance.offerID(
            sourceID(identifier),
            field: "identifier"
        )
        let posted = value["offer"]
        let title = try posted["title"].title("title", of: sourceID(identifier) ?? "")
        let contract = value["contract"]
        let types = contract["type"].lines()
        let conditions = posted["access_conditions"].lines().joined(separator: ", ")
        let summary = OfferSummary(
            id: id,
            kind: .apprenticeship,
            source: .laBonneAlternance,
            title: title,
            company: company(value["workplace"]),
            place: clues(value["workplace"]["location"]).place(in: context.communes),
            contract: Training.contract(types),
            contractLabel: types.joined(separator: ", "),
            experience: ContractWords.experience(code: "", label: conditions),
            publishedMs: SourceDate.published(
                posted["publication"]["creation"],
                now: context.now
            ),
            closed: Training.isClosed(posted["status"].line())
        )
        let diploma = posted["target_diploma"]["label"].line()
        let learned = posted["to_be_acquired_skills"].lines()
        let offer = Offer(
            summary: summary,
            description: Training.description(posted["description"].paragraphs, diploma: diploma),
            rome: posted["rome_codes"].elements.lazy.map { RomeCode.clean($0.line()) }
                .first { !$0.isEmpty } ?? "",
            experienceLabel: conditions,
            skills: posted["desired_skills"].lines() + learned,
            companyDescription: value["workplace"]["description"].paragraphs,
            applyURL: value["apply"]["url"].webAddress,
            contactMode: .contactByLink,
            startMs: SourceDate.any(contract["start"]),
            durationMonths: Training.months(contract["duration"]),
            openings: UInt32(clamping: max(0, posted["opening_count"].integer ?? 0))
        )
        return ParsedOffer(offer: offer, siret: value["workplace"]["siret"].line())
    }

    /// A company that takes apprentices without having posted an offer.
    private static func recruiter(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let sourceID = sourceID(value["identifier"])
        let id = try OfferSource.laBonneAlternance.offerID(sourceID, field: "identifier")
        let workplace = value["workplace"]
        let naf = workplace["domain"]["naf"]["label"].line()
        let summary = OfferSummary(
            id: id,
            kind: .apprenticeship,
            source: .laBonneAlternance,
            title: try Training.spontaneousTitle(company(workplace), id: sourceID ?? ""),
            company: company(workplace),
            place: clues(workplace["location"]).place(in: context.communes),
            contract: .apprentissage,
            contractLabel: "Candidature spontanée"
        )
        let offer = Offer(
            summary: summary,
            description: naf,
            companyDescription: workplace["description"].paragraphs,
            applyURL: value["apply"]["url"].webAddress,
            contactMode: .contactByLink
        )
        return ParsedOffer(offer: offer, siret: workplace["siret"].line())
    }

    /// The source's id, or, for offers of partners that it does not number, the partner's.
    private static func sourceID(_ identifier: JSONValue) -> String? {
        if let id = identifier["id"].text { return id }
        guard let partnerID = identifier["partner_job_id"].text else { return nil }
        return "\(identifier["partner_label"].line()):\(partnerID)"
    }

    private static func company(_ workplace: JSONValue) -> String {
        for key in ["brand", "name", "legal_name"] {
            let name = workplace[key].line()
            if !name.isEmpty { return name }
        }
        return ""
    }

    private static func clues(_ location: JSONValue) -> PlaceClues {
        var clues = PlaceClues(address: location["address"].line())
        // GeoJSON has the longitude first; of both readings the one that lies in France wins.
        let coordinates = location["geopoint"]["coordinates"]
        clues.longitude = coordinates[0].double
        clues.latitude = coordinates[1].double
        return clues
    }
}

/// What the versions of "La bonne alternance" have in common.
enum Training {
    /// Of several training contracts the apprenticeship, which is open to more people.
    static func contract(_ types: [String]) -> ContractType {
        let contracts = types.map { ContractWords.contract(label: $0) }
        if contracts.contains(.apprentissage) { return .apprentissage }
        return contracts.contains(.professionnalisation) ? .professionnalisation : .apprentissage
    }

    /// Whether the source says that the offer is filled or withdrawn.
    static func isClosed(_ status: String) -> Bool {
        let folded = Folding.fold(status)
        return folded.holds("filled") || folded.holds("cancel") || folded.holds("pourvu")
            || folded.holds("annul")
    }

    /// A length in months, as a number or as in "6 mois".
    static func months(_ value: JSONValue) -> UInt32 {
        let named = ContractWords.months(value.line())
        if named > 0 { return named }
        guard let number = value.integer, (1...120).contains(number) else { return 0 }
        return UInt32(number)
    }

    /// The description, with the diploma aimed at as its last paragraph.
    static func description(_ description: String, diploma: String) -> String {
        if diploma.isEmpty { return description }
        let line = "Diplôme visé : \(diploma)"
        let whole = description.isEmpty ? line : "\(description)\n\n\(line)"
        return whole.utf8.count <= OfferLimits.descriptionBytesMax ? whole : description
    }

    /// What stands for the title of a company that has posted none.
    static func spontaneousTitle(
        _ company: String,
        id: String
    ) throws(OfferRefusal) -> String {
        guard !company.isEmpty else {
            throw OfferRefusal(id: id, field: "title", reason: "The company has no name.")
        }
        return PlainText.line(
            "Candidature spontanée en alternance – \(company)",
            bytesMax: OfferLimits.titleBytesMax
        )
    }
}
