import Contracts
import Storage

/// An offer as this service understands it.
struct ParsedOffer: Sendable, Equatable {
    var offer: Offer
    /// SIRET of the company, for the wait between two messages to it; empty if unknown.
    var siret = ""

    /// The offer's id here: source and the source's own id.
    var id: String { offer.summary?.id ?? "" }
}

/// Why an object of a file is no offer.
struct OfferRefusal: Error, Equatable {
    /// The source's id, if it could be read.
    var id = ""
    var field: String
    var reason: String
}

/// What parsers need beside the object itself.
struct ImportContext: Sendable {
    let communes: CommuneTable
    /// When the import began: offers published later than a day from now are misdated.
    let now: Timestamp
}

/// Reads one object of a source.
enum OfferParser {
    /// Makes an offer of `value`.
    ///
    /// `collection` is the list of the answer it came from, empty if unknown.
    ///
    /// - Throws: `OfferRefusal` if it has no usable id or title; everything else may be missing.
    static func parse(
        _ value: JSONValue,
        collection: String,
        source: OfferSource,
        in context: ImportContext
    ) throws(OfferRefusal) -> ParsedOffer {
        guard value.isObject else {
            throw OfferRefusal(field: "", reason: "The offer is not an object.")
        }
        do throws(OfferRefusal) {
            switch source {
            case .franceTravail: return try FranceTravailParser.parse(value, in: context)
            case .serviceCivique: return try ServiceCiviqueParser.parse(value, in: context)
            case .immersionFacilitee: return try ImmersionParser.parse(value, in: context)
            case .laBonneAlternance:
                return try AlternanceParser.parse(value, collection: collection, in: context)
            case .unspecified, .unrecognized:
                throw OfferRefusal(field: "source", reason: "The source is unknown.")
            }
        } catch {
            throw error.id.isEmpty ? withSourceError(error, value) : error
        }
    }

    /// Says what a source itself says: its error answers come as objects without an id.
    private static func withSourceError(_ refusal: OfferRefusal, _ value: JSONValue) -> OfferRefusal
    {
        let message = value["error"].text ?? value["message"].text
        guard let message else { return refusal }
        let said = PlainText.line(message, bytesMax: 200)
        return OfferRefusal(
            field: refusal.field,
            reason: "\(refusal.reason) The source answered with an error: \(said)"
        )
    }
}

extension OfferSource {
    /// The first part of an offer's id.
    var slug: String {
        switch self {
        case .franceTravail: "france-travail"
        case .serviceCivique: "service-civique"
        case .immersionFacilitee: "immersion-facilitee"
        case .laBonneAlternance: "la-bonne-alternance"
        case .unspecified, .unrecognized: "unknown"
        }
    }

    /// The id here of the source's `id`.
    ///
    /// - Throws: `OfferRefusal` if `id` is missing, too long, or not printable.
    func offerID(_ id: String?, field: String = "id") throws(OfferRefusal) -> String {
        guard let id = id.map({ PlainText.line($0, bytesMax: OfferLimits.idBytesMax + 4) }),
            !id.isEmpty
        else { throw OfferRefusal(field: field, reason: "The offer has no \(field).") }
        guard id.utf8.count <= OfferLimits.idBytesMax else {
            let reason = "The \(field) is longer than \(OfferLimits.idBytesMax) bytes."
            throw OfferRefusal(field: field, reason: reason)
        }
        return "\(slug):\(id)"
    }
}

extension JSONValue {
    /// The value as one line of plain text; empty if there is none.
    func line(bytesMax: Int = OfferLimits.labelBytesMax) -> String {
        text.map { PlainText.line($0, bytesMax: bytesMax) } ?? ""
    }

    /// The value as lines of plain text; empty if there is none.
    var paragraphs: String { text.map { PlainText.paragraphs($0) } ?? "" }

    /// The texts of a list, or the texts under `key` of a list's objects, without repeats.
    func lines(_ key: String = "") -> [String] {
        var lines: [String] = []
        for element in elements.prefix(4 * OfferLimits.skillsMax) {
            let line = (element.isObject ? element[key] : element).line()
            guard !line.isEmpty, !lines.contains(line) else { continue }
            lines.append(line)
            if lines.count == OfferLimits.skillsMax { break }
        }
        return lines
    }

    /// An address on the web, http or https; empty for anything else.
    var webAddress: String {
        guard let text else { return "" }
        let address = PlainText.line(text, bytesMax: OfferLimits.urlBytesMax + 4)
        let utf8 = address.utf8
        let lower = address.prefix(8).lowercased()
        let hostStart = lower.hasPrefix("https://") ? 8 : lower.hasPrefix("http://") ? 7 : 0
        guard hostStart > 0, utf8.count <= OfferLimits.urlBytesMax,
            let first = address.dropFirst(hostStart).first, first.isLetter || first.isNumber,
            !utf8.contains(where: { $0 <= 0x20 || Self.unsafeInAddresses.contains($0) })
        else { return "" }
        return address
    }

    private static let unsafeInAddresses = Array("<>\"\\^`{}|".utf8)

    /// The title, which no offer goes without.
    ///
    /// - Throws: `OfferRefusal` if nothing readable is left of it.
    func title(_ field: String, of id: String) throws(OfferRefusal) -> String {
        let title = line(bytesMax: OfferLimits.titleBytesMax)
        guard title.unicodeScalars.contains(where: { $0.properties.isAlphabetic }) else {
            throw OfferRefusal(id: id, field: field, reason: "The offer has no \(field).")
        }
        return title
    }
}
