import ClientKit

extension OfferWriter {
    /// Writes a mission of "API Engagement".
    mutating func writeMission(_ index: Int, into line: inout JSONLine) {
        var random = random(.serviceCivique, index, purpose: 3)
        let job = sharing.job(ofMission: index)
        let vacancy: Vacancy
        if let job {
            vacancy = self.vacancy(ofJob: job)
        } else {
            vacancy = vacancies.draw(.civicService, &random)
        }
        let words = MissionWords.all[vacancy.mission]
        line.raw("{")
        line.text("_id", id(.serviceCivique, index))
        writeTitle("title", of: vacancy, &random, into: &line)
        line.text("domain", Array(words.domain.utf8))
        line.text("organizationName", vacancy.company.name)
        let isHTML = job == nil && random.chance(1_000)
        writeText(
            isHTML ? "descriptionHtml" : "description",
            of: vacancy,
            isRetold: job != nil,
            &random,
            into: &line
        )
        line.key("applicationUrl")
        line.raw(#""https://engagement.example/mission/"#)
        line.raw(id(.serviceCivique, index))
        line.raw("\"")
        writeMissionDates(vacancy, &random, into: &line)
        writeMissionPlace(vacancy, isShared: job != nil, &random, into: &line)
        line.text("remote", random.chance(9_300) ? "no" : "possible")
        line.text("openToMinors", random.chance(4_000) ? "yes" : "no")
        line.number("duration", 6 + vacancy.months % 5)
        line.text("schedule", random.chance(6_000) ? "part_time" : "full_time")
        if random.chance(2_000) {
            line.text("places", "2")
        } else {
            line.number("places", 1 + random.below(3))
        }
        line.raw("}")
    }

    private func writeMissionDates(
        _ vacancy: Vacancy,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        line.instant("postedAt", vacancy.publishedMs)
        if random.chance(5) {
            line.json("startAt", #""3023-01-08T00:00:00.000Z""#)
        } else {
            let later = Int64(7 + random.below(90)) * Calendar.dayMs
            line.instant("startAt", vacancy.publishedMs + later)
        }
        line.json("endAt", "null")
    }

    private func writeMissionPlace(
        _ vacancy: Vacancy,
        isShared: Bool,
        _ random: inout SeededGenerator,
        into line: inout JSONLine
    ) {
        let commune = vacancies.communes[vacancy.commune]
        if !isShared, random.chance(100) {
            line.json("country", #""SN""#)
            line.text("city", "Dakar")
            line.text("departmentCode", commune.department)
            return line.json("location", #"{"lon":-17.44,"lat":14.69}"#)
        }
        line.json("country", #""FR""#)
        line.text("city", random.chance(4_000) ? commune.shouted : commune.name)
        switch random.below(100) {
        case 0:
            // As a number it loses a leading zero.
            if let code = Int(String(decoding: commune.postalCode, as: UTF8.self)) {
                line.number("postalCode", code)
            }
        case 1, 2: break
        default: line.text("postalCode", commune.postalCode)
        }
        line.text("departmentCode", commune.department)
        if random.chance(500) { return line.json("location", "null") }
        let point = point(commune, &random)
        line.key("location")
        line.raw("{")
        line.degrees("lon", point.longitude)
        line.degrees("lat", point.latitude)
        line.raw("}")
    }
}
