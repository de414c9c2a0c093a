"""The questions that end in a protocol: `faradaic new`.

`questions.csv` is the way through them: their order, words and defaults, and when each applies.
`question` makes them of its rows, `usable` says what answers each takes, `written_answers` reads
answers of several parts (`MeCN/H2O 9:1`), `offers` holds what follows from other answers and from
the bench. `interview` is where a person stands in it, and `protocol` writes what was answered with
`document`. Nothing here touches a terminal.
"""
