//! Every wire status of both panels, mapped to five states without losing the text.
