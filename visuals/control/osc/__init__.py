"""Open Sound Control: the show as a tree of addresses that desks, tablets and scripts may write and ask.

`packet` bytes to messages · `framing` packets in a TCP stream · `pattern` what `*` and `{}` match · `addresses`
the tree of a show · `reception` messages to events and answers · `subscribers` who is told of changes · `server`
the doors · `query` the tree described over HTTP.
"""
