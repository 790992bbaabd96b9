public import CProtobufC

// Safety: `@unchecked Sendable` because the pointer leads to a constant of the program, written by
// the compiler and never changed or freed.
/// protobuf-c's description of a message type: its name, its fields, the layout of its C struct.
public struct MessageDescriptor: @unchecked Sendable {
    let pointer: UnsafePointer<ProtobufCMessageDescriptor>

    /// Wraps a descriptor; called by generated code.
    ///
    /// - Parameter pointer: the address of the generated constant itself. Swift's `&` yields the
    ///   address of a copy; the generated C accessors yield the real one.
    public init(_ pointer: UnsafePointer<ProtobufCMessageDescriptor>) {
        self.pointer = pointer
    }

    /// The message's full name: `passemploi.agenda.v1.Appointment`.
    public var fullName: String { String(cString: pointer.pointee.name) }

    /// The names of the fields, in the order of their numbers.
    public var fieldNames: [String] {
        (0..<Int(pointer.pointee.n_fields)).map { String(cString: pointer.pointee.fields[$0].name) }
    }
}
