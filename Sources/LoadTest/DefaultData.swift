public import RPC

/// Templates for the methods that are worth a load test, for who gives none.
public enum DefaultData {
    /// The template of a method; an empty message for those without one.
    public static func template(for method: MethodDescriptor) -> String {
        templates[method.shortName] ?? "{}"
    }

    static let templates = [
        "Messaging/SendMessage":
            #"{"id":"${uuid}","young_person_id":"${young_person.id}","text":"${words:20}"}"#,
        "Messaging/ListMessages": #"{"young_person_id":"${young_person.id}","limit":20}"#,
        "Messaging/GetConversation": #"{"young_person_id":"${young_person.id}"}"#,
        "Messaging/ListNotices": #"{"limit":20}"#,
        "Agenda/BookAppointment":
            """
        {"id":"${uuid}","young_person_id":"${young_person.id}","title":"${words:4}",\
        "modality":"AT_STRUCTURE","start_ms":"${slot.start_ms}","end_ms":"${slot.end_ms}"}
        """,
        "Agenda/ListAppointments": #"{"from_ms":"${ms}","limit":20}"#,
        "Actions/AssignAction":
            """
        {"assignments":[{"id":"${uuid}","young_person_id":"${young_person.id}"}],\
        "content":{"content":"${words:6}","category":"EMPLOI","due_date":"${day:+2d..+20d}"}}
        """,
        "Actions/AddAction":
            #"{"id":"${uuid}","content":{"content":"${words:6}","category":"EMPLOI"}}"#,
        "Actions/ListActions": #"{"young_person_id":"${young_person.id}","limit":20}"#,
        "Actions/GetWeek": #"{"young_person_id":"${young_person.id}"}"#,
        "Offers/SearchOffers":
            """
        {"words":"${pick:vente|boulangerie|accueil|cuisine|vendeur|logistique|aide}",\
        "place":"${pick:Paris|Lyon|Lille|Marseille|Nantes|Toulouse}","radius_km":30,"limit":20}
        """,
        // 64 bytes.
        "Echo/Unary": #"{"body":"\#(String(repeating: "A", count: 86))=="}"#,
    ]
}
