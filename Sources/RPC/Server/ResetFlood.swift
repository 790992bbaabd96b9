import NIOCore

/// Whether a client opens calls only to reset them: work for the server that costs the client
/// nothing.
///
/// Counts in windows that begin with a RESET, so that a client that resets nothing costs nothing.
struct ResetFlood {
    private var windowEnd = NIODeadline.uptimeNanoseconds(0)
    private var resets = 0
    /// REQUESTs that had come, less the streams open, when the window began.
    private var requestsBefore = 0

    /// Counts a RESET.
    ///
    /// - Parameters:
    ///   - now: When it came.
    ///   - requests: REQUESTs that came on the connection so far.
    ///   - open: Streams on the wire, the one that is reset included if it is.
    /// - Returns: Whether there have been too many, and more than half of the streams that were
    ///   open in the window.
    mutating func isFlood(resetAt now: NIODeadline, requests: Int, open: Int) -> Bool {
        if now >= windowEnd {
            windowEnd = now + TimeAmount(Limits.resetWindow)
            resets = 0
            requestsBefore = requests - open
        }
        resets += 1
        return resets > Limits.resetsMax && resets * 2 > requests - requestsBefore
    }
}
