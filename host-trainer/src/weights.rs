//! Network weights: fetched by package name, converted, checked. Pure arrays; nothing here needs libtorch.

mod file;
pub mod imagenet;
mod keras;
pub mod pickle;
mod torchvision;

pub use file::{Architecture, Array, FileError, StrideOn, Weights};
pub(crate) use file::{read_arrays, write_arrays};
pub use keras::{KerasError, from_keras};
pub use torchvision::{MissingTensor, from_torchvision};
