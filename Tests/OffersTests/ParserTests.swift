import Contracts
import Storage
import Testing

@testable import Offers

/// Reads one object as an offer of `source`.
func parseOffer(
    _ json: String,
    _ source: OfferSource,
    collection: String = ""
) throws -> ParsedOffer {
    try OfferParser.parse(
        JSONParser.parse(Array(json.utf8)),
        collection: collection,
        source: source,
        in: ImportContext(communes: CommuneTable(BuiltInCommunes.all), now: OffersScene.monday)
    )
}

@Suite struct FranceTravailParserTests {
    private let complete = """
        {"id":"128ABCD","intitule":"Vendeur / Vendeuse en boulangerie (H/F)",
        "description":"Un\\nDeux",
        "dateCreation":"2026-05-04T08:11:02.000Z","lieuTravail":{"libelle":"51 - REIMS",
        "latitude":49.25,
        "longitude":4.03,"codePostal":"51100","commune":"51454"},"romeCode":"D1106",
        "romeLibelle":"Vente",
        "entreprise":{"nom":"Boulangerie","description":"Une maison","siret":"123 456 789 00011"},
        "typeContrat":"CDD",
        "typeContratLibelle":"Contrat à durée déterminée - 6 Mois",
        "natureContrat":"Contrat travail",
        "experienceExige":"D","experienceLibelle":"Débutant accepté",
        "salaire":{"libelle":"Mensuel de 1800.0 Euros sur 12 mois","complement1":"Primes"},
        "dureeTravailLibelle":"35H\\nHoraires normaux","dureeTravailLibelleConverti":"Temps plein",
        "alternance":false,
        "competences":[{"code":"1","libelle":"Vendre"},{"libelle":"Vendre"},{"libelle":"Ranger"}],
        "contact":{"urlPostulation":"https://a.example/x"},"nombrePostes":2,
        "origineOffre":{"urlOrigine":"https://c.example/",
        "partenaires":[{"url":"https://b.example/"}]}}
        """

    @Test func aCompleteOfferIsReadWhole() throws {
        let parsed = try parseOffer(complete, .franceTravail)
        let place = OfferPlace(
            label: "51 - REIMS",
            insee: "51454",
            postalCode: "51100",
            department: "51",
            point: GeoPoint(latitude: 49.25, longitude: 4.03)
        )
        let summary = OfferSummary(
            id: "france-travail:128ABCD",
            kind: .job,
            source: .franceTravail,
            title: "Vendeur / Vendeuse en boulangerie (H/F)",
            company: "Boulangerie",
            place: place,
            contract: .cdd,
            contractLabel: "Contrat à durée déterminée - 6 Mois",
            experience: .beginnerAccepted,
            workingTime: .fullTime,
            publishedMs: 1_777_882_262_000
        )
        let offer = Offer(
            summary: summary,
            description: "Un\nDeux",
            rome: "D1106",
            romeLabel: "Vente",
            salary: "Mensuel de 1800.0 Euros sur 12 mois · Primes",
            workingHours: "Temps plein – 35H Horaires normaux",
            experienceLabel: "Débutant accepté",
            skills: ["Vendre", "Ranger"],
            companyDescription: "Une maison",
            applyURL: "https://a.example/x",
            contactMode: .contactByLink,
            durationMonths: 6,
            openings: 2
        )
        #expect(parsed == ParsedOffer(offer: offer, siret: "12345678900011"))
    }

    @Test(arguments: [
        #"{"id":"1","intitule":"Titre"}"#,
        #"{"id":1,"intitule":"Titre","lieuTravail":null,"entreprise":null,"salaire":null,"contact":{}}"#,
        #"{"id":"1","intitule":"Titre","lieuTravail":[],"entreprise":"x","salaire":7,"competences":{},"origineOffre":""}"#,
        #"{"id":"1","intitule":"Titre","nombrePostes":-3,"dateCreation":{},"description":null,"alternance":"x"}"#,
        #"{"id":"1","intitule":"Titre","formations":false,"competences":[null,1,{"libelle":null}],"romeCode":12}"#,
    ])
    func anythingButIDAndTitleMayBeMissingOrWrong(json: String) throws {
        let parsed = try parseOffer(json, .franceTravail)
        #expect(parsed.id == "france-travail:1")
        #expect(parsed.offer.summary?.title == "Titre")
        #expect(parsed.offer.openings == 0)
    }

