public import Configuration
public import Logging
public import RPC

/// What a process of the system can be told, read once at start from `PASS_…` in the environment
/// and, below it, from the JSON file that `PASS_CONFIG` names.
public struct Settings: Sendable {
    /// Every fault of the settings, one a line, each naming the setting and the mend.
    public struct Faults: Error, CustomStringConvertible {
        /// The faults, joined.
        public let description: String
    }

    /// The service's name: "agenda".
    ///
    /// Also the name in its certificate.
    public let service: String
    /// `PASS_INSTANCE`: the name in logs; by default the service's.
    public let instance: String
    /// `PASS_LISTEN`: where to accept connections.
    public let listen: RPCAddress
    /// `PASS_OPERATOR_LISTEN`: where to answer operators, by their certificates; nowhere unless set.
    ///
    /// Needed where the clients' door asks for no certificates; elsewhere it adds that it stays
    /// open while the process stops.
    public let operatorListen: RPCAddress?
    /// `PASS_METRICS`: where to answer `GET /metrics` over plain HTTP; nowhere unless set.
    public let metrics: RPCAddress?
    /// `PASS_DATA`: the directory of the database.
    public let dataDirectory: String
    /// `PASS_CERTIFICATES`: the directory of `ca.pem`, `<service>.pem` and `<service>.key`.
    public let certificateDirectory: String
    /// `PASS_ACCOUNTS`, `PASS_MESSAGING` …: where the replicas of the other services are; several
    /// places are separated by commas, and a name stands for all of its IP addresses.
    public let addresses: [String: [RPCAddress]]
    /// `PASS_ASSERTING_PEERS`: who may say for whom it calls; comma-separated, by default `gateway`.
    public let assertingPeers: Set<String>
    /// `PASS_LOG_LEVEL`: trace, debug, info, notice, warning, error or critical.
    public let logLevel: Logger.Level
    /// `PASS_DRAIN_SECONDS`: how long calls under way may still take when the process stops.
    public let drain: Duration

    /// The ports of a system on one machine, by service.
    public static let defaultPorts = [
        "rpc-echo": 7400, "accounts": 7401, "messaging": 7402, "agenda": 7403, "actions": 7404,
        "offers": 7405, "gateway": 7443,
    ]

    /// The services that others call.
    static let neighbours = ["accounts", "messaging", "agenda", "actions", "offers"]

    /// Reads and checks everything.
    ///
    /// - Throws: `Faults` with all of them.
    public init(service: String, reader: ConfigReader) throws(Faults) {
        var faults: [String] = []
        func address(_ name: String, _ fallback: String) -> RPCAddress? {
            let text = reader.string(forKey: .init("pass.\(name)"), default: fallback)
            let address = RPCAddress(parsing: text)
            if address == nil {
                let setting = name.uppercased().replacing(".", with: "_")
                faults.append(
                    "PASS_\(setting) is \"\(text)\"; it must be host:port, like \(fallback)"
                )
            }
            return address
        }
        let listen = address("listen", "127.0.0.1:\(Self.defaultPorts[service] ?? 0)")
        let hasOperators = reader.string(forKey: "pass.operator.listen", default: "") != ""
        operatorListen = hasOperators ? address("operator.listen", "127.0.0.1:7444") : nil
        let hasMetrics = reader.string(forKey: "pass.metrics", default: "") != ""
        metrics = hasMetrics ? address("metrics", "127.0.0.1:9100") : nil
        var addresses: [String: [RPCAddress]] = [:]
        for name in Self.neighbours {
            let fallback = "127.0.0.1:\(Self.defaultPorts[name] ?? 0)"
            let text = reader.string(forKey: ["pass", .init(name)], default: fallback)
            addresses[name] = RPCAddress.list(parsing: text)
            if addresses[name] == nil {
                faults.append(
                    "PASS_\(name.uppercased()) is \"\(text)\"; it must be host:port, like "
                        + "\(fallback), or several with commas between them"
                )
            }
        }
        let level = reader.string(forKey: "pass.log.level", default: "info")
        let logLevel = Logger.Level(rawValue: level)
        if logLevel == nil {
            faults.append(
                "PASS_LOG_LEVEL is \"\(level)\"; it must be trace, debug, info, notice, warning, error or critical"
            )
        }
        let drainText = reader.string(forKey: "pass.drain.seconds", default: "10")
        let drain = Int(drainText)
        if drain.map({ !(0...300).contains($0) }) ?? true {
            faults.append(
                "PASS_DRAIN_SECONDS is \"\(drainText)\"; it must be a whole number from 0 to 300"
            )
        }
        self.service = service
        instance = reader.string(forKey: "pass.instance", default: service)
        dataDirectory = reader.string(forKey: "pass.data", default: ".run/data/\(service)")
        certificateDirectory = reader.string(
            forKey: "pass.certificates",
            default: ".run/certificates"
        )
        assertingPeers = Set(
            reader.string(forKey: "pass.asserting.peers", default: "gateway")
                .split(separator: ",").map { String($0) }
        )
        self.addresses = addresses
        guard faults.isEmpty, let listen, let logLevel, let drain else {
            throw Faults(description: faults.joined(separator: "\n"))
        }
        self.listen = listen
        self.logLevel = logLevel
        self.drain = .seconds(drain)
    }
}
