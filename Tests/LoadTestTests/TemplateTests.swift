import ClientKit
import Contracts
import Foundation
import NIOCore
import RPC
import Testing

@testable import LoadTest

@Suite struct TemplateTests {
    private func scene(_ role: Persona = .youngPerson, number: UInt64 = 1) throws -> Scene {
        Scene(
            cast: try LoadScene.cast(),
            role: role,
            number: number,
            nowMs: LoadScene.nowMs,
            random: SeededGenerator(seed: 1, stream: number),
            ids: SeededGenerator(seed: 2, stream: number)
        )
    }

    private func fill(_ text: String, _ role: Persona = .youngPerson) throws -> String {
        var scene = try scene(role)
        return try Template(text).text(&scene)
    }

    @Test func placesAreFilled() throws {
        #expect(try fill("no place") == "no place")
        #expect(try fill("n${counter}") == "n1")
        #expect(try fill("${words:20}").split(separator: " ").count == 20)
        #expect(try fill("${text:33}").count == 33)
        #expect(try ["a", "b c", ""].contains(fill("${pick:a|b c|}")))
        let number = try #require(Int(try fill("${number:5-9}")))
        #expect((5...9).contains(number))
        #expect(UUID(uuidString: try fill("${uuid}")) != nil)
        #expect(try fill("${ms}") == "\(LoadScene.nowMs)")
        #expect(try fill("${ms:+1d}") == "\(LoadScene.nowMs + 86_400_000)")
        #expect(try fill("${day:+3d}") == "2025-11-27")
        #expect(try fill("${day:+38d}") == "2026-01-01")
    }

    @Test func aSlotIsAHalfHourOfAWorkingDay() throws {
        let text = try fill("${slot.start_ms} ${slot.end_ms}")
        let times = text.split(separator: " ").compactMap { Int64($0) }
        let (start, end) = (try #require(times.first), try #require(times.last))
        #expect(end - start == 1_800_000)
        #expect(start > LoadScene.nowMs)
        let weekday = (start / 86_400_000 + 3) % 7
        #expect(weekday < 5)
    }

    @Test func aCounsellorWritesAboutTheirOwnYoungPeople() throws {
        let cast = try LoadScene.cast()
        var scene = try scene(.counsellor)
        let person = try Template("${person.id}").text(&scene)
        let youngPerson = try Template("${young_person.id}").text(&scene)
        #expect(person == cast.population.counsellorID(scene.actor.number))
        #expect(cast.population.counsellor(of: scene.actor.youngPerson) == scene.actor.number)
        #expect(youngPerson == cast.population.youngPersonID(scene.actor.youngPerson))
        #expect(try fill("${person.id}") == (try fill("${young_person.id}")))
    }

    @Test func capturedTextIsEscaped() throws {
        var scene = try scene()
        scene.captured["it"] = "a \"b\"\n\\"
        let template = try Template(#"{"text":"${it}"}"#, captured: ["it"])
        #expect(template.captures == ["it"])
        #expect(template.text(&scene) == #"{"text":"a \"b\"\n\\"}"#)
    }

    @Test(arguments: [
        ("${wrods:20}", "is not known"), ("${words:many}", "needs a number"),
        ("${number:9-5}", "needs two numbers"), ("${uuid", "has no closing }"),
        ("${ms:tomorrow}", "needs a distance"), ("${pick:one}", "needs choices"),
    ])
    func faultsNameThePlace(text: String, words: String) {
        let fault = #expect(throws: TemplateFault.self) { try Template(text) }
        #expect(fault?.description.contains(words) == true)
        #expect(fault?.description.hasPrefix("${") == true)
    }

    /// Requests made ahead and requests made one by one must be of the same kind; ids never repeat.
    @Test func requestsMadeAheadHaveIdsOfTheirOwn() throws {
        let method = MessagingMethods.sendMessage.descriptor
        let maker = try maker(method, DefaultData.template(for: method))
        var ids: Set<String> = []
        var texts: Set<String> = []
        for number in 1...600 {
            var scene = try scene(number: UInt64(number))
            let bytes = try maker.request(&scene)
            let request = try SendMessageRequest(decoding: bytes)
            ids.insert(request.id)
            texts.insert(request.text)
            #expect(
                request.youngPersonID
                    == scene.cast.population.youngPersonID(scene.actor.youngPerson)
            )
            #expect(request.text.split(separator: " ").count == 20)
        }
        #expect(ids.count == 600)
        #expect((200...256).contains(texts.count))
    }

    @Test func requestsThatNeedMoreThanIdsAreMadeOneByOne() throws {
        let method = MessagingMethods.sendMessage.descriptor
        let maker = try maker(method, #"{"id":"${uuid}","text":"message ${counter}"}"#)
        for number in [1, 77] as [UInt64] {
            var scene = try scene(number: number)
            let request = try SendMessageRequest(decoding: try maker.request(&scene))
            #expect(request.text == "message \(number)")
        }
    }

    @Test func dataThatIsNoRequestIsRefusedBeforeTheRun() {
        let method = MessagingMethods.sendMessage.descriptor
        let fault = #expect(throws: RequestFault.self) {
            try maker(method, #"{"txet":"${words:20}"}"#)
        }
        #expect(fault?.description.contains("txet") == true)
    }

    @Test func everyDefaultIsARequestOfItsMethod() throws {
        for (name, template) in DefaultData.templates {
            let method = try MethodLookup.method(name)
            _ = try RequestMaker(
                method,
                try Template(template),
                role: Persona(for: method),
                cast: try LoadScene.cast(),
                seed: 1,
                nowMs: LoadScene.nowMs
            )
        }
    }

    private func maker(_ method: MethodDescriptor, _ template: String) throws -> RequestMaker {
        try RequestMaker(
            method,
            try Template(template),
            role: .youngPerson,
            cast: try LoadScene.cast(),
            seed: 1,
            nowMs: LoadScene.nowMs
        )
    }
}
