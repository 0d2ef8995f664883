//! The device program: a photograph or a camera's frame -> face -> finding -> screen, with no network at all.
//!
//! | module | job |
//! |---|---|
//! | [`screening`] | one photograph through every stage, timed |
//! | [`screen`] | from what is to be shown to pixels; pure |
//! | [`text`] | every word, by language |
//! | [`band`] | a probability in words |
//! | [`bundle_search`] | where the bundle is when none is named |
//! | [`parts`] | the seams to the device's parts |
//! | [`camera`], [`display`], [`input`], [`indicator`], [`board`] | the parts; each says so when it is not in this build |
//! | [`self_test`] | whether every part does its work |
//! | [`cmd`] | one file a subcommand |
//! | [`report`] | errors as people read them |
//!
//! [`screen`], [`text`] and [`band`] do no I/O and read neither clock nor environment.

pub mod band;
pub mod board;
pub mod bundle_search;
pub mod camera;
pub mod cmd;
pub mod display;
pub mod indicator;
pub mod input;
pub mod missing_part;
pub mod parts;
pub mod png_file;
pub mod report;
pub mod screen;
pub mod screening;
pub mod self_test;
pub mod signs;
pub mod text;
