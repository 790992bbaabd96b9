import Contracts
import Testing

@testable import Offers

@Suite struct ServiceCiviqueParserTests {
    @Test func aMissionIsRead() throws {
        let json = """
            {"_id":"63f0","title":"Accompagner les &eacute;lèves","organizationName":"Asso",
            "domain":"education",
            "description":"<p>Aider</p>","applicationUrl":"https://a.example/",
            "startAt":"2026-09-01T00:00:00.000Z",
            "endAt":null,"city":"Lyon","postalCode":69003,"departmentName":"Rhône",
            "departmentCode":"69","country":"FR",
            "location":{"lon":4.85,"lat":45.76},"places":"2","duration":6,"schedule":"part_time",
            "createdAt":"2026-05-01T00:00:00Z"}
            """
        let offer = try parseOffer(json, .serviceCivique).offer
        #expect(offer.summary?.id == "service-civique:63f0")
        #expect(offer.summary?.kind == .civicService)
        #expect(offer.summary?.title == "Accompagner les élèves")
        #expect(offer.summary?.contract == .civicServiceContract)
        #expect(offer.summary?.experience == .beginnerAccepted)
        #expect(offer.summary?.workingTime == .partTime)
        #expect(offer.summary?.place?.label == "Lyon (Rhône)")
        #expect(offer.summary?.place?.insee == "69383")
        #expect(offer.summary?.place?.point == GeoPoint(latitude: 45.76, longitude: 4.85))
        #expect(offer.description == "Aider")
        #expect(offer.startMs == 1_788_220_800_000)
        #expect(offer.durationMonths == 6)
        #expect(offer.openings == 2)
    }

    @Test func missingAndAbsurdPartsAreSurvived() throws {
        let json = """
            {"id":"x","title":"T","location":null,"startAt":"3023-01-01T00:00:00Z",
            "endAt":"2026-01-01","places":null,
            "city":null,"addresses":[{"city":"Marseille","postalCode":"13007",
            "location":{"lat":43.29,"lon":5.36}}]}
            """
        let offer = try parseOffer(json, .serviceCivique).offer
        #expect(offer.startMs == 0 && offer.durationMonths == 0)
        #expect(offer.summary?.place?.insee == "13207")
    }

    @Test func missionsAbroadHaveNoFrenchDepartment() throws {
        let json = """
            {"_id":"1","title":"T","city":"Mainz","postalCode":55118,"departmentName":"Meuse",
            "departmentCode":"55",
            "country":"DE","location":{"lon":8.25,"lat":50.0}}
            """
        let place = try parseOffer(json, .serviceCivique).offer.summary?.place
        #expect(
            place
                == OfferPlace(label: "Mainz (DE)", point: GeoPoint(latitude: 50.0, longitude: 8.25))
        )
    }

    @Test func withdrawnMissionsAreClosed() throws {
        let deleted = #"{"_id":"1","title":"T","deletedAt":"2026-01-01"}"#
        #expect(try parseOffer(deleted, .serviceCivique).offer.summary?.closed == true)
        let refused = #"{"_id":"1","title":"T","statusCode":"REFUSED","deletedAt":null}"#
        #expect(try parseOffer(refused, .serviceCivique).offer.summary?.closed == true)
    }

    @Test func theSourcesOwnErrorIsTold() {
        let json = #"{"ok":false,"data":null,"error":"Id not valid"}"#
        let refusal = #expect(throws: OfferRefusal.self) { try parseOffer(json, .serviceCivique) }
        #expect(
            refusal?.reason
                == "The offer has no id. The source answered with an error: Id not valid"
        )
    }
}

@Suite struct ImmersionParserTests {
    @Test func aCompanyIsRead() throws {
        let parsed = try parseOffer(SampleOffers.immersion("12345678900011"), .immersionFacilitee)
        let summary = try #require(parsed.offer.summary)
        #expect(summary.id == "immersion-facilitee:12345678900011-D1106-l1")
        #expect(summary.kind == .immersion && summary.contract == .immersionPeriod)
        #expect(summary.title == "Vente en alimentation")
        #expect(summary.place?.insee == "51454" && summary.place?.label == "51100 Reims")
        #expect(parsed.offer.contactMode == .contactByForm)
        #expect(parsed.offer.skills == ["Vendeur en boulangerie"])
        #expect(parsed.siret == "12345678900011")
    }

    @Test func theOlderShapeIsRead() throws {
        let json = """
            {"siret":"12345678900011","name":"N","customizedName":"","rome":"K1302","romeLabel":"",
            "appellationLabels":["Assistant / Assistante de vie"],"voluntaryToImmersion":"true",
            "locationId":null,
            "contactMode":"PHONE","position":null,"address":{},"website":"www.x.fr ",
            "isAvailable":"false"}
            """
        let parsed = try parseOffer(json, .immersionFacilitee)
        #expect(parsed.id == "immersion-facilitee:12345678900011-K1302")
        #expect(parsed.offer.summary?.title == "Assistant / Assistante de vie")
        #expect(parsed.offer.summary?.company == "N")
        #expect(parsed.offer.summary?.place == nil)
        #expect(parsed.offer.summary?.closed == true)
        #expect(parsed.offer.contactMode == .contactByPhone)
    }

    @Test(arguments: [
        #"{"romeLabel":"T"}"#, #"{"siret":"123","romeLabel":"T"}"#, #"{"siret":"12345678900011"}"#,
    ])
    func companiesWithoutSIRETOrTradeAreRefused(json: String) {
        #expect(throws: OfferRefusal.self) { try parseOffer(json, .immersionFacilitee) }
    }
}

