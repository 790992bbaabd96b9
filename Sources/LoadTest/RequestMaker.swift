import ClientKit
import NIOCore
import RPC

/// Makes the requests of one step from its template.
///
/// Reading JSON costs more than calling, so where only ids differ from call to call a few hundred
/// variants are made ahead, and each call gets a copy of one with ids of its own. Such a template's
/// texts, numbers and times then repeat after `Limits.variants` calls; ids never do.
struct RequestMaker: Sendable {
    private let method: MethodDescriptor
    private let template: Template
    private let variants: [Variant]

    /// An encoded request and where in it ids stand.
    private struct Variant: Sendable {
        var bytes: ByteBuffer
        var ids: [(offset: Int, value: TemplateValue)]
    }

    /// The captured values without which there is nothing to send.
    var captures: Set<String> { template.captures }

    /// Checks that the template gives requests of `method`, and makes variants ahead if it can.
    ///
    /// - Throws: what the message refuses, or `RequestFault`.
    init(
        _ method: MethodDescriptor,
        _ template: Template,
        role: Persona,
        cast: Cast,
        seed: UInt64,
        nowMs: Int64
    ) throws {
        self.method = method
        self.template = template
        let random = SeededGenerator(seed: seed, stream: .max)
        var scene = Scene(
            cast: cast,
            role: role,
            number: 1,
            nowMs: nowMs,
            random: random,
            ids: random
        )
        let values = template.parts.compactMap { part in
            if case .value(let value) = part { value } else { nil }
        }
        if template.captures.isEmpty { _ = try Self.encode(template.text(&scene), method) }
        guard values.allSatisfy({ $0.isID(for: role) || $0.isDrawnAhead }) else {
            variants = []
            return
        }
        let isConstant = values.allSatisfy { $0.isID(for: role) }
        var variants: [Variant] = []
        for _ in 0..<(isConstant ? 1 : Limits.variants) {
            guard let variant = try Self.variant(template, method, role, &scene) else { break }
            variants.append(variant)
        }
        self.variants = variants
    }

    /// The request of a flow's call.
    func request(_ scene: inout Scene) throws -> ByteBuffer {
        guard !variants.isEmpty else { return try Self.encode(template.text(&scene), method) }
        let variant = variants[variants.count == 1 ? 0 : scene.random.below(variants.count)]
        var bytes = variant.bytes
        for id in variant.ids { bytes.setString(id.value.text(&scene), at: id.offset) }
        return bytes
    }

    /// Encodes a variant with marks for ids and finds them again; `nil` if one cannot be found, as
    /// where it is part of an encoded value.
    private static func variant(
        _ template: Template,
        _ method: MethodDescriptor,
        _ role: Persona,
        _ scene: inout Scene
    ) throws -> Variant? {
        var marks: [(mark: String, value: TemplateValue)] = []
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let value) where value.isID(for: role):
                let mark = scene.random.uuid()
                marks.append((mark, value))
                text += mark
            case .value(let value): text += value.text(&scene)
            }
        }
        let bytes = try encode(text, method)
        let view = bytes.readableBytesView
        var ids: [(offset: Int, value: TemplateValue)] = []
        for (mark, value) in marks {
            guard let found = view.firstRange(of: mark.utf8) else { return nil }
            ids.append((found.lowerBound, value))
        }
        return Variant(bytes: bytes, ids: ids)
    }

    private static func encode(_ json: String, _ method: MethodDescriptor) throws -> ByteBuffer {
        do {
            let message = try method.request.init(jsonString: json)
            return ByteBuffer(bytes: try message.serializedBytes())
        } catch {
            throw RequestFault(description: "\(method.path): \(error)")
        }
    }
}

/// Data that is no request of its method.
struct RequestFault: Error, CustomStringConvertible {
    let description: String
}
