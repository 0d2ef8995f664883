//! Integer kernels: convolution and what goes with it, over bytes.
//!
//! One file for each instruction set, all with the interface [`tile::Kernel`]; [`scalar`] is the reference that every
//! other equals bit for bit. Which one runs is chosen by what the processor has. This folder is the only place of the
//! engine with `unsafe` code.

mod activation;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512vnni;
#[cfg(target_arch = "x86_64")]
mod avxvnni;
mod conv;
mod layers;
mod peak;
mod pool;
mod program;
mod scalar;
mod tile;
mod winograd;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub(crate) use activation::Shape;
pub(crate) use conv::{Conv, Geometry, Input, Parameters};
pub(crate) use layers::{Dense, Window};
pub(crate) use peak::peak;
pub(crate) use program::{Layer, Memory, Output, Program, Slot, Step, Times};
pub(crate) use tile::Kernel;

/// The kernels that this processor can run, the best first. The last is the scalar one.
pub(crate) fn available() -> Vec<&'static Kernel> {
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
    kernels.push(&scalar::KERNEL);
    kernels
}