@Suite struct AlternanceParserTests {
    @Test func aJobOfVersion3IsRead() throws {
        let json = """
            {"identifier":{"id":null,"partner_label":"APEC","partner_job_id":"1/2"},
            "workplace":{"name":"N","brand":null,
            "siret":"12345678900011","location":{"address":"51100 REIMS",
            "geopoint":{"type":"Point","coordinates":[4.03,49.25]}}},
            "apply":{"url":"https://a.example/"},"contract":{"start":"2026-09-01T00:00:00.000Z",
            "duration":12,
            "type":["Professionnalisation","Apprentissage"]},"offer":{"title":"Vendeur",
            "rome_codes":["x","D1106"],
            "description":"<b>Texte</b>","target_diploma":{"european":"4","label":"Bac"},
            "desired_skills":["a"],
            "to_be_acquired_skills":["b"],"opening_count":1,"status":"Active",
            "publication":{"creation":"2026-05-01T00:00:00.000Z"},"access_conditions":["Débutant"]}}
            """
        let parsed = try parseOffer(json, .laBonneAlternance, collection: "jobs")
        let summary = try #require(parsed.offer.summary)
        #expect(summary.id == "la-bonne-alternance:APEC:1/2")
        #expect(summary.kind == .apprenticeship && summary.contract == .apprentissage)
        #expect(summary.place?.insee == "51454")
        #expect(summary.place?.point == GeoPoint(latitude: 49.25, longitude: 4.03))
        #expect(summary.experience == .beginnerAccepted)
        #expect(parsed.offer.rome == "D1106")
        #expect(parsed.offer.description == "Texte\n\nDiplôme visé : Bac")
        #expect(parsed.offer.skills == ["a", "b"])
        #expect(parsed.offer.durationMonths == 12)
        #expect(parsed.siret == "12345678900011")
    }

    @Test func coordinatesInEitherOrderAreUnderstood() throws {
        for pair in ["[2.347,48.8589]", "[48.8589,2.347]", "[\"48.8589\",\"2.347\"]"] {
            let json = """
                {"identifier":{"id":"1"},"offer":{"title":"T"},
                "workplace":{"location":{"address":"Paris","geopoint":{"coordinates":\(pair)}}}}
                """
            let place = try parseOffer(json, .laBonneAlternance).offer.summary?.place
            #expect(place?.point == GeoPoint(latitude: 48.8589, longitude: 2.347))
        }
    }

    @Test func emptyBlocksAreSurvivedOrRefused() throws {
        let bare =
            #"{"identifier":{"id":"1"},"offer":{"title":"T"},"workplace":null,"apply":null,"contract":null}"#
        #expect(try parseOffer(bare, .laBonneAlternance).offer.summary?.place == nil)
        for json in [
            #"{"identifier":{"id":"1"}}"#, #"{"identifier":{},"offer":{"title":"T"}}"#, "{}",
        ] {
            #expect(throws: OfferRefusal.self) {
                try parseOffer(json, .laBonneAlternance, collection: "jobs")
            }
        }
    }

    @Test func recruitersBecomeSpontaneousApplications() throws {
        let json =
            #"{"identifier":{"id":"9"},"workplace":{"brand":"Chez Nous","domain":{"naf":{"label":"Pain"}}},"apply":{}}"#
        let offer = try parseOffer(json, .laBonneAlternance, collection: "recruiters").offer
        #expect(offer.summary?.title == "Candidature spontanée en alternance – Chez Nous")
        #expect(offer.description == "Pain")
    }

    @Test func version1IsRead() throws {
        let json = """
            {"ideaType":"matcha","title":"Boucher","company":{},"place":{"city":"46 - CAHORS",
            "insee":"46042",
            "latitude":"44.45","longitude":"1.43"},"contact":null,"job":{"id":"m1",
            "contractType":"CDI, Professionnalisation",
            "dureeContrat":"6 mois","jobStartDate":"2026-09-01","status":"Pourvue",
            "quantiteContrat":1,
            "romeDetails":{"definition":"Texte","competencesDeBase":[{"libelle":"Couper"}]}},
            "romes":[{"code":"D1101","label":null}],"nafs":null}
            """
        let offer = try parseOffer(json, .laBonneAlternance, collection: "matchas").offer
        #expect(offer.summary?.id == "la-bonne-alternance:m1")
        #expect(offer.summary?.contract == .professionnalisation)
        #expect(offer.summary?.closed == true)
        #expect(offer.summary?.place?.department == "46")
        #expect(offer.summary?.place?.point == GeoPoint(latitude: 44.45, longitude: 1.43))
        #expect(offer.durationMonths == 6)
        #expect(offer.rome == "D1101" && offer.skills == ["Couper"] && offer.description == "Texte")
    }

    @Test func version1CompaniesHaveTheirSIRETAsID() throws {
        let json = """
            {"company":{"name":"CLUB","siret":"52352551700026"},
            "nafs":[{"label":"A"},{"label":"B"}],"job":null,
            "place":{"city":"Paris","fullAddress":"18 RUE X, 75020 Paris"},
            "contact":{"email":"chiffré"}}
            """
        let offer = try parseOffer(json, .laBonneAlternance, collection: "lbaCompanies").offer
        #expect(offer.summary?.id == "la-bonne-alternance:52352551700026")
        #expect(offer.summary?.place?.insee == "75120")
        #expect(offer.description == "A\nB")
    }
}
