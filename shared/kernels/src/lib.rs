//! Integer kernels: convolution and what goes with it, over bytes.
//!
//! A [`Program`] is a network as steps over activations; a [`Conv`] is one step that counts. One file for each instruction
//! set, all with the interface [`Kernel`]; `scalar` is the reference that every other equals bit for bit. Which one runs is
//! chosen by what the processor has.
//!
//! Those of small float networks, such as the face detector, are in [`floats`].
//!
//! This crate is a part of `lakshan-engine`, apart from it because it has the `unsafe` code and needs no other crate.

mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512vnni;
#[cfg(target_arch = "x86_64")]
mod avxvnni;
mod conv;
pub mod floats;
mod layers;
mod memory;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "aarch64")]
mod neon_a53;
#[cfg(target_arch = "aarch64")]
mod neon_a72;
#[cfg(target_arch = "aarch64")]
mod neon_dotprod;
mod peak;
mod pool;
#[cfg(target_arch = "aarch64")]
mod processor;
mod program;
mod range;
mod scalar;
mod tile;
mod winograd;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub use activation::Shape;
pub use conv::{Conv, Geometry, Parameters, Residual};
pub use layers::{Dense, Window};
pub use memory::Shelf;
pub use peak::peak;
pub use program::{Layer, Memory, Output, Program, Slot, Step, Times};
pub use range::Range;
pub use tile::Kernel;

/// The kernels that this processor can run, the best first. The last is the scalar one.
pub fn available() -> Vec<&'static Kernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if avx512vnni::is_available() {
            kernels.push(&avx512vnni::KERNEL);
        }
        if avxvnni::is_available() {
            kernels.push(&avxvnni::KERNEL);
        }
        if avx2::is_available() {
            kernels.push(&avx2::KERNEL);
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        if neon_dotprod::is_available() {
            kernels.push(&neon_dotprod::KERNEL);
        }
        // Every such processor can run both; which one suits its design says its name.
        let both = [&neon_a72::KERNEL, &neon_a53::KERNEL];
        kernels.extend(if processor::is_in_order() { [both[1], both[0]] } else { both });
    }
    kernels.push(&scalar::KERNEL);
    kernels
}
