// Feeds, events and numbers are part of the client's API. They have a target of their own, which imports no other
// target.
@_exported public import HyperliquidWire
