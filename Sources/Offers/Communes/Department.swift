/// Codes of departments, from the codes that hold them.
enum Department {
    /// Whether `text` is the code of a department: "01" to "95", "2A", "2B", "971" to "989".
    static func isCode(_ text: some StringProtocol) -> Bool {
        switch text.utf8.count {
        case 2:
            if text == "2A" || text == "2B" { return true }
            guard let number = Int(text) else { return false }
            return (1...95).contains(number) && number != 20
        case 3: return (971...989).contains(Int(text) ?? 0)
        default: return false
        }
    }

    /// The department of a postal code: "51100" is in "51", "97410" in "974".
    ///
    /// Corsica's codes do not follow its two departments strictly: 200 and 201 are in the south,
    /// 202 and 206 in the north.
    static func of(postalCode: String) -> String? {
        guard postalCode.utf8.count == 5, postalCode.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        if postalCode.hasPrefix("20") {
            return postalCode.hasPrefix("200") || postalCode.hasPrefix("201") ? "2A" : "2B"
        }
        return code(beginning: postalCode)
    }

    /// The department of an INSEE code: "2A004" is in "2A".
    static func of(insee: String) -> String? {
        insee.utf8.count == 5 ? code(beginning: insee) : nil
    }

    private static func code(beginning text: String) -> String? {
        let length = text.hasPrefix("97") || text.hasPrefix("98") ? 3 : 2
        let code = text.prefix(length)
        return isCode(code) ? String(code) : nil
    }
}
