"""From linear light to channel levels, in an order that is law."""
