//! Everything that touches libtorch. No other module names `tch`.

pub mod augment;
pub mod balance;
pub mod bench;
pub mod checkpoint;
pub mod classify;
pub mod compensate;
pub mod device;
pub mod embedding;
pub mod features;
pub mod finetune;
pub mod folded;
pub mod loader;
pub mod loss;
pub mod mix;
pub mod optimizer;
pub mod recipe;
pub mod resnet50;
pub mod signs;
pub mod trainer;
pub mod validate;
