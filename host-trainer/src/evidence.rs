//! The report: what a clinician and a regulator need to know of a bundle, measured with the device's engine.
//!
//! [`gather`] runs the quality gate, corrupted photographs and drawings; [`material`] holds what was computed; [`tables`]
//! makes T1 to T13 of it, [`gates`] says what must be reached, [`report`] holds all of it and [`page`] writes it as one
//! HTML file. [`compare`] sets two bundles side by side.

pub mod bootstrap;
pub mod compare;
pub mod corrupt;
pub mod gates;
pub mod gather;
pub mod material;
pub mod outsiders;
pub mod page;
pub mod plot;
pub mod report;
pub mod statistics;
pub mod table;
pub mod tables;

pub use material::Material;
pub use report::Report;
