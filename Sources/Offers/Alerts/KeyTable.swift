/// Numbers for keys, and how many of the counted offers had each.
struct KeyTable {
    private var numbers: [AlertKey: UInt32] = [:]
    private(set) var frequencies: [UInt32] = []
    private(set) var offersCounted = 0

    var count: Int { frequencies.count }

    /// The number of a key, if it has one.
    func number(_ key: AlertKey) -> UInt32? { numbers[key] }

    /// The number of a key, which gets one if it has none.
    mutating func add(_ key: AlertKey) -> UInt32 {
        if let number = numbers[key] { return number }
        let number = UInt32(frequencies.count)
        numbers[key] = number
        frequencies.append(0)
        return number
    }

    /// Counts what an offer has, until `AlertLimits.offersCountedMax` were counted.
    mutating func count(_ keys: [AlertKey]) {
        guard offersCounted < AlertLimits.offersCountedMax else { return }
        offersCounted += 1
        for key in keys {
            if let number = numbers[key] {
                frequencies[Int(number)] += 1
            } else if frequencies.count < AlertLimits.keysCountedMax {
                frequencies[Int(add(key))] = 1
            }
        }
    }

    /// In how many of the counted offers a key was.
    func frequency(of number: UInt32) -> UInt32 { frequencies[Int(number)] }

    /// In how many of the counted offers one of these keys was, if no offer had two.
    func frequency(ofAny numbers: some Sequence<UInt32>) -> Int {
        numbers.reduce(0) { $0 + Int(frequencies[Int($1)]) }
    }
}
