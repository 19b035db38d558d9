//! What is sold: product codes, what each one takes, and what it costs.
