import Contracts
import RPC
import ServiceKit
import Storage

/// A search as it was understood: checked, its words analysed, its place found.
struct SearchQuery: Sendable {
    /// Words as typed, by the token that was made of them.
    var typed: [String: String] = [:]
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
    /// What was read from the words as something else.
    var read: ReadWords?
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
        let text = try Self.words(request.words)
        let read = request.wordsOnly ? nil : Self.read(text, request, communes)
        self.read = read
        let words = read?.words ?? text
        let analyzer = TextAnalyzer()
        tokens = Self.distinct(analyzer.tokens(words).split(separator: " ").map(String.init))
        tokens = Array(tokens.prefix(OfferLimits.tokensMax))
        typed = Self.typed(words, analyzer)
        let last = analyzer.words(words).last.map { String(decoding: $0, as: UTF8.self) } ?? ""
        lastWord = last.utf8.count >= Self.lastWordBytesMin ? last : ""
        kinds = try Self.known(request.kinds, "kinds") + (read?.kinds ?? [])
        contracts = try Self.known(request.contracts, "contracts") + (read?.contracts ?? [])
        experiences = try Self.known(request.experiences, "experiences")
        workingTimes =
            try Self.known(request.workingTimes, "working_times") + (read?.workingTimes ?? [])
        romes = try Self.romes(request.romes)
        guard request.publishedWithinDays <= Self.daysMax else {
            throw .badField(
                "published_within_days",
                "must be 1 to \(Self.daysMax), or 0 for any age"
            )
        }
        publishedWithinDays = request.publishedWithinDays
        guard request.radiusKm <= Self.radiusKmMax else {
            throw .badField("radius_km", "must be 1 to \(Self.radiusKmMax), or 0 for 10")
        }
        let radii = [request.radiusKm, read?.radiusKm ?? 0, Self.radiusKmDefault]
        radiusMetres = Double(radii.first { $0 > 0 } ?? 0) * 1000
        place = try Self.place(request.place, communes) ?? read?.place
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

    private static func typed(
        _ words: String,
        _ analyzer: borrowing TextAnalyzer
    ) -> [String: String] {
        var typed: [String: String] = [:]
        for word in words.split(whereSeparator: { $0.isWhitespace || $0 == "-" || $0 == "'" }) {
            for token in analyzer.tokens(String(word)).split(separator: " ") {
                typed[String(token)] = typed[String(token)] ?? word.lowercased()
            }
        }
        return typed
    }

    private static func read(
        _ words: String,
        _ request: SearchOffersRequest,
        _ communes: CommuneTable
    ) -> ReadWords {
        let reader = QueryReader(
            communes: communes,
            readsPlace: request.place.isEmpty,
            readsRadius: request.radiusKm == 0,
            readsKinds: request.kinds.isEmpty,
            readsContracts: request.contracts.isEmpty,
            readsWorkingTimes: request.workingTimes.isEmpty
        )
        return reader.read(words)
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
