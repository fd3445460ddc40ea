"""The 36 faults as tables: what is done, and what must hold. A number with a letter is one of several ways to do it."""
