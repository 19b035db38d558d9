//! One HTTP call to a hosting panel, start to end: deadlines, retries that are safe, caps, and errors that say what happened.
