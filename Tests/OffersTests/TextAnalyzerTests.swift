import Testing

@testable import Offers

@Suite struct TextAnalyzerTests {
    private func tokens(_ text: String) -> [String] {
        TextAnalyzer().tokens(text).split(separator: " ").map(String.init)
    }

    @Test(arguments: [
        [
            "vendeur", "vendeuse", "Vendeurs", "VENDEUSES", "vendeur(se)", "vendeur/se",
            "vendeur·euse",
        ],
        ["infirmier", "infirmière", "infirmiere", "Infirmières", "infirmier(ère)"],
        ["boulanger", "boulangère", "boulangers"],
        ["directeur", "directrice", "directeur-rice", "directeur/trice"],
        ["employé", "employée", "employe", "employé(e)s", "employé.e.s", "employé·es"],
        ["technicien", "technicienne", "techniciens", "technicien(ne)"],
        ["assistant", "assistante", "assistant(e)"],
        ["agent", "agente", "agents"],
        ["apprenti", "apprentie", "apprenti(e)", "apprentis"],
        ["conseiller", "conseillère", "conseillere"],
        ["ingénieur", "ingénieure", "ingenieur", "INGÉNIEURS"],
        ["serveur", "serveuse", "Serveur/se"],
        ["coiffeur", "coiffeuse"],
        ["professionnel", "professionnelle", "professionnels"],
        ["chef", "cheffe", "chefs", "cheffes"],
        ["maçon", "maçonne", "macon"],
        ["commercial", "commerciale", "commerciaux"],
        ["administratif", "administrative"],
        ["éducateur", "éducatrice", "educateur"],
        ["développeur", "développeuse", "de\u{301}veloppeur"],
        ["cœur", "coeur"],
    ])
    func formsOfOneWordMeet(forms: [String]) {
        let expected = tokens(forms[0])
        #expect(expected.count == 1)
        for form in forms { #expect(tokens(form) == expected, "\(form)") }
    }

    @Test(arguments: [
        ("vendeur", "vente"), ("boulanger", "boulangerie"), ("formateur", "formation"),
        ("cuisinier", "cuisine"), ("fleur", "fluor"), ("aide", "aider"),
    ])
    func differentWordsMayStayApart(one: String, other: String) {
        // The first pairs are different things to look for; the last shows what stemming joins.
        #expect((tokens(one) == tokens(other)) == (one == "aide"))
    }

    @Test(arguments: [
        ("Aide-soignant", "aid soign"),
        ("l'hôtellerie d’été qu'aujourd'hui", "hoteller aujourd hui"),
        ("Vendeur (H/F)", "vendeu"),
        ("Vendeur H/F - f/h (m/w/d) HF", "vendeu"),
        ("Développeur C++ / C# .NET", "developpeu cpp csharp net"),
        ("permis B 35h", "perm b 35h"),
        ("de la le les et", ""),
        ("!!! ??? --- \u{1F642} ", ""),
        ("\"AND\" OR NOT NEAR(a b)*", "and or not near b"),
        ("العمل 日本語", "العمل 日本語"),
        ("", ""),
    ])
    func textsBecomeTokens(text: String, expected: String) {
        #expect(tokens(text) == expected.split(separator: " ").map(String.init))
    }

    @Test func tokensHoldNothingButWordCharacters() {
        let hostile = "\"'(){}[]*^:-+\u{0}\n\t\\;,.\u{200B}\u{202E}a\u{300}b\u{FFFD}"
        for token in tokens(String(repeating: hostile, count: 10)) {
            #expect(token.unicodeScalars.allSatisfy { $0.properties.isAlphabetic })
        }
    }

    @Test func foldingDropsCaseAndAccents() {
        #expect(Folding.fold("ÀÉÎÕÜ Çñ ŒÆß ŁŻ ÿ × Ω") == "aeiou cn oeaess lz y × ω")
    }
}
