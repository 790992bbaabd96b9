/// The character references that offers carry.
enum HTMLEntities {
    /// The character of a reference without `&` and `;`; `nil` if it is unknown.
    static func scalar(_ reference: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard reference.first == UInt8(ascii: "#") else {
            return named[String(decoding: reference, as: UTF8.self)]
        }
        let digits = reference.dropFirst()
        let isHexadecimal = digits.first == UInt8(ascii: "x") || digits.first == UInt8(ascii: "X")
        let text = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
        guard let code = UInt32(text, radix: isHexadecimal ? 16 : 10) else { return nil }
        // Numbers 128 to 159 mean Windows-1252, as browsers read them.
        // Source: HTML standard, "numeric character reference end state".
        if let scalar = windows[code] { return scalar }
        return Unicode.Scalar(code)
    }

    private static let windows: [UInt32: Unicode.Scalar] = [
        128: "€", 130: "‚", 132: "„", 133: "…", 139: "‹", 140: "Œ", 145: "‘", 146: "’", 147: "“",
        148: "”", 149: "•", 150: "–", 151: "—", 153: "™", 155: "›", 156: "œ", 159: "Ÿ",
    ]

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}",
        "iexcl": "¡", "cent": "¢", "pound": "£", "yen": "¥", "sect": "§", "uml": "¨", "copy": "©",
        "ordf": "ª", "laquo": "«", "not": "¬", "shy": "\u{AD}", "reg": "®", "macr": "¯",
        "deg": "°", "plusmn": "±", "sup1": "¹", "sup2": "²", "sup3": "³", "acute": "´",
        "micro": "µ", "para": "¶", "middot": "·", "cedil": "¸", "ordm": "º", "raquo": "»",
        "frac12": "½", "frac14": "¼", "frac34": "¾", "iquest": "¿", "times": "×", "divide": "÷",
        "Agrave": "À", "Aacute": "Á", "Acirc": "Â", "Atilde": "Ã", "Auml": "Ä", "Aring": "Å",
        "AElig": "Æ", "Ccedil": "Ç", "Egrave": "È", "Eacute": "É", "Ecirc": "Ê", "Euml": "Ë",
        "Igrave": "Ì", "Iacute": "Í", "Icirc": "Î", "Iuml": "Ï", "Ntilde": "Ñ", "Ograve": "Ò",
        "Oacute": "Ó", "Ocirc": "Ô", "Otilde": "Õ", "Ouml": "Ö", "Oslash": "Ø", "Ugrave": "Ù",
        "Uacute": "Ú", "Ucirc": "Û", "Uuml": "Ü", "szlig": "ß", "agrave": "à", "aacute": "á",
        "acirc": "â", "atilde": "ã", "auml": "ä", "aring": "å", "aelig": "æ", "ccedil": "ç",
        "egrave": "è", "eacute": "é", "ecirc": "ê", "euml": "ë", "igrave": "ì", "iacute": "í",
        "icirc": "î", "iuml": "ï", "ntilde": "ñ", "ograve": "ò", "oacute": "ó", "ocirc": "ô",
        "otilde": "õ", "ouml": "ö", "oslash": "ø", "ugrave": "ù", "uacute": "ú", "ucirc": "û",
        "uuml": "ü", "yuml": "ÿ", "Yuml": "Ÿ", "OElig": "Œ", "oelig": "œ", "ndash": "–",
        "mdash": "—", "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”",
        "bdquo": "„", "dagger": "†", "bull": "•", "hellip": "…", "permil": "‰", "lsaquo": "‹",
        "rsaquo": "›", "euro": "€", "trade": "™", "rarr": "→", "larr": "←", "ensp": "\u{2002}",
        "emsp": "\u{2003}", "thinsp": "\u{2009}", "check": "✓", "star": "☆", "NewLine": "\n",
    ]
}
