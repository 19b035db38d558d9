//! The run: a state machine over a journal that says what to do next and never guesses.
