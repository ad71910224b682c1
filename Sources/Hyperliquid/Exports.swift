// Feeds, events and numbers are what users spell; they live in a room of their own that imports nothing.
@_exported public import HyperliquidWire
