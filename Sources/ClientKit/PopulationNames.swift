import Foundation

/// The names that made-up people get, frequent ones of their generations.
enum PopulationNames {
    /// First names of young people.
    static let young = Name.list(
        """
        Léa Emma Inès Jade Louise Chloé Manon Camille Sarah Lina Eva Zoé Anaïs Maëlys Clara Lola \
        Romane Noémie Aya Yasmine Fatou Aminata Mariam Nour Maëva Océane Marine Pauline Justine \
        Mathilde Lucas Hugo Enzo Nathan Mathis Théo Noah Tom Louis Jules Ethan Raphaël Yanis Adam \
        Mohamed Ibrahim Mamadou Rayan Ilyès Samuel Maxime Clément Antoine Baptiste Romain Quentin \
        Valentin Alexis Dylan Kévin
        """
    )

    /// First names of counsellors.
    static let grown = Name.list(
        """
        Nathalie Isabelle Sylvie Sandrine Valérie Stéphanie Céline Virginie Karine Christelle \
        Delphine Aurélie Laëtitia Émilie Élodie Julie Nadia Samira Hélène Claire Philippe Laurent \
        Christophe Frédéric Stéphane Sébastien David Nicolas Julien Jérôme Cédric Olivier Karim \
        Rachid Vincent Franck Bruno Thierry Pascal Éric
        """
    )

    /// Family names.
    static let family = Name.list(
        """
        Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel \
        Lefebvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine \
        Rousseau Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier \
        François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu \
        Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun \
        Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche \
        Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud \
        Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq \
        Guillaume Lecomte Diallo Traoré Benali Haddad Nguyen Da-Silva Lopez Fernandez Grondin
        """
    )

    /// A name, and how it is written in an e-mail address.
    struct Name: Sendable {
        let text: String
        let address: String

        static func list(_ names: String) -> [Name] {
            names.split(whereSeparator: \.isWhitespace).map { name in
                let text = String(name)
                let plain = text.folding(
                    options: [.diacriticInsensitive, .caseInsensitive],
                    locale: Locale(identifier: "en_US_POSIX")
                )
                return Name(text: text, address: plain.lowercased())
            }
        }
    }
}
