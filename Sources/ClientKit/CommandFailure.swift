/// A sentence for the terminal and the exit code of the command that ends with it.
public struct CommandFailure: Error, CustomStringConvertible {
    /// What is wrong, and what would be right.
    public let text: String
    /// 2 for a wrong command line or file, 1 for anything else.
    public let code: Int32

    /// A failure; by default of what was tried, not of how it was asked for.
    public init(_ text: String, code: Int32 = 1) {
        self.text = text
        self.code = code
    }

    /// The sentence.
    public var description: String { text }
}
