import Foundation
import Testing

/// Inputs that once broke a property, and a few more, tried again.
@Suite struct FuzzTests {
    @Test(arguments: Property.allCases)
    func whatWasFoundHolds(property: Property) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Corpus/\(property.rawValue)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let input = try Data(contentsOf: folder.appending(path: name))
            do {
                try input.withUnsafeBytes { try property.check($0) }
            } catch {
                Issue.record("\(property.rawValue)/\(name): \(error)")
            }
        }
    }
}
