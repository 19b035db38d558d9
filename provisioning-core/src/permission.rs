//! What a credential may do, what it lacks, and how to mend that.
