internal import ArgumentParser
internal import Hyperliquid

/// Reads changes from standard input and plans after each.
struct PlanTrace {
    /// One line: what changes.
    private struct Step {
        let isAddition: Bool
        let argument: FeedArgument
    }

    private let printer: PlanPrinter

    init(_ printer: PlanPrinter) {
        self.printer = printer
    }

    /// Whether everything asked for could be done.
    func run(_ planner: ConnectionPlanner) throws -> Bool {
        var hasSucceeded = true
        // A wrong line is told before anything is printed.
        let steps = try Files.lines("-").map { number, line in (number, try Self.step(line, number)) }
        for (number, step) in steps {
            if step.isAddition {
                planner.add(step.argument.feed, given: step.argument.shown)
            } else if !planner.remove(step.argument.feed) {
                Output.error("line \(number): nothing to remove, \(step.argument.text) was not added before")
                hasSucceeded = false
            }
            let plan = planner.plan(withMoves: true)
            printer.show(plan)
            hasSucceeded = hasSucceeded && plan.isComplete
        }
        return hasSucceeded
    }

    private static func step(_ line: String, _ number: Int) throws -> Step {
        let example = #"write for example {"op":"add","feed":{"type":"trades","coin":"BTC"}}"#
        var operation: String?
        var feed: String?
        do throws(DecodingFault) {
            for (name, value) in try MessageReader.readFields(Array(line.utf8)) {
                let text = String(decoding: value, as: UTF8.self)
                if name == "op" { operation = text }
                if name == "feed" { feed = text }
            }
        } catch {
            throw ValidationError("Line \(number), '\(line)', is no JSON object (\(error)); \(example).")
        }
        guard let operation, operation == #""add""# || operation == #""remove""# else {
            throw ValidationError("Line \(number), '\(line)': op must be \"add\" or \"remove\"; \(example).")
        }
        guard let feed, feed.hasPrefix("{") else {
            throw ValidationError("Line \(number), '\(line)', has no feed object; \(example).")
        }
        do throws(FeedParameterError) {
            return Step(isAddition: operation == #""add""#, argument: try FeedArgument(feed))
        } catch {
            throw ValidationError("Line \(number), '\(line)': \(error)")
        }
    }
}
