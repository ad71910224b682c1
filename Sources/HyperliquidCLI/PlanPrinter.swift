internal import Hyperliquid

/// Prints plans, as JSON or as tables.
struct PlanPrinter {
    let isJSON: Bool
    let isTrace: Bool

    func show(_ plan: ConnectionPlanner.Result) {
        if isJSON {
            Output.bytes(plan.json)
        } else {
            Output.line(text(plan))
        }
    }

    private func text(_ plan: ConnectionPlanner.Result) -> String {
        var parts = [table(["slot", "endpoint", "kind", "feed", "why"], plan.feedRows)]
        if !plan.moveRows.isEmpty { parts.append(table(["moved", "from", "to", "why"], plan.moveRows)) }
        parts.append(table(["limit", "used", "allowed"], plan.limitRows))
        let milliseconds = plan.liveAfter / .milliseconds(1)
        parts.append("live after \(Int64(milliseconds.rounded())) ms" + (isTrace ? "\n" : ""))
        return parts.joined(separator: "\n\n")
    }

    private func table(_ header: [String], _ rows: [[String]]) -> String {
        var table = Table(header)
        for row in rows { table.add(row) }
        return table.text
    }
}
