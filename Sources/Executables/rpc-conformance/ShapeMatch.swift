extension Shape {
    /// Says where `message` is not what a case asks for; `nil` if it is.
    ///
    /// Fields that the case does not name may hold anything, unless `exactly` is set: then they
    /// must be empty. `{"contains": TEXT}` asks for part of a text.
    func mismatch(
        _ json: JSON,
        _ message: DecodedMessage,
        exactly: Bool
    ) throws -> String? {
        var entry = try Entry(json)
        for field in fields {
            let found = message.fields[field.name] ?? []
            guard let wanted = entry.take(field.name) else {
                if exactly, !found.isEmpty { return "\(field.name) is \(found[0])" }
                continue
            }
            let list: [JSON]
            if field.isRepeated {
                guard case .list(let values) = wanted else {
                    throw CaseFault("\(field.name) should be a list")
                }
                list = values
            } else {
                list = wanted.isDefault ? [] : [wanted]
            }
            guard found.count == list.count else {
                return "\(field.name) is \(found.isEmpty ? "empty" : "\(found)")"
            }
            for (wanted, found) in zip(list, found) {
                if let fault = try field.mismatch(wanted, found, exactly: exactly) { return fault }
            }
        }
        try entry.finish()
        return nil
    }
}

extension Shape.Field {
    fileprivate func mismatch(
        _ wanted: JSON,
        _ found: DecodedValue,
        exactly: Bool
    ) throws -> String? {
        let isMet: Bool
        switch (found, wanted) {
        case (.number(let found), .number(let wanted)): isMet = found == wanted
        case (.message(let found), _):
            guard case .message(let shape) = kind else { return "\(name) is \(found)" }
            return try shape.mismatch(wanted, found, exactly: exactly)
        case (.bytes(let found), .object(let values)):
            if case .text(let part)? = values["contains"] {
                isMet = String(decoding: found, as: UTF8.self).contains(part)
            } else {
                isMet = found == (try [UInt8](wanted))
            }
        case (.bytes(let found), _): isMet = found == (try [UInt8](wanted))
        default: isMet = false
        }
        return isMet ? nil : "\(name) is \(found)"
    }
}

extension JSON {
    /// Whether a field with this value might as well not be there.
    fileprivate var isDefault: Bool { self == .number(0) || self == .text("") }
}
