import Contracts

/// Reads companies of "Immersion Facilitée", versions 2 and 3 of its search.
enum ImmersionParser {
    static func parse(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let siret = value["siret"].line().filter { !$0.isWhitespace }
        guard siret.utf8.count == 14, siret.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            let reason = "The company has no SIRET of 14 digits."
            throw OfferRefusal(id: siret, field: "siret", reason: reason)
        }
        let rome = RomeCode.clean(value["rome"].line())
        let parts = [siret, rome, value["locationId"].line()].filter { !$0.isEmpty }
        let sourceID = parts.joined(separator: "-")
        let id = try OfferSource.immersionFacilitee.offerID(sourceID)
        let trades = trades(value)
        let title = try title(value, trades: trades, id: sourceID)
        let published = [value["createdAt"], value["updatedAt"]].lazy
            .map { SourceDate.published($0, now: context.now) }.first { $0 > 0 }
        let customName = value["customizedName"].line()
        let link = value["urlOfPartner"].webAddress
        let summary = OfferSummary(
            id: id,
            kind: .immersion,
            source: .immersionFacilitee,
            title: title,
            company: customName.isEmpty ? value["name"].line() : customName,
            place: clues(value).place(in: context.communes),
            contract: .immersionPeriod,
            contractLabel: "Immersion professionnelle",
            // An immersion period is for trying a trade out.
            experience: .beginnerAccepted,
            publishedMs: published ?? 0,
            // A company that takes nobody for now comes back with the import that says so.
            closed: value["isAvailable"].flag == false
        )
        let offer = Offer(
            summary: summary,
            description: value["additionalInformation"].paragraphs,
            rome: rome,
            romeLabel: value["romeLabel"].line(),
            skills: trades,
            companyDescription: companyDescription(value),
            applyURL: link,
            contactMode: contactMode(value["contactMode"].line(), link: link)
        )
        return ParsedOffer(offer: offer, siret: siret)
    }

    /// The trades one may try out, as labels: a list of objects, formerly of texts.
    private static func trades(_ value: JSONValue) -> [String] {
        let trades = value["appellations"].lines("appellationLabel")
        return trades.isEmpty ? value["appellationLabels"].lines() : trades
    }

    private static func title(
        _ value: JSONValue,
        trades: [String],
        id: String
    ) throws(OfferRefusal) -> String {
        if value["romeLabel"].text == nil, let trade = trades.first { return trade }
        return try value["romeLabel"].title("romeLabel", of: id)
    }

    private static func companyDescription(_ value: JSONValue) -> String {
        let size = value["numberOfEmployeeRange"].line()
        return [
            value["nafLabel"].line(),
            size.isEmpty ? "" : "\(size) salariés",
            value["website"].webAddress,
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func contactMode(_ mode: String, link: String) -> ContactMode {
        switch mode {
        case "PHONE": .contactByPhone
        case "IN_PERSON": .contactInPerson
        case "EMAIL": .contactByForm
        default: link.isEmpty ? .contactByForm : .contactByLink
        }
    }

    private static func clues(_ value: JSONValue) -> PlaceClues {
        var clues = PlaceClues()
        let address = value["address"]
        clues.city = address["city"].line()
        clues.postalCode = address["postcode"].line()
        clues.department = address["departmentCode"].line()
        clues.latitude = value["position"]["lat"].double
        clues.longitude = value["position"]["lon"].double
        clues.label = [clues.postalCode, clues.city].filter { !$0.isEmpty }.joined(separator: " ")
        return clues
    }
}
