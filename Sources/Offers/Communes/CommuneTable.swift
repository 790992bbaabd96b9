/// The communes, ready to be looked up by code and by name.
struct CommuneTable: Sendable {
    /// Largest first, then by code.
    let communes: [Commune]

    private let byINSEE: [String: Int]
    private let byPostalCode: [String: [Int]]
    private let byName: [String: [Int]]
    /// Keys of names and postal codes in their order, each with its commune.
    private let prefixes: [(key: String, index: Int)]

    /// Indexes `communes`, in any order.
    init(_ communes: [Commune]) {
        let sorted = communes.sorted {
            if $0.population != $1.population { return $0.population > $1.population }
            return ($0.insee, $0.postalCode) < ($1.insee, $1.postalCode)
        }
        var byINSEE: [String: Int] = [:]
        var byPostalCode: [String: [Int]] = [:]
        var byName: [String: [Int]] = [:]
        var prefixes: [(key: String, index: Int)] = []
        for (index, commune) in sorted.enumerated() {
            byPostalCode[commune.postalCode, default: []].append(index)
            prefixes.append((commune.postalCode, index))
            guard byINSEE[commune.insee] == nil else { continue }
            byINSEE[commune.insee] = index
            for key in Self.keys(of: commune.name) {
                byName[key, default: []].append(index)
                prefixes.append((key, index))
            }
        }
        self.communes = sorted
        self.byINSEE = byINSEE
        self.byPostalCode = byPostalCode
        self.byName = byName
        self.prefixes = prefixes.sorted { ($0.key, $0.index) < ($1.key, $1.index) }
    }

    /// A name's keys: with its article and without.
    private static func keys(of name: String) -> [String] {
        let key = PlaceName.key(name)
        for article in ["le ", "la ", "les ", "l "] where key.hasPrefix(article) {
            return [key, String(key.dropFirst(article.count))]
        }
        return [key]
    }

    /// The commune of an INSEE code.
    func commune(insee: String) -> Commune? {
        byINSEE[insee.uppercased()].map { communes[$0] }
    }

    /// The largest commune of a postal code.
    func commune(postalCode: String) -> Commune? {
        byPostalCode[postalCode]?.first.map { communes[$0] }
    }

    /// The largest commune of a name, within a department if one is given.
    func commune(name: String, department: String = "") -> Commune? {
        let named = byName[PlaceName.key(name)] ?? []
        let index = named.first { department.isEmpty || communes[$0].department == department }
        return index.map { communes[$0] }
    }

    /// What a person means by `text`: an INSEE code, else a postal code, else a name, also one that
    /// goes with a code ("Reims 51100", "51 - REIMS"); of several communes the largest.
    func find(_ text: String) -> Commune? {
        let code = text.filter { !$0.isWhitespace }
        if let found = commune(insee: code) ?? commune(postalCode: code) ?? commune(name: text) {
            return found
        }
        let words = PlaceName.key(text).split(separator: " ")
        let codes = words.filter { $0.allSatisfy(\.isNumber) && [2, 3, 5].contains($0.count) }
        let name = words.filter { !codes.contains($0) }.joined(separator: " ")
        if let postalCode = codes.first(where: { $0.count == 5 }) {
            let inPostalCode = byPostalCode[String(postalCode)]?.first {
                Self.keys(of: communes[$0].name).contains(name)
            }
            if let inPostalCode { return communes[inPostalCode] }
        }
        if let department = codes.first(where: { $0.count < 5 }) {
            return commune(name: name, department: String(department))
        }
        return nil
    }

    /// The communes whose name or postal code begins with `prefix`, largest first.
    func communes(prefix: String, limit: Int) -> [Commune] {
        let key = PlaceName.key(prefix)
        guard !key.isEmpty else { return [] }
        var low = 0
        var high = prefixes.count
        while low < high {
            let middle = (low + high) / 2
            if prefixes[middle].key < key { low = middle + 1 } else { high = middle }
        }
        var found: Set<Int> = []
        for entry in prefixes[low...] {
            guard entry.key.hasPrefix(key) else { break }
            found.insert(entry.index)
        }
        var places: [Commune] = []
        var seen: Set<String> = []
        for index in found.sorted() where seen.insert(communes[index].insee).inserted {
            places.append(communes[index])
            if places.count == limit { break }
        }
        return places
    }
}
