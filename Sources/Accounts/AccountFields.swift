import RPC
import ServiceKit

/// The rules of an account's fields, alike for calls and for files.
///
/// Each answers the end of a sentence that says what would be right, or `nil` if the value is.
enum AccountFields {
    static func faultOfName(_ value: String) -> String? {
        faultOfText(value, Limits.namesLength)
    }

    static func faultOfStructureName(_ value: String) -> String? {
        faultOfText(value, Limits.structureNameLength)
    }

    static func faultOfEmail(_ value: String) -> String? {
        EmailAddress.isValid(value) ? nil : "must be an e-mail address of at most 254 characters"
    }

    static func faultOfTimeZone(_ value: String) -> String? {
        do {
            _ = try LocalCalendar(timeZone: value)
            return nil
        } catch {
            return "must be a known IANA time zone, like Europe/Paris"
        }
    }

    private static func faultOfText(_ value: String, _ length: ClosedRange<Int>) -> String? {
        let scalars = value.unicodeScalars
        guard value.utf8.count <= 4 * length.upperBound, length.contains(scalars.count) else {
            return "must be \(length.lowerBound) to \(length.upperBound) characters"
        }
        if scalars.contains(where: isControl) { return "must not hold control characters" }
        if scalars.allSatisfy(\.properties.isWhitespace) {
            return "must hold more than white space"
        }
        return nil
    }

    /// Control characters and the two separators that break lines.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
            || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}

extension AccountFields {
    /// Refuses a bad field of a call.
    static func check(
        _ value: String,
        _ field: String,
        _ fault: (String) -> String?
    ) throws(RPCError) -> String {
        if let mend = fault(value) { throw .badField(field, mend) }
        return value
    }

    /// Refuses a new password outside 12–128 characters.
    static func checkNewPassword(_ value: String) throws(RPCError) -> String {
        let length = Limits.passwordLength
        guard length.contains(value.unicodeScalars.count) else {
            throw .badField(
                "password",
                "must be \(length.lowerBound) to \(length.upperBound) characters"
            )
        }
        return value
    }

    /// The address and the name of the device with which someone comes in.
    ///
    /// The address need not be one: what no account can have is answered like any unknown address.
    static func checkEntry(email: String, device: String) throws(RPCError) -> Entry {
        guard (1...Limits.emailBytesMax).contains(email.utf8.count) else {
            throw .badField("email", "must be 1 to \(Limits.emailBytesMax) characters")
        }
        return Entry(
            emailKey: EmailAddress.key(email),
            device: try Check.text(device, "device", Limits.deviceLength)
        )
    }

    /// Who comes in, and with what.
    struct Entry: Sendable {
        let emailKey: String
        let device: String
    }
}
