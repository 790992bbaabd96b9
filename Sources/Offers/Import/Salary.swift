/// Reads what is said about pay.
enum Salary {
    /// One line: label, comment and extras, of an object, a list of them, a number or a text.
    static func text(_ value: JSONValue) -> String {
        var parts: [String] = []
        for element in value.elements { collect(element, into: &parts) }
        return PlainText.line(parts.joined(separator: " · "))
    }

    private static func collect(_ value: JSONValue, into parts: inout [String]) {
        guard value.isObject else { return append(label(value.line()), to: &parts) }
        append(label(value["libelle"].line()), to: &parts)
        append(value["commentaire"].line(), to: &parts)
        append(value["complement1"].line(), to: &parts)
        append(value["complement2"].line(), to: &parts)
        for extra in value["listeComplements"].lines("libelle") { append(extra, to: &parts) }
    }

    private static func append(_ part: String, to parts: inout [String]) {
        // "-", "Autre" and the like say nothing.
        guard part.count > 1, part != "Autre", !parts.contains(part) else { return }
        parts.append(part)
    }

    /// A label without what is known to be empty in it: a bare "Annuel de", "sur 0.0 mois".
    private static func label(_ text: String) -> String {
        var label = text
        if text.holds(" sur 0") {
            label = text.replacing(" sur 0.0 mois", with: "").replacing(" sur 0 mois", with: "")
        }
        let isBare = label.hasSuffix(" de") && !label.contains(where: \.isNumber)
        return isBare ? "" : label
    }
}
