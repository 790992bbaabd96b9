import ArgumentParser
import ClientKit
import Contracts
import Foundation
import RPC

/// How the command ends when something fails.
enum Failure {
    /// A sentence for the terminal and an exit code.
    typealias Message = CommandFailure

    /// Statuses of calls become exit codes from here on: 64 + the status' number.
    static let statusBase: Int32 = 64

    /// Prints the error as one would want to read it and ends the process.
    static func exit(with error: any Error) -> Never {
        switch error {
        case let failure as any RPCFailure:
            print(failure.rpcError)
            Foundation.exit(statusBase + Int32(failure.rpcError.code.rawValue))
        case let message as Message:
            say(message.text)
            Foundation.exit(message.code)
        case is CancellationError:
            Foundation.exit(130)
        default:
            let code = PassEmploi.exitCode(for: error)
            let text = PassEmploi.fullMessage(for: error)
            if code == .success { Swift.print(text) } else { say(text) }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }

    /// One line on standard error.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    private static func print(_ error: RPCError) {
        say("\(error.code.name): \(error.message)")
        for detail in error.details {
            if detail.type == BadField.fullName { continue }
            say("  \(describe(detail))")
        }
        if let wait = error.retryAfter { say("  Try again in \(wait).") }
    }

    /// A detail as JSON if its message is known, else its name and size.
    private static func describe(_ detail: RPCError.Detail) -> String {
        if let type = ContractsCatalogue.message(named: detail.type),
            let message = try? type.init(serializedBytes: detail.value),
            let json = try? message.jsonString()
        {
            return json
        }
        return "\(detail.type) (\(detail.value.count) bytes)"
    }
}
