//! The engine's kernels alone, without tract, for Miri and the sanitizers: `cargo xtask sanitize`.

#![allow(dead_code, unused_imports, reason = "the rest of the engine is what uses them")]

#[path = "../src"]
mod engine {
    mod kernels;
}
