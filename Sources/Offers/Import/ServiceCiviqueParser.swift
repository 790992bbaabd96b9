import Contracts

/// Reads missions of the "API Engagement" v0.
enum ServiceCiviqueParser {
    /// Country codes that mean France, with its territories overseas.
    private static let france: Set<String> = [
        "FR", "FRA", "FRANCE", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC",
    ]

    static func parse(
        _ value: JSONValue,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        let sourceID = value["_id"].text ?? value["id"].text
        let id = try OfferSource.serviceCivique.offerID(sourceID)
        let title = try value["title"].title("title", of: sourceID ?? "")
        let isVolunteering = value["type"].line().lowercased().contains("benevolat")
        let published = [value["postedAt"], value["createdAt"], value["updatedAt"]].lazy
            .map { SourceDate.published($0, now: context.now) }.first { $0 > 0 }
        let schedule = value["schedule"].line()
        let organisation = value["organizationName"].line()
        let start = SourceDate.any(value["startAt"])
        let summary = OfferSummary(
            id: id,
            kind: .civicService,
            source: .serviceCivique,
            title: title,
            company: organisation.isEmpty ? value["associationName"].line() : organisation,
            place: clues(value).place(in: context.communes),
            contract: isVolunteering ? .otherContract : .civicServiceContract,
            contractLabel: isVolunteering ? "Bénévolat" : "Service civique",
            // Civic service asks for no experience and no diploma, by law.
            experience: .beginnerAccepted,
            workingTime: ContractWords.workingTime(short: schedule, hours: ""),
            publishedMs: published ?? 0,
            closed: value["deletedAt"].text != nil || value["statusCode"].text == "REFUSED"
        )
        let offer = Offer(
            summary: summary,
            description: description(value),
            workingHours: hours(schedule),
            skills: skills(value),
            companyDescription: value["organizationDescription"].paragraphs,
            applyURL: value["applicationUrl"].webAddress,
            contactMode: .contactByLink,
            startMs: start,
            durationMonths: months(value, start: start),
            openings: UInt32(clamping: max(0, value["places"].integer ?? 0))
        )
        return ParsedOffer(offer: offer)
    }

    private static func description(_ value: JSONValue) -> String {
        let description = value["description"].paragraphs
        if !description.isEmpty { return description }
        let html = value["descriptionHtml"].paragraphs
        if !html.isEmpty { return html }
        return value["tasks"].lines().map { "- \($0)" }.joined(separator: "\n")
    }

    private static func skills(_ value: JSONValue) -> [String] {
        let skills = value["softSkills"].lines()
        return skills.isEmpty ? value["soft_skills"].lines() : skills
    }

    private static func hours(_ schedule: String) -> String {
        switch schedule {
        case "part_time": "Temps partiel"
        case "full_time": "Temps plein"
        case "special": "Horaires particuliers"
        default: schedule
        }
    }

    private static func months(_ value: JSONValue, start: Int64) -> UInt32 {
        if let duration = value["duration"].integer, (1...120).contains(duration) {
            return UInt32(duration)
        }
        let end = SourceDate.any(value["endAt"])
        guard start > 0, end > start else { return 0 }
        let days = (end - start) / 86_400_000
        return UInt32(clamping: min(120, (days + 29) / 30))
    }

    private static func clues(_ value: JSONValue) -> PlaceClues {
        // The place is on the mission itself, or in the first of its addresses.
        let address = value["addresses"].elements.first ?? .null
        func either(_ key: String) -> JSONValue {
            value[key] == .null ? address[key] : value[key]
        }
        var clues = PlaceClues()
        let country = either("country").line().uppercased()
        clues.isAbroad = !country.isEmpty && !france.contains(country)
        clues.city = either("city").line()
        clues.postalCode = either("postalCode").line()
        clues.department = either("departmentCode").line()
        let location = either("location")
        clues.latitude = location["lat"].double
        clues.longitude = location["lon"].double
        let area = clues.isAbroad ? country : either("departmentName").line()
        clues.label = label(city: clues.city, area: area)
        return clues
    }

    private static func label(city: String, area: String) -> String {
        if city.isEmpty || area.isEmpty { return city + area }
        return city.lowercased() == area.lowercased() ? city : "\(city) (\(area))"
    }
}
