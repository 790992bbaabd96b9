import COpenSSL

/// Reads this thread's error queue.
enum Reason {
    /// The text of the oldest error, or a stand-in; empties the queue.
    static func take() -> String {
        let code = ERR_peek_error()
        ERR_clear_error()
        return text(code)
    }

    /// libssl's words for an error code.
    static func text(_ code: UInt) -> String {
        // Safety: the texts are zero-terminated and live as long as the process.
        guard let text = unsafe ERR_reason_error_string(code) else { return "no reason given" }
        return unsafe String(cString: text)
    }
}
