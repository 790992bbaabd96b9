import ServiceKit

/// The secret that a client shows with each call; only its hash is stored.
struct SessionToken: Sendable {
    /// What the client gets: 256 random bits in base64url, 43 characters.
    let text: String

    init(random: (Int) -> [UInt8]) {
        text = Base64URL.text(random(Limits.tokenBytes))
    }

    /// A token that a client showed.
    init(shown text: String) {
        self.text = text
    }

    /// What is stored.
    ///
    /// The token is random over 256 bits: one round is enough.
    var hash: [UInt8] { Digest.sha256(Array(text.utf8)) }
}
