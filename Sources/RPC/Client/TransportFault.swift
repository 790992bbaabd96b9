import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What an error of a connection's transport says, for messages.
func transportFault(_ error: any Error) -> String {
    switch error {
    // The system's own words for what it knows are constants, so no thread overwrites them.
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case ChannelError.connectTimeout(let time):
        "no connection within \(time.nanoseconds / 1_000_000) ms"
    default: "\(error)"
    }
}
