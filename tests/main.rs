//! System tests: both built programs from the outside, and the rules that hold for the whole tree.
//!
//! They run the programs in `target/release`, so build those first: `cargo xtask test` does, and by hand it is
//! `cargo build --release --workspace && cargo test --release -p system-tests`.

/// Runs the programs, each test in a folder of its own.
mod harness;

/// Bundles that are damaged, foreign or too new.
mod bundles;
/// The scripts that let a cluster run a cross-validation.
mod cluster;
/// Data sets with faults.
mod datasets;
/// Training that is killed, interrupted, or runs out of disk.
mod interruption;
/// What the device program asks of the system: no file to write, no socket.
mod privacy;
/// The report of a bundle, in a browser too.
mod report;
/// The whole road in miniature; crops and scores agree on both sides.
mod road;
/// The shipped bundle on the shipped samples.
mod samples;
/// Signatures, beside the minisign program.
mod signing;

/// What names what, what does no I/O, where `unsafe` stands, how long files are.
mod architecture;
/// The tree's dependencies: no network on the device, neither program inside the other.
mod dependencies;
/// What the documents promise: commands and flags exist.
mod documents;
