/// Lines over two axes, as SVG.
struct LineChart {
    /// One line.
    struct Series {
        let name: String
        /// Its class in the page's style sheet.
        let style: String
        let points: [(x: Double, y: Double)]
    }

    /// A place on an axis.
    struct Tick: Equatable {
        let value: Double
        let label: String
    }

    let title: String
    let series: [Series]
    let xTicks: [Tick]
    let yTicks: [Tick]

    private static let width = 760.0
    private static let height = 260.0
    private static let left = 70.0
    private static let bottom = 34.0
    private static let top = 10.0
    private static let right = 16.0

    /// The chart with its title and legend, or a sentence if there is nothing to draw.
    var html: String {
        guard let xMax = xTicks.last?.value, let yMax = yTicks.last?.value, xMax > 0, yMax > 0
        else { return "<h2>\(HTMLText.escaped(title))</h2><p>Nothing was measured.</p>" }
        let xMin = xTicks.first?.value ?? 0
        func x(_ value: Double) -> String {
            let share = (value - xMin) / max(xMax - xMin, .leastNonzeroMagnitude)
            return NumberText.decimals(Self.left + share * (Self.width - Self.left - Self.right), 1)
        }
        func y(_ value: Double) -> String {
            let share = min(value / yMax, 1)
            let span = Self.height - Self.bottom - Self.top
            return NumberText.decimals(Self.height - Self.bottom - share * span, 1)
        }
        var svg = "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\">"
        for tick in yTicks {
            svg += "<path class=\"grid\" d=\"M\(x(xMin)) \(y(tick.value))H\(x(xMax))\"/>"
            svg += "<text x=\"\(Int(Self.left) - 8)\" y=\"\(y(tick.value))\" class=\"y\">"
            svg += "\(HTMLText.escaped(tick.label))</text>"
        }
        for tick in xTicks {
            svg += "<path class=\"grid\" d=\"M\(x(tick.value)) \(y(0))V\(y(yMax))\"/>"
            svg += "<text x=\"\(x(tick.value))\" y=\"\(Int(Self.height) - 12)\" class=\"x\">"
            svg += "\(HTMLText.escaped(tick.label))</text>"
        }
        for line in series where !line.points.isEmpty {
            let points = line.points.map { "\(x($0.x)) \(y($0.y))" }.joined(separator: " L")
            svg += "<path class=\"line \(line.style)\" d=\"M\(points)\"/>"
        }
        let legend = series.map {
            "<span class=\"\($0.style)\">\(HTMLText.escaped($0.name))</span>"
        }
        return "<h2>\(HTMLText.escaped(title))</h2><p class=\"legend\">\(legend.joined())</p>"
            + svg + "</svg>"
    }

    /// Some five round values from 0 to at least `max`.
    static func ticks(upTo max: Double, _ label: (Double) -> String) -> [Tick] {
        guard max > 0 else { return [] }
        var step = 1e-6
        let factors = [2.0, 2.5, 2.0]
        var turn = 0
        while step * 5 < max {
            step *= factors[turn % 3]
            turn += 1
        }
        return (0...Int((max / step).rounded(.up))).map { count in
            let value = Double(count) * step
            return Tick(value: value, label: label(value))
        }
    }
}

/// Text in a page.
enum HTMLText {
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
