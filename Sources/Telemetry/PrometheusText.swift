/// The pieces of the Prometheus text format.
enum PrometheusText {
    /// A name in the format's alphabet: `rpc.server.calls` becomes `rpc_server_calls`.
    static func name(_ label: String, ending: String = "") -> String {
        let name = clean(label)
        return name.hasSuffix(ending) ? name : name + ending
    }

    /// What stands between the braces, sorted by key; of two with one key the first counts.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var labels: [String: String] = [:]
        for (key, value) in dimensions where labels[clean(key)] == nil {
            labels[clean(key)] = escape(value)
        }
        return labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\($0.value)\"" }
            .joined(separator: ",")
    }

    static func line(_ name: String, _ labels: String, _ value: String, into text: inout String) {
        text += name
        if !labels.isEmpty { text += "{\(labels)}" }
        text += " \(value)\n"
    }

    /// A number as the format writes it: without a fraction that says nothing.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }

    private static func clean(_ label: String) -> String {
        var name = ""
        for character in label.unicodeScalars {
            let isFine =
                switch character {
                case "a"..."z", "A"..."Z", "_": true
                case "0"..."9": !name.isEmpty
                default: false
                }
            name.unicodeScalars.append(isFine ? character : "_")
        }
        return name.isEmpty ? "_" : name
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
