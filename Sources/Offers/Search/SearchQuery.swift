import Contracts
import RPC
import ServiceKit
import Storage

/// A search as it was understood: checked, its words analysed, its place found.
struct SearchQuery: Sendable {
    /// Tokens that must all be there; none finds everything.
    var tokens: [String] = []
    /// The beginning of a token that the last word may stand for; empty if it is too short for one.
    var lastWord = ""
    var kinds: [OfferKind] = []
    var contracts: [ContractType] = []
    var experiences: [Experience] = []
    var workingTimes: [WorkingTime] = []
    var romes: [String] = []
    var place: Commune?
    var radiusMetres = 0.0
    /// The lowest document number that is young enough.
    var firstDocument: Int64 = 0
    var publishedWithinDays: UInt32 = 0
    var order = SearchOrder.best

    private static let lastWordBytesMin = 3
    private static let daysMax: UInt32 = 365
    private static let radiusKmMax: UInt32 = 200
    private static let radiusKmDefault: UInt32 = 10

    /// Checks a request.
    ///
    /// - Throws: INVALID_ARGUMENT naming the field.
    init(_ request: SearchOffersRequest, communes: CommuneTable, now: Timestamp) throws(RPCError) {
        let words = try Self.words(request.words)
        let analyzer = TextAnalyzer()
        tokens = Self.distinct(analyzer.tokens(words).split(separator: " ").map(String.init))
        tokens = Array(tokens.prefix(OfferLimits.tokensMax))
        let last = analyzer.words(words).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        lastWord = last.utf8.count >= Self.lastWordBytesMin ? last : ""
        kinds = try Self.known(request.kinds, "kinds")
        contracts = try Self.known(request.contracts, "contracts")
        experiences = try Self.known(request.experiences, "experiences")
        workingTimes = try Self.known(request.workingTimes, "working_times")
        romes = try Self.romes(request.romes)
        guard request.publishedWithinDays <= Self.daysMax else {
            throw .badField(
                "published_within_days",
                "must be 1 to \(Self.daysMax), or 0 for any age"
            )
        }
        publishedWithinDays = request.publishedWithinDays
        if publishedWithinDays > 0 {
            let oldest = now - .seconds(86_400 * Int(publishedWithinDays))
            firstDocument = OfferIndex.firstDocument(publishedMs: oldest.milliseconds)
        }
        guard request.radiusKm <= Self.radiusKmMax else {
            throw .badField("radius_km", "must be 1 to \(Self.radiusKmMax), or 0 for 10")
        }
        let radiusKm = request.radiusKm == 0 ? Self.radiusKmDefault : request.radiusKm
        radiusMetres = Double(radiusKm) * 1000
        place = try Self.place(request.place, communes)
        order = request.order == .unspecified ? .best : try Check.known(request.order, "order")
        if order == .nearest, place == nil {
            throw .badField("place", "must be given for the nearest first")
        }
    }

    /// The same for the same search, whatever its page size: what a cursor is bound to.
    var fingerprint: UInt64 {
        var fingerprint = Fingerprint()
        let lists = [
            tokens, [lastWord], kinds.map(\.name).sorted(), contracts.map(\.name).sorted(),
            experiences.map(\.name).sorted(), workingTimes.map(\.name).sorted(), romes.sorted(),
            [place?.insee ?? "", place.map { _ in "\(radiusMetres)" } ?? ""],
            ["\(publishedWithinDays)", order.name],
        ]
        for list in lists {
            for text in list { fingerprint.add(text) }
            fingerprint.add("")
        }
        return fingerprint.value
    }

    private static func words(_ text: String) throws(RPCError) -> String {
        // A character takes one byte or more: most too-long texts are refused without a walk.
        guard text.utf8.count <= 16 * OfferLimits.wordsMax, text.count <= OfferLimits.wordsMax
        else {
            throw .badField("words", "must be at most \(OfferLimits.wordsMax) characters")
        }
        return text
    }

    private static func known<Value: ProtobufEnum>(
        _ values: [Value],
        _ field: String
    ) throws(RPCError) -> [Value] {
        guard values.count <= 2 * Value.allCases.count else {
            throw .badField(field, "must hold each value at most once")
        }
        for (index, value) in values.enumerated() {
            _ = try Check.known(value, "\(field)[\(index)]")
        }
        return distinct(values)
    }

    private static func romes(_ codes: [String]) throws(RPCError) -> [String] {
        guard codes.count <= OfferLimits.romesMax else {
            throw .badField("romes", "must be at most \(OfferLimits.romesMax) codes")
        }
        for (index, code) in codes.enumerated() where RomeCode.clean(code).isEmpty {
            throw .badField("romes[\(index)]", "must be a ROME code, like D1106")
        }
        return distinct(codes.map(RomeCode.clean))
    }

    private static func place(
        _ text: String,
        _ communes: CommuneTable
    ) throws(RPCError) -> Commune? {
        if text.isEmpty { return nil }
        let isLengthRight = text.utf8.count <= 4 * OfferLimits.placeMax
        guard isLengthRight, let commune = communes.find(text) else {
            throw .badField(
                "place",
                "must be the INSEE code, name or postal code of a commune that ListPlaces knows"
            )
        }
        return commune
    }

    private static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
        var seen: Set<Value> = []
        return values.filter { seen.insert($0).inserted }
    }
}
