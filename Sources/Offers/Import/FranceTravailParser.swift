import Contracts

/// Reads offers of France Travail's "Offres d'emploi v2".
enum FranceTravailParser {
    static func parse(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let id = try OfferSource.franceTravail.offerID(value["id"].text)
        let title = try value["intitule"].title("intitule", of: value["id"].line())
        let company = value["entreprise"]
        let contractLabel = value["typeContratLibelle"].line()
        let contract = contract(value, label: contractLabel)
        let hours = hours(value)
        let experienceLabel = value["experienceLibelle"].line()
        let summary = OfferSummary(
            id: id,
            kind: ContractWords.kind(contract),
            source: .franceTravail,
            title: title,
            company: company["nom"].line(),
            place: clues(value["lieuTravail"]).place(in: context.communes),
            contract: contract,
            contractLabel: contractLabel.isEmpty ? value["typeContrat"].line() : contractLabel,
            experience: ContractWords.experience(
                code: value["experienceExige"].line(),
                label: experienceLabel
            ),
            workingTime: ContractWords.workingTime(
                short: value["dureeTravailLibelleConverti"].line(),
                hours: hours
            ),
            publishedMs: SourceDate.published(value["dateCreation"], now: context.now)
        )
        let comment = value["experienceCommentaire"].line()
        let offer = Offer(
            summary: summary,
            description: value["description"].paragraphs,
            rome: RomeCode.clean(value["romeCode"].line()),
            romeLabel: romeLabel(value),
            salary: Salary.text(value["salaire"]),
            workingHours: hours,
            experienceLabel: comment.isEmpty ? experienceLabel : "\(experienceLabel) – \(comment)",
            skills: value["competences"].lines("libelle"),
            companyDescription: company["description"].paragraphs,
            applyURL: applyURL(value),
            contactMode: .contactByLink,
            durationMonths: ContractWords.months(contractLabel),
            openings: UInt32(clamping: max(0, value["nombrePostes"].integer ?? 0))
        )
        let siret = value["entreprise"]["siret"].line().filter(\.isNumber)
        return ParsedOffer(offer: offer, siret: siret)
    }

    private static func contract(_ value: JSONValue, label: String) -> ContractType {
        let contract = ContractWords.contract(
            code: value["typeContrat"].line(),
            nature: value["natureContrat"].line(),
            label: label
        )
        // The flag alone does not say which of the two training contracts it is.
        if value["alternance"].flag == true, ContractWords.kind(contract) == .job {
            return .apprentissage
        }
        return contract
    }

    private static func clues(_ place: JSONValue) -> PlaceClues {
        // The place may be a bare label.
        var clues = PlaceClues(label: (place.isObject ? place["libelle"] : place).line())
        clues.insee = place["commune"].line()
        clues.postalCode = place["codePostal"].line()
        clues.latitude = place["latitude"].double
        clues.longitude = place["longitude"].double
        return clues
    }

    private static func hours(_ value: JSONValue) -> String {
        let hours = value["dureeTravailLibelle"].line()
        let short = value["dureeTravailLibelleConverti"].line()
        if hours.isEmpty { return short }
        let isContained = Folding.fold(hours).contains(Folding.fold(short))
        return short.isEmpty || isContained ? hours : "\(short) – \(hours)"
    }

    private static func romeLabel(_ value: JSONValue) -> String {
        let label = value["romeLibelle"].line()
        return label.isEmpty ? value["appellationlibelle"].line() : label
    }

    /// The first that is an address: the employer's form, the partner's page, the offer's page.
    private static func applyURL(_ value: JSONValue) -> String {
        let contact = value["contact"]["urlPostulation"].webAddress
        if !contact.isEmpty { return contact }
        let origin = value["origineOffre"]
        for partner in origin["partenaires"].elements {
            let address = partner["url"].webAddress
            if !address.isEmpty { return address }
        }
        return origin["urlOrigine"].webAddress
    }
}
