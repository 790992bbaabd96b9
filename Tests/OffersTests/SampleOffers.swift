/// Hand-written offers in the sources' formats, as small as a test allows.
enum SampleOffers {
    /// An offer of France Travail; `extra` is further JSON members, with a comma before each.
    static func job(
        _ id: String,
        _ title: String,
        description: String = "",
        commune: String = "51454",
        created: String = "2026-05-04T08:11:02.000Z",
        contract: String = "CDD",
        experience: String = "D",
        extra: String = ""
    ) -> String {
        """
        {"id":"\(id)","intitule":"\(title)","description":"\(description)",\
        "dateCreation":"\(created)","lieuTravail":{"libelle":"","commune":"\(commune)"},\
        "typeContrat":"\(contract)","experienceExige":"\(experience)",\
        "origineOffre":{"urlOrigine":"https://example.org/\(id)"}\(extra)}
        """
    }

    /// A company of Immersion Facilitée.
    static func immersion(
        _ siret: String,
        rome: String = "D1106",
        label: String = "Vente en alimentation"
    ) -> String {
        """
        {"siret":"\(siret)","name":"Boulangerie","rome":"\(rome)","romeLabel":"\(label)",\
        "voluntaryToImmersion":true,"contactMode":"EMAIL","locationId":"l1",\
        "position":{"lat":49.25,"lon":4.03},\
        "address":{"postcode":"51100","departmentCode":"51","city":"Reims"},\
        "appellations":[{"appellationCode":"1","appellationLabel":"Vendeur en boulangerie"}]}
        """
    }
}
