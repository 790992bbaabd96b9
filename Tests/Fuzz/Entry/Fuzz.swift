import Foundation
@testable import Properties

/// The property that `PASS_FUZZ` names.
private let property: Property = {
    let name = ProcessInfo.processInfo.environment["PASS_FUZZ"] ?? ""
    guard let property = Property(rawValue: name) else {
        let names = Property.allCases.map(\.rawValue).joined(separator: ", ")
        print("PASS_FUZZ is \"\(name)\"; it must be one of \(names).")
        exit(2)
    }
    return property
}()

/// Tries one input; libFuzzer calls it, and keeps an input for which the process ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try property.check(UnsafeRawBufferPointer(start: start, count: count))
        return 0
    } catch {
        print("\(property.rawValue): \(error)")
        abort()
    }
}
