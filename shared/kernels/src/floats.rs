//! Float kernels: small convolutional networks such as a face detector's, over 32-bit floats.
//!
//! One generic text of each kernel, made for an instruction set by its `vector::Vector`. Results are the same on every
//! processor, bit for bit: each output is one sum that begins with the bias and takes its products in the order of the
//! taps (row, column, channel), every one by a fused multiply-add, which rounds once; then the residual is added, then
//! what is not positive becomes 0. Vectors hold neighbouring channels, whose sums do not meet, so their length changes
//! nothing.
//!
//! | file | job |
//! |---|---|
//! | `vector` | what an instruction set must offer; the scalar one, which is the reference |
//! | `x86`, `neon` | AVX2 with FMA; NEON |
//! | `rows` | the kernels: a row of a convolution, of a depthwise convolution, of a maximum pool |
//! | `layers` | weights in the kernels' order, and which row reads what |
//! | `program` | a network as steps over planes |

mod layers;
#[cfg(target_arch = "aarch64")]
mod neon;
mod program;
mod rows;
#[cfg(test)]
mod tests;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use layers::{Convolution, Depthwise, Plane, Window};
pub use program::{FloatProgram, FloatStep, Slot, Work, between_plane};
pub use rows::FloatKernel;

/// The kernels that this processor can run, the best first. The last is the scalar one.
pub fn available() -> Vec<&'static FloatKernel> {
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    if x86::is_available() {
        kernels.push(&x86::KERNEL);
    }
    #[cfg(target_arch = "aarch64")]
    kernels.push(&neon::KERNEL);
    kernels.push(&vector::KERNEL);
    kernels
}

/// The kernel to use.
pub fn best() -> &'static FloatKernel {
    available()[0]
}
