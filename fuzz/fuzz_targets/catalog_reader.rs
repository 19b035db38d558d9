//! Whatever the text: no panic, a catalog whose products are found, or problems that each have a line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provisioning_core::catalog::{Catalog, CatalogError};

fuzz_target!(|text: &str| {
    match Catalog::from_toml("fuzz.toml", text) {
        Ok(catalog) => {
            assert!(!catalog.products().is_empty());
            for product in catalog.products() {
                assert_eq!(catalog.find(&product.code), Some(product));
            }
        }
        Err(CatalogError::TooLarge { .. }) => {}
        Err(error) => {
            let problems = error.problems();
            assert!(!problems.is_empty());
            assert!(
                problems
                    .iter()
                    .all(|problem| problem.path().starts_with("fuzz.toml:"))
            );
        }
    }
});
