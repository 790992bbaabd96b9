/// Where the offers are in the answers of the sources.
///
/// Follows the keys of the two outermost levels of one document:
/// `{"resultats": […]}`, `{"hits": […]}`, `{"data": […]}` or `{"data": {…}}`,
/// `{"jobs": […], "recruiters": […]}` and `{"matchas": {"results": […]}, "peJobs": null}`.
struct AnswerLayout {
    /// Keys whose array holds offers.
    private static let lists: Set<[UInt8]> = Set(
        ["resultats", "hits", "data", "jobs", "recruiters"].map { Array($0.utf8) }
    )
    /// Keys whose object holds offers in an array `results`.
    private static let groups: Set<[UInt8]> = Set(
        ["matchas", "peJobs", "lbaCompanies", "lbbCompanies", "partnerJobs"].map { Array($0.utf8) }
    )
    private static let results = Array("results".utf8)
    private static let data = Array("data".utf8)
    /// Longer than each of the names above.
    private static let keyBytesMax = 16

    /// The depth inside the array whose objects are offers; `nil` outside of such an array.
    var listDepth: Int?
    /// The name of the list that offers now come from.
    private(set) var collection = ""

    /// The last key at depth 1 and at depth 2.
    private var outerKey: [UInt8] = []
    private var innerKey: [UInt8] = []
    private var keyDepth = 0

    /// A key of the object at `depth` begins.
    mutating func beginKey(depth: Int) {
        keyDepth = depth
        if depth == 1 { outerKey.removeAll(keepingCapacity: true) }
        if depth == 2 { innerKey.removeAll(keepingCapacity: true) }
    }

    /// More of the key's bytes.
    mutating func appendKey(_ bytes: ArraySlice<UInt8>) {
        if keyDepth == 1 { Self.append(bytes, to: &outerKey) }
        if keyDepth == 2 { Self.append(bytes, to: &innerKey) }
    }

    private static func append(_ bytes: ArraySlice<UInt8>, to key: inout [UInt8]) {
        key.append(contentsOf: bytes.prefix(keyBytesMax + 1 - min(key.count, keyBytesMax)))
    }

    /// Whether the value that begins under the outermost object's key makes it an answer.
    func marksAnswer(isObject: Bool) -> Bool {
        if isObject { return outerKey == Self.data || Self.groups.contains(outerKey) }
        return Self.lists.contains(outerKey)
    }

    /// Whether the outermost object's key is one that only answers have.
    var marksAnswerByItself: Bool { Self.groups.contains(outerKey) }

    /// Whether an object that begins in the container at `parentDepth` is an offer.
    func isOffer(parentDepth: Int) -> Bool {
        listDepth == parentDepth || (parentDepth == 1 && listDepth == nil && outerKey == Self.data)
    }

    /// A container that is no offer began; `depth` counts it.
    mutating func opened(isObject: Bool, depth: Int) {
        guard !isObject, listDepth == nil else { return }
        if depth == 2, Self.lists.contains(outerKey) {
            listDepth = 2
            collection = String(decoding: outerKey, as: UTF8.self)
        }
        if depth == 3, innerKey == Self.results, Self.groups.contains(outerKey) {
            listDepth = 3
            collection = String(decoding: outerKey, as: UTF8.self)
        }
    }

    /// A container ended; `depth` no longer counts it.
    mutating func closed(depth: Int) {
        if let list = listDepth, depth < list { listDepth = nil }
    }
}
