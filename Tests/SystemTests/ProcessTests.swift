import Testing

/// Tests that start processes; one after the other, so that each has the machine to itself.
@Suite(.serialized) enum ProcessTests {}
