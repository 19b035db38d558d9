//! From a paid order, a catalog and a fleet to a plan, or to a rejection in numbers.
