import Contracts
import RPC
import Testing

@Suite struct JSONTests {
    @Test func namesAreLowerCamelCaseAndDefaultsAreLeftOut() throws {
        let appointment = Appointment(
            youngPersonID: "y",
            modality: .byVideo,
            startMs: 1_763_900_000_000,
            revision: 3
        )
        #expect(
            try appointment.jsonString()
                == #"{"modality":"BY_VIDEO","revision":3,"startMs":"1763900000000","youngPersonId":"y"}"#
        )
    }

    @Test func theSchemasNamesAreReadToo() throws {
        let appointment = try Appointment(jsonString: #"{"young_person_id":"y","startMs":"1"}"#)
        #expect(appointment == Appointment(youngPersonID: "y", startMs: 1))
    }

    @Test func bothNamesOfOneFieldAreRefused() {
        #expect(throws: DecodingFault.self) {
            try Appointment(jsonString: #"{"young_person_id":"y","youngPersonId":"z"}"#)
        }
    }

    @Test(arguments: [
        #"{"sequence":"18446744073709551615"}"#, #"{"sequence":18446744073709551615}"#,
    ])
    func longNumbersAreReadAsStringsAndAsNumbers(json: String) throws {
        #expect(try Change(jsonString: json).sequence == UInt64.max)
    }

    @Test func shortNumbersAreReadFromStringsToo() throws {
        #expect(try Steps(jsonString: #"{"done":"2","total":5}"#) == Steps(done: 2, total: 5))
    }

    @Test func bytesAreBase64OfEitherAlphabet() throws {
        let echo = EchoMessage(body: [0xfb, 0xff, 0xfe, 0])
        #expect(try echo.jsonString() == #"{"body":"+//+AA=="}"#)
        for text in ["+//+AA==", "+//+AA", "-__-AA", "-__-AA=="] {
            #expect(try EchoMessage(jsonString: #"{"body":"\#(text)"}"#) == echo)
        }
        #expect(throws: DecodingFault(field: "body", mend: "must be base64")) {
            try EchoMessage(jsonString: #"{"body":"*"}"#)
        }
    }

    @Test func enumerationsAreReadByNameAndByNumber() throws {
        #expect(try Reminder(jsonString: #"{"kind":"DAY_BEFORE"}"#).kind == .dayBefore)
        #expect(try Reminder(jsonString: #"{"kind":2}"#).kind == .dayBefore)
        #expect(try Reminder(jsonString: #"{"kind":77}"#).kind == .unrecognized(77))
        #expect(try Reminder(kind: .unrecognized(77)).jsonString() == #"{"kind":77}"#)
        let fault = #expect(throws: DecodingFault.self) {
            try Reminder(jsonString: #"{"kind":"HOUR_BEFORE"}"#)
        }
        #expect(fault?.field == "kind")
        #expect(fault?.mend.contains("WEEK_BEFORE, DAY_BEFORE") == true)
    }

    @Test func nullIsTheDefault() throws {
        let json = #"{"appointments":null,"next":null}"#
        #expect(
            try ListAppointmentsResponse(jsonString: json) == ListAppointmentsResponse()
        )
        #expect(try Progress(jsonString: #"{"percent":null,"steps":{}}"#).degree == .steps(Steps()))
    }

    @Test func unknownNamesAreRefusedByTheirPath() {
        let fault = DecodingFault(
            field: "appointments[0].colour",
            mend: "is not a field of this message"
        )
        #expect(throws: fault) {
            try ListAppointmentsResponse(jsonString: #"{"appointments":[{"colour":1}]}"#)
        }
        #expect(throws: DecodingFault.self) { try GetMeRequest(jsonString: #"{"a":1}"#) }
    }

    @Test func twoMembersOfAOneofAreRefused() {
        let fault = #expect(throws: DecodingFault.self) {
            try Progress(jsonString: #"{"percent":1,"steps":{}}"#)
        }
        #expect(fault?.mend == "must not come twice: one of `degree`")
    }

    @Test func aMemberOfAOneofIsWrittenAtItsDefault() throws {
        #expect(try Progress(degree: .percent(0)).jsonString() == #"{"percent":0}"#)
        #expect(try OfferSummary(distanceM: 0).jsonString() == #"{"distanceM":0}"#)
    }

    @Test func numbersThatJSONLacksAreStrings() throws {
        let point = GeoPoint(latitude: .infinity, longitude: -.infinity)
        #expect(try point.jsonString() == #"{"latitude":"Infinity","longitude":"-Infinity"}"#)
        #expect(try GeoPoint(jsonString: point.jsonString()) == point)
        #expect(try GeoPoint(latitude: .nan).jsonString() == #"{"latitude":"NaN"}"#)
        #expect(try GeoPoint(jsonString: #"{"latitude":"NaN"}"#).latitude.isNaN)
        #expect(try GeoPoint(jsonString: #"{"latitude":"1.5"}"#).latitude == 1.5)
    }

    @Test(arguments: [
        (#"{"id":5}"#, "id", "must be a string"),
        (#"{"startMs":"x"}"#, "startMs", "must be an integer"),
        (#"{"startMs":{}}"#, "startMs", "must be an integer"),
        (#"{"revision":-1}"#, "revision", "must be an integer from 0 to 4294967295"),
        (#"{"revision":1.5}"#, "revision", "must be an integer"),
        (#"{"reminders":[{"dueMs":9223372036854775808}]}"#, "reminders[0].dueMs", "must be an"),
        (#"{"reminders":[{"dueMs":"1"},5]}"#, "reminders[1]", "must be an object"),
        (#"{"reminders":[null]}"#, "reminders[0]", "must not be null"),
        (#"{"reminders":{}}"#, "reminders", "must be an array"),
        ("[]", "", "must be an object"),
        ("{", "", "is not valid JSON"),
        ("", "", "is not valid JSON"),
    ])
    func faultsNameTheirField(json: String, field: String, mend: String) {
        let fault = #expect(throws: DecodingFault.self) { try Appointment(jsonString: json) }
        #expect(fault?.field == field)
        #expect(fault?.mend.hasPrefix(mend) == true, "\(fault?.mend ?? "no fault")")
    }
}
