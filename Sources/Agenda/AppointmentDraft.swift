import Contracts
import RPC
import ServiceKit

/// What a counsellor asks for when they book: checked, and compared when the same id comes again.
struct AppointmentDraft: Equatable, Sendable {
    let id: String
    let youngPersonID: String
    let type: AppointmentType
    let title: String
    let comment: String
    let modality: Modality
    let address: String
    let link: String
    let telephone: String
    let slot: Slot
}

extension AppointmentDraft {
    /// Checks every field of a request, as far as this does not depend on what is stored.
    ///
    /// A place that the modality does not need is kept, not refused: a video meeting may name the
    /// number to call when the picture fails.
    ///
    /// - Throws: INVALID_ARGUMENT naming the first bad field, in the request's order.
    init(_ request: BookAppointmentRequest) throws(RPCError) {
        id = try Check.id(request.id, "id")
        youngPersonID = try Check.id(request.youngPersonID, "young_person_id")
        type =
            request.type == .unspecified
            ? .individualInterview : try Check.known(request.type, "type")
        title = try Self.needed(
            type == .other,
            request.title,
            "title",
            Limits.titleCharactersMax,
            "must say what the appointment is when its type is OTHER"
        )
        comment = try Check.text(request.comment, "comment", 0...Limits.commentCharactersMax)
        modality = try Check.known(request.modality, "modality")
        address = try Self.needed(
            modality == .atAddress,
            request.address,
            "address",
            Limits.addressCharactersMax,
            "must say where, for AT_ADDRESS"
        )
        link = try Self.needed(
            modality == .byVideo,
            request.link,
            "link",
            Limits.linkCharactersMax,
            "must be the https address of the meeting, for BY_VIDEO"
        )
        guard link.isEmpty || Self.isHTTPS(link) else {
            throw .badField("link", "must be an https address")
        }
        telephone = try Check.text(
            request.telephone,
            "telephone",
            0...Limits.telephoneCharactersMax
        )
        slot = try Slot(startMs: request.startMs, endMs: request.endMs)
    }

    /// Text of at most so many characters, that must say something if it is needed.
    private static func needed(
        _ isNeeded: Bool,
        _ value: String,
        _ field: String,
        _ most: Int,
        _ mend: String
    ) throws(RPCError) -> String {
        let text = try Check.text(value, field, 0...most)
        guard !isNeeded || !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
            throw .badField(field, mend)
        }
        return text
    }

    /// Whether `link` is `https://`, a host, and nothing that could end an attribute or a line
    /// where the link is shown.
    private static func isHTTPS(_ link: String) -> Bool {
        let scheme = "https://"
        guard link.lowercased().hasPrefix(scheme) else { return false }
        let rest = link.dropFirst(scheme.count)
        guard let first = rest.unicodeScalars.first,
            first.properties.isAlphabetic
                || ("0"..."9").contains(first) || first == "["
        else { return false }
        let unsafe: Set<Unicode.Scalar> = ["\"", "<", ">", "\\", "`"]
        return rest.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && !unsafe.contains(scalar)
        }
    }
}