    @Test(arguments: [
        (#"{"intitule":"Titre"}"#, "id"), (#"{"id":"","intitule":"Titre"}"#, "id"),
        (#"{"id":null,"intitule":"Titre"}"#, "id"), (#"{"id":{},"intitule":"Titre"}"#, "id"),
        (#"{"id":"1"}"#, "intitule"), (#"{"id":"1","intitule":"  "}"#, "intitule"),
        (#"{"id":"1","intitule":"(***)"}"#, "intitule"),
        (#"{"id":"1","intitule":["x"]}"#, "intitule"),
        (#"[]"#, ""), (#""x""#, ""),
    ])
    func offersWithoutIDOrTitleAreRefused(json: String, field: String) {
        let refusal = #expect(throws: OfferRefusal.self) { try parseOffer(json, .franceTravail) }
        #expect(refusal?.field == field)
        #expect(refusal?.reason.isEmpty == false)
    }

    @Test func longIDsAreRefusedAndLeadingZerosKept() throws {
        let long = String(repeating: "x", count: 129)
        #expect(throws: OfferRefusal.self) {
            try parseOffer(#"{"id":"\#(long)","intitule":"T"}"#, .franceTravail)
        }
        #expect(
            try parseOffer(#"{"id":"0071234","intitule":"T"}"#, .franceTravail).id
                == "france-travail:0071234"
        )
    }

    @Test(arguments: [
        ("CDI", "", "", ContractType.cdi, OfferKind.job), ("DIN", "", "", .cdi, .job),
        ("CDD", "Contrat apprentissage", "", .apprentissage, .apprenticeship),
        ("CDI", "Cont. professionnalisation", "", .professionnalisation, .apprenticeship),
        ("CDD", "E2", "", .apprentissage, .apprenticeship), ("MIS", "", "", .interim, .job),
        ("SAI", "", "", .seasonal, .job), ("LIB", "Emploi non salarié", "", .otherContract, .job),
        ("", "", "Contrat à durée indéterminée", .cdi, .job), ("", "", "CDI", .cdi, .job),
        ("", "", "Contrat à durée déterminée - 6 Mois", .cdd, .job),
        ("", "", "Mission intérimaire - 8 Mois", .interim, .job),
        ("XYZ", "", "", .otherContract, .job),
        ("", "", "Saisonnier - 1 Mois", .seasonal, .job), ("", "", "", .unspecified, .job),
    ])
    func contractsAreReadFromCodesAndLabels(
        code: String,
        nature: String,
        label: String,
        contract: ContractType,
        kind: OfferKind
    ) throws {
        let json = """
            {"id":"1","intitule":"T","typeContrat":"\(code)","natureContrat":"\(nature)",
            "typeContratLibelle":"\(label)"}
            """
        let summary = try parseOffer(json, .franceTravail).offer.summary
        #expect(summary?.contract == contract)
        #expect(summary?.kind == kind)
    }

    @Test(arguments: [
        ("", "Temps plein", WorkingTime.fullTime), ("35H Horaires normaux", "", .fullTime),
        ("26H15/semaine\\nTravail en journée", "", .partTime),
        ("Temps partiel - 26H15", "", .partTime),
        ("24H Horaires", "Temps plein", .fullTime), ("Travail en journée", "", .unspecified),
        ("2 jours par semaine", "", .unspecified),
    ])
    func workingTimesAreRead(hours: String, short: String, expected: WorkingTime) throws {
        let json = """
            {"id":"1","intitule":"T","dureeTravailLibelle":"\(hours)",
            "dureeTravailLibelleConverti":"\(short)"}
            """
        #expect(try parseOffer(json, .franceTravail).offer.summary?.workingTime == expected)
    }

    @Test(arguments: [
        (#"{}"#, ""), (#"[{"libelle":"Mensuel de 1800 Euros"}]"#, "Mensuel de 1800 Euros"),
        (#"["a 12 €","b 13 €"]"#, "a 12 € · b 13 €"), (#""40000,00""#, "40000,00"),
        ("2188.0", "2188.0"),
        (#"{"libelle":"Horaire de 17.0 Euros sur 0.0 mois"}"#, "Horaire de 17.0 Euros"),
        (#"{"libelle":"Annuel de"}"#, ""), (#"{"commentaire":"-","complement1":"Autre"}"#, ""),
        (
            #"{"complement1":"Primes","listeComplements":[{"libelle":"Primes"},{"libelle":"CSE"}]}"#,
            "Primes · CSE"
        ),
    ])
    func salariesAreReadInEveryShape(salary: String, expected: String) throws {
        let json = #"{"id":"1","intitule":"T","salaire":\#(salary)}"#
        #expect(try parseOffer(json, .franceTravail).offer.salary == expected)
    }

    @Test(arguments: [
        (
            #""contact":{"urlPostulation":"javascript:alert(1)"},"origineOffre":{"urlOrigine":"https://c.example/"}"#,
            "https://c.example/"
        ),
        (
            #""contact":{},"origineOffre":{"partenaires":[{"url":null},{"url":"HTTP://b.example/?a=1&amp;b=2"}],"urlOrigine":"https://c.example/"}"#,
            "HTTP://b.example/?a=1&b=2"
        ),
        (#""contact":{"urlPostulation":"www.example.org"}"#, ""),
        (#""contact":{"urlPostulation":"https://a b"}"#, ""),
        (#""contact":{"urlPostulation":"https://"}"#, ""),
        (#""contact":{"urlPostulation":"https://x\"><script>"}"#, ""),
    ])
    func onlyWebAddressesAreKeptInTheirOrder(members: String, expected: String) throws {
        let json = #"{"id":"1","intitule":"T",\#(members)}"#
        #expect(try parseOffer(json, .franceTravail).offer.applyURL == expected)
    }
}

@Suite struct SourceDateTests {
    @Test(arguments: [
        ("2026-05-04T08:11:02.000Z", 1_777_882_262_000),
        ("2026-05-04T08:11:02.5Z", 1_777_882_262_500),
        ("2026-05-04T10:11:02+02:00", 1_777_882_262_000),
        ("2026-05-04T06:11:02-0200", 1_777_882_262_000),
        ("2026-05-04", 1_777_852_800_000), ("04/05/2026", 1_777_852_800_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2026-05-04 08:11", 1_777_882_260_000),
        ("1970-01-01", 0),
    ])
    func datesAreRead(text: String, expected: Int64) {
        #expect(SourceDate.parse(text) == expected)
    }

    @Test(arguments: [
        "", "hier", "2026-13-01", "2026-02-29", "2026-5-4", "0000-00-00", "99/99/9999", "T10:00",
    ])
    func otherTextsAreNoDates(text: String) {
        #expect(SourceDate.parse(text) == nil)
    }

    @Test func absurdDatesAreLeftOut() {
        let now = OffersScene.monday
        func published(_ text: String) -> Int64 { SourceDate.published(.string(text), now: now) }
        #expect(published("3023-01-01T00:00:00Z") == 0)
        #expect(published("1900-01-01T00:00:00Z") == 0)
        #expect(published("2026-05-13T00:00:00Z") == 0)
        #expect(published("2026-05-12T00:00:00Z") > 0)
        #expect(SourceDate.any(.string("3023-01-01")) == 0)
        #expect(SourceDate.any(.string("2027-01-01")) == 1_798_761_600_000)
        #expect(SourceDate.any(.number("1798761600")) == 1_798_761_600_000)
        #expect(SourceDate.any(.number("1e300")) == 0)
    }
}
