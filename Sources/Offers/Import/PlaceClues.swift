import Contracts

/// All that a source says about where an offer is.
struct PlaceClues: Equatable {
    /// What people are shown.
    var label = ""
    var insee = ""
    var postalCode = ""
    var department = ""
    var city = ""
    var latitude: Double?
    var longitude: Double?
    /// Whether it is outside of France, where codes mean nothing.
    var isAbroad = false

    /// A point this far from its commune is a slip; the largest communes reach 60 km.
    private static let metresFromCommuneMax = 100_000.0

    /// The place as far as it can be known; `nil` without any clue.
    func place(in table: CommuneTable) -> OfferPlace? {
        let commune = isAbroad ? nil : commune(in: table)
        let point = point(near: commune?.point)
        let place = OfferPlace(
            label: label,
            insee: commune?.insee ?? "",
            postalCode: isAbroad ? "" : cleanPostalCode ?? commune?.postalCode ?? "",
            department: isAbroad ? "" : commune?.department ?? codeOfDepartment ?? "",
            point: (point ?? commune?.point).map { GeoPoint($0) }
        )
        return place == OfferPlace() ? nil : place
    }

    /// Five digits; a leading zero lost on the way is put back.
    private var cleanPostalCode: String? {
        let code = postalCode.filter { !$0.isWhitespace }
        guard code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        switch code.utf8.count {
        case 5: return code == "00000" ? nil : code
        case 4: return "0" + code
        default: return nil
        }
    }

    private var codeOfDepartment: String? {
        if Department.isCode(department) { return department }
        return cleanPostalCode.flatMap(Department.of(postalCode:)) ?? Department.of(insee: insee)
    }

    /// By INSEE code; else by the city's name, which people type with more care than its postal
    /// code; else by postal code.
    private func commune(in table: CommuneTable) -> Commune? {
        if let commune = table.commune(insee: insee) { return commune }
        let byPostalCode = cleanPostalCode.flatMap { table.commune(postalCode: $0) }
        if city.isEmpty { return byPostalCode }
        let key = PlaceName.key(city)
        if let byPostalCode, PlaceName.key(byPostalCode.name).hasPrefix(key) { return byPostalCode }
        let department = codeOfDepartment ?? ""
        if let commune = table.commune(name: city, department: department) { return commune }
        // "75001 BRIANCON": a placeholder before the name of a commune elsewhere.
        if !department.isEmpty, let commune = table.commune(name: city) {
            return cleanPostalCode == nil ? nil : commune
        }
        return byPostalCode
    }

    private func point(near commune: Point?) -> Point? {
        guard let latitude, let longitude else { return nil }
        let candidates = [
            Point(latitude: latitude, longitude: longitude),
            Point(latitude: longitude, longitude: latitude),
        ].filter(\.isOnEarth)
        if let commune {
            return candidates.first { $0.metres(to: commune) <= Self.metresFromCommuneMax }
        }
        return candidates.first(where: \.isInFrance) ?? candidates.first
    }
}

extension PlaceClues {
    /// Reads a label of France Travail: "51 - REIMS", "75 - Paris (Dept.)", "France".
    ///
    /// Communes are in capitals; departments, which may bear a commune's name, are not.
    init(label: String) {
        self.init()
        self.label = label
        guard let dash = label.firstRange(of: " - ") else { return }
        let code = label[..<dash.lowerBound]
        guard Department.isCode(code) else { return }
        department = String(code)
        let name = label[dash.upperBound...]
        if !name.contains(where: \.isLowercase) { city = String(name) }
    }

    /// Reads an address: "8 Rue des Orangers, 64700 Hendaye, France", "ROUEN", "Poitiers (86)".
    init(address: String) {
        self.init()
        label = address
        let words = address.split { $0.isWhitespace || $0 == "," }
        let code = words.lastIndex {
            $0.utf8.count == 5 && $0.allSatisfy { $0.isASCII && $0.isNumber }
        }
        if let code {
            postalCode = String(words[code])
            let behind = address[words[code].endIndex...]
            let name = behind.prefix { $0 != "," }
            let before = address[..<words[code].startIndex]
            let fallback = before.split(separator: ",").last ?? before
            city = String(name.contains(where: \.isLetter) ? name : fallback)
        } else {
            city = String(address.prefix { $0 != "(" && $0 != "," })
            let inBrackets = address.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
            if Department.isCode(inBrackets) { department = String(inBrackets) }
        }
    }
}

extension Point {
    /// Within the ranges of degrees, and not 0, 0, which means "unknown".
    var isOnEarth: Bool {
        (-90...90).contains(latitude) && (-180...180).contains(longitude)
            && !(latitude == 0 && longitude == 0)
    }

    /// Within a box around France or one of its territories overseas.
    var isInFrance: Bool {
        Self.boxes.contains { $0.latitude.contains(latitude) && $0.longitude.contains(longitude) }
    }

    private static let boxes: [(latitude: ClosedRange<Double>, longitude: ClosedRange<Double>)] = [
        (41...51.5, -5.5...10),  // France in Europe
        (14...18.5, -63.5 ... -60.5),  // Guadeloupe, Martinique, Saint-Martin
        (2...6, -55 ... -51),  // Guyane
        (-21.5 ... -20.5, 55...56),  // La Réunion
        (-13.5 ... -12.5, 44.5...45.5),  // Mayotte
        (46.5...47.5, -56.7 ... -56),  // Saint-Pierre-et-Miquelon
        (-23 ... -19, 163...169),  // Nouvelle-Calédonie
        (-28 ... -7, -155 ... -134),  // Polynésie
    ]
}
